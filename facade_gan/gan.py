"""The GAN: the chapter's two steps, and what Lightning needs around them."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.optim import Optimizer

from facade_gan.checkpoints import random_state
from facade_gan.checkpoints.rebuild import describe_network
from facade_gan.compute import finite
from facade_gan.compute.device import off_device, what_decides_rounding
from facade_gan.compute.execution import Eager
from facade_gan.data.batches import normalise
from facade_gan.distributed.collectives import average_gradients, from_all_devices
from facade_gan.ema import EMA
from facade_gan.losses import Loss
from facade_gan.networks.base import Discriminator, Generator, Network

SCALARS = ("loss/discriminator", "loss/generator", "D(x)", "D(G(z))/before", "D(G(z))/after")

UNSCALED = GradScaler(enabled=False)


class GAN(LightningModule):
    """Trains a discriminator and a generator against each other by manual optimization.

    One step is one update of each network, and ``trainer.global_step`` counts these steps.

    Args:
        generator: maps noise to images, see ``networks/base.py``.
        discriminator: maps images to one logit each.
        loss: the adversarial loss, see ``losses.py``.
        augment: what the discriminator's input goes through, real and fake alike.
        discriminator_optimizer: makes D's optimizer from its parameters.
        generator_optimizer: makes G's optimizer from its parameters.
        ema_decay: see ``ema.py``.
        batch_size: photos of a step; a block from the data module holds several such batches.
        fixed_noises: how many noises are sampled once, for the grids.
        compute: how the step is run: eager, as a CUDA graph or compiled.
    """

    fixed_noise: Tensor

    def __init__(
        self,
        *,
        generator: Generator,
        discriminator: Discriminator,
        loss: Loss,
        augment: nn.Module,
        discriminator_optimizer: Callable[..., Optimizer],
        generator_optimizer: Callable[..., Optimizer],
        ema_decay: float,
        batch_size: int,
        fixed_noises: int,
        compute: Eager,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.generator, self.discriminator = generator, discriminator
        self.loss, self.augment = loss, augment
        self.make_optimizers = discriminator_optimizer, generator_optimizer
        self.ema = EMA(generator, ema_decay)
        self.batch_size, self.compute = batch_size, compute
        self.register_buffer("fixed_noise", self.noise(fixed_noises))
        # Whoever saves the average saves one that is ready to generate.
        self.register_state_dict_pre_hook(lambda gan, prefix, keep_vars: gan.prepare_average())
        # SCALARS of each step since the last log, on the device: reading them would wait for it.
        self.unlogged: list[Tensor] = []
        self.broken_at: str | None = None  # the first step with a scalar that is no finite number
        self.saved: dict[str, list[Any]] = {}  # what each device saved, until training starts

    # ------------------------------------------------------------------ the chapter's step

    def step(self, photos: Tensor) -> Tensor:
        """Update D, then G, on one batch.

        Args:
            photos: uint8 (N, 3, H, W) on the device.

        Returns:
            SCALARS of this step, float32 (5,), still on the device.
        """
        d_optimizer, g_optimizer = self.optimizers(use_pl_optimizer=False)  # type: ignore[misc]

        real = normalise(photos)
        fake = self.generator(self.noise(len(real)))

        real_logits, fake_logits = self.judge(real, fake.detach())
        d_loss = self.loss.discriminator(real_logits, fake_logits)
        d_loss = self.loss.penalised(d_loss, self.judge, real, fake.detach())
        self.update(self.discriminator, d_optimizer, d_loss)

        fooled_logits, *references = self.judge(fake, *self.loss.references(real))
        g_loss = self.loss.generator(fooled_logits, *references)
        self.update(self.generator, g_optimizer, g_loss)

        self.ema.update(self.generator)
        logits = torch.stack([real_logits, fake_logits, fooled_logits]).detach()
        losses = torch.stack([d_loss, g_loss]).detach()
        return torch.cat([losses, logits.float().sigmoid().mean(1)])

    def noise(self, count: int) -> Tensor:
        """Sample z ~ N(0, 1), (count, latent_dim, 1, 1), on the module's device."""
        return torch.randn(count, self.generator.latent_dim, 1, 1, device=self.device)

    def judge(self, *batches: Tensor) -> tuple[Tensor, ...]:
        """Augment and judge each batch of images: one logit an image, (N,) a batch."""
        together = self.discriminator.judged_together
        if together is not None and all(len(images) % together == 0 for images in batches):
            # No logit depends on two batches: one pass over all gives the same ones, sooner.
            logits = self.discriminator(self.augment(torch.cat(batches))).flatten()
            return logits.split([len(images) for images in batches])
        return tuple(self.discriminator(self.augment(images)).flatten() for images in batches)

    def update(self, network: Network, optimizer: Optimizer, loss: Tensor) -> None:
        """Take one optimizer step on ``network``, and compute gradients of no other."""
        optimizer.zero_grad()
        self.scaler.scale(loss).backward(inputs=list(network.parameters()))
        average_gradients(network)  # over all devices
        self.scaler.step(optimizer)
        self.scaler.update()

    @property
    def scaler(self) -> GradScaler:
        """Scales the loss where gradients in fp16 would vanish; in other precisions does nothing.

        It is the precision plugin's, which Lightning saves in checkpoints and leaves unused under
        manual optimization.
        """
        plugin = None if self._trainer is None else self.trainer.precision_plugin
        return getattr(plugin, "scaler", None) or UNSCALED

    # ------------------------------------------------------------------ what it generates

    def prepare_average(self) -> None:
        """Make the average ready to generate; on several devices all of them have to call this."""
        with self.precision():
            self.ema.measure_batch_norms()

    @torch.no_grad()
    def generate_fixed(self) -> Tensor:
        """Map ``fixed_noise`` by the prepared average to images (N, 3, H, W) in [-1, 1]."""
        with self.precision():
            return self.ema.average(self.fixed_noise).float()

    def precision(self) -> AbstractContextManager[Any]:
        """Compute as in training: in bf16, say."""
        if self._trainer is None:
            return nullcontext()
        return self.trainer.precision_plugin.forward_context()

    # ------------------------------------------------------------------ around it, Lightning

    def configure_optimizers(self) -> list[Optimizer]:
        """D's optimizer, then G's."""
        make_d, make_g = self.make_optimizers
        return [make_d(self.discriminator.parameters()), make_g(self.generator.parameters())]

    def on_train_start(self) -> None:
        """Choose how the step is run, and put the random generators where they were."""
        self.run_step = self.compute.prepare(self)
        states = self.saved.get("rng", [])
        if len(states) == self.trainer.world_size:  # else devices would log means of unlike counts
            self.unlogged = list(self.saved["unlogged"][self.global_rank].to(self.device))
        if self.global_rank < len(states):  # else a device more than when it was saved
            random_state.restore(states[self.global_rank], self.device)
        self.saved = {}

    def cpu(self) -> Self:
        """Leave the device, as Lightning asks at the end of training and after a failure."""
        self.compute.release()
        self.__dict__.pop("run_step", None)  # it holds this module, which would hold itself
        return super().cpu()

    def training_step(self, block: Tensor, batch_idx: int) -> None:
        """Run one step on each batch of ``block``, uint8 (M, 3, H, W)."""
        for photos in block.split(self.batch_size):
            if self.trainer.global_step == self.trainer.max_steps:
                break
            self.unlogged.append(self.run_step(photos).clone())  # a graph overwrites its result
            self.count_step()
            every = self.trainer.log_every_n_steps  # type: ignore[attr-defined]
            if self.trainer.global_step % every == 0:
                self.log_scalars()

    def count_step(self) -> None:
        """Advance ``trainer.global_step``, which Lightning leaves alone with plain optimizers."""
        progress = self.trainer.fit_loop.epoch_loop.manual_optimization.optim_step_progress
        progress.increment_ready()
        progress.increment_completed()

    def log_scalars(self) -> None:
        """Log the means of SCALARS since the last call, and the learning rates."""
        latest = self.trainer.strategy.reduce(torch.stack(self.unlogged), reduce_op="mean")
        rates = [torch.as_tensor(o.param_groups[0]["lr"]) for o in self.trainer.optimizers]
        rows, d_rate, g_rate = off_device(latest, *rates)
        self.unlogged = []
        self.note_broken_scalar(rows)
        means = dict(zip(SCALARS, rows.mean(0).tolist(), strict=True))
        means["learning_rate/discriminator"] = d_rate.item()
        means["learning_rate/generator"] = g_rate.item()
        self.trainer.callback_metrics.update({k: torch.tensor(v) for k, v in means.items()})
        for logger in self.loggers:
            logger.log_metrics(means, step=self.trainer.global_step)

    def on_train_end(self) -> None:
        """Log the scalars of a run too short to have logged any; its checkpoint is written."""
        if self.unlogged and SCALARS[0] not in self.trainer.callback_metrics:
            self.log_scalars()

    def note_broken_scalar(self, rows: Tensor) -> None:
        """Note the first of the latest steps, SCALARS in each row, in which one is NaN or infinite.

        A weight that is shows there one step later.
        """
        broken = (~rows.isfinite()).nonzero().tolist()
        if broken and self.broken_at is None:
            row, column = broken[0]
            step = self.trainer.global_step - len(rows) + 1 + row
            self.broken_at = f"step {step}: {SCALARS[column]} is {rows[row, column].item()}"

    def note_broken_weight(self) -> bool:
        """Note a weight or statistic that holds NaN or infinity; say whether there is one."""
        tensor = finite.non_finite(self)
        if tensor is not None and self.broken_at is None:
            self.broken_at = f"step {self.trainer.global_step}: {tensor} holds NaN or infinity"
        return tensor is not None

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what the weights alone do not say; plain values and tensors only."""
        checkpoint["networks"] = {
            "generator": describe_network(self.generator),
            "discriminator": describe_network(self.discriminator),
        }
        checkpoint["environment"] = what_decides_rounding()
        unlogged = torch.stack(self.unlogged).cpu() if self.unlogged else torch.empty(0)
        checkpoint["rng"] = from_all_devices(random_state.state(self.device))
        checkpoint["unlogged"] = from_all_devices(unlogged)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore what ``on_save_checkpoint`` added; the generators are set at training's start."""
        self.saved = {name: checkpoint[name] for name in ("rng", "unlogged")}
        self.keep_settings(checkpoint["optimizer_states"])

    def keep_settings(self, optimizer_states: list[dict[str, Any]]) -> None:
        """Let the config decide learning rates and implementation; the states hold the moments."""
        for state, optimizer in zip(optimizer_states, self.configure_optimizers(), strict=True):
            for group in state["param_groups"]:
                group.update(optimizer.defaults)
