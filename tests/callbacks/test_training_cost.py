import time

import torch
from lightning.pytorch import LightningModule, Trainer
from torch import nn
from torch.utils.data import DataLoader

from facade_gan.callbacks.training_cost import Tally


class Module(LightningModule):
    def __init__(self, pause: float) -> None:
        super().__init__()
        self.layer, self.pause = nn.Linear(1, 1), pause
        self.batch_size = 4

    def training_step(self, batch: torch.Tensor, batch_idx: int) -> torch.Tensor:
        time.sleep(self.pause)
        return self.layer(batch).sum()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), 0.1)


def run(tally: Tally, pause: float) -> None:
    loader = DataLoader(torch.zeros(10, 1), batch_size=4)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = Trainer(
        accelerator="cpu", max_epochs=2, callbacks=[tally], enable_model_summary=False, **quiet
    )
    trainer.fit(Module(pause), loader)


def test_every_image_counts_those_of_the_last_small_batch_too() -> None:
    tally = Tally()
    run(tally, 0.0)
    assert tally.images_seen == 20


def test_the_clock_stops_with_the_training() -> None:
    tally = Tally()
    run(tally, 0.02)
    seconds = tally.seconds
    time.sleep(0.05)
    assert seconds >= 6 * 0.02
    assert tally.seconds == seconds


def test_a_resumed_run_counts_on_from_its_checkpoint() -> None:
    tally = Tally()
    tally.load_state_dict({"images_seen": 100, "seconds": 50.0})
    run(tally, 0.0)
    assert tally.images_seen == 120
    assert 50 < tally.seconds < 110
