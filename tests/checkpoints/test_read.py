import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import TINY, run_command
from hydra.utils import instantiate
from omegaconf import DictConfig
from safetensors.torch import save_file

from facade_gan.checkpoints.read import load_generator, read_checkpoint
from facade_gan.checkpoints.rebuild import describe_network
from facade_gan.checkpoints.write import AtomicCheckpointIO
from facade_gan.errors import UserError
from facade_gan.gan import GAN
from facade_gan.run.init_from import start_from
from facade_gan.run.start import intact, must_fit

Compose = Callable[..., DictConfig]
READERS = [read_checkpoint, load_generator, AtomicCheckpointIO().load_checkpoint, intact]


class Malicious:
    """Unpickling it makes a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return Path.touch, (self.trace,)


def gan_of(cfg: DictConfig) -> GAN:
    return instantiate(cfg.gan, _convert_="all")


def state_of(gan: GAN) -> dict[str, Any]:
    return {
        "state_dict": gan.state_dict(),
        "networks": {
            part: describe_network(getattr(gan, part)) for part in ("generator", "discriminator")
        },
    }


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("form", ["torch", "old torch", "pickle"])
def test_code_in_a_checkpoint_is_refused_and_never_run(
    tmp_path: Path, reader: Callable[[Path], Any], form: str
) -> None:
    trace, path = tmp_path / "trace", tmp_path / "model.ckpt"
    harm = {"state_dict": {}, "networks": Malicious(trace)}
    if form == "pickle":
        path.write_bytes(pickle.dumps(harm))
    else:
        torch.save(harm, path, _use_new_zipfile_serialization=form == "torch")
    with pytest.raises(UserError, match=r"model\.ckpt"):
        reader(path)
    assert not trace.exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_cut_checkpoint_is_named_as_damaged(
    composed: Compose, tmp_path: Path, share: float
) -> None:
    buffer = io.BytesIO()
    torch.save(state_of(gan_of(composed(*TINY))), buffer)
    whole = buffer.getvalue()
    path = tmp_path / "cut.ckpt"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(UserError, match=r"cut\.ckpt.*damaged"):
        read_checkpoint(path)


def test_files_of_another_kind_are_named_in_a_short_line(tmp_path: Path) -> None:
    (tmp_path / "text.ckpt").write_text("no checkpoint")
    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    torch.save(torch.zeros(2), tmp_path / "tensor.ckpt")
    for name, reason in {
        "text.ckpt": "no whole file of PyTorch's",
        "other.safetensors": "its metadata names no networks",
        "tensor.ckpt": "holds a Tensor",
    }.items():
        with pytest.raises(UserError, match=rf"{name}: not a checkpoint .* \({reason}\)$"):
            read_checkpoint(tmp_path / name)


@pytest.mark.parametrize("out", ["x.onnx", "x.safetensors", "folder"])
def test_a_checkpoint_of_another_program_is_not_exported(out: str, tmp_path: Path) -> None:
    torch.save({"state_dict": {"weight": torch.zeros(2)}}, tmp_path / "other.ckpt")
    done = run_command("-m", "facade_gan", "export", "checkpoint=other.ckpt", f"out={out}",
                       cwd=tmp_path)  # fmt: skip
    _, said = done.stderr.splitlines()  # behind what is loaded
    assert "other.ckpt: holds no description of its networks" in said and done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["other.ckpt"]


def test_a_flipped_bit_in_a_weight_is_found(composed: Compose, tmp_path: Path) -> None:
    path = tmp_path / "flipped.ckpt"
    torch.save(state_of(gan_of(composed(*TINY))), path)
    with zipfile.ZipFile(path) as archive:
        largest = max(archive.infolist(), key=lambda info: info.file_size)
    data = bytearray(path.read_bytes())
    data[largest.header_offset + largest.file_size // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"flipped\.ckpt.*damaged"):
        read_checkpoint(path)


def test_a_damaged_last_checkpoint_is_set_aside_for_the_one_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    last, previous = tmp_path / "last.ckpt", tmp_path / "previous.ckpt"
    torch.save({"global_step": 7}, previous)
    last.write_bytes(previous.read_bytes()[:300])
    assert intact(last) == (previous, {"global_step": 7})
    assert "last.ckpt" in caplog.text and "previous.ckpt is used" in caplog.text
    assert (tmp_path / "damaged.ckpt").is_file()
    assert not last.exists()


def test_a_kill_between_two_renames_leaves_the_one_before(tmp_path: Path) -> None:
    assert intact(tmp_path / "last.ckpt") is None
    torch.save({"global_step": 7}, tmp_path / "previous.ckpt")
    assert intact(tmp_path / "last.ckpt") == (tmp_path / "previous.ckpt", {"global_step": 7})


def test_two_damaged_checkpoints_are_an_error(tmp_path: Path) -> None:
    for name in ("last.ckpt", "previous.ckpt"):
        (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"previous\.ckpt"):
        intact(tmp_path / "last.ckpt")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("model.generator.channels=[4,4,4,4]", "no stage of its generator fits"),
        ("model.discriminator.spectral=1.0", "another discriminator.*spectral 1.0, not 2.0"),
        ("model=dcgan model.generator.channels=8", "another generator.*DCGAN"),
    ],
)  # fmt: skip
def test_networks_of_another_kind_are_refused_with_what_differs(
    composed: Compose, tmp_path: Path, change: str, words: str
) -> None:
    changes = change.split()
    overridden = {c.split("=")[0] for c in changes}
    others = gan_of(composed(*[t for t in TINY if t.split("=")[0] not in overridden], *changes))
    path = tmp_path / "other.ckpt"
    torch.save(state_of(others), path)
    with pytest.raises(UserError, match=words):
        start_from(str(path), gan_of(composed(*TINY)))


def test_starting_weights_can_not_be_resumed(composed: Compose) -> None:
    gan = gan_of(composed(*TINY))
    with pytest.raises(UserError, match=r"lacks .*rng.*init_from"):
        must_fit("ckpt_path=x", state_of(gan), gan)


def test_a_run_starts_from_the_networks_of_another(composed: Compose, tmp_path: Path) -> None:
    other, gan = gan_of(composed(*TINY)), gan_of(composed(*TINY))
    torch.save(state_of(other), tmp_path / "other.ckpt")
    noise = gan.fixed_noise.clone()
    start_from(str(tmp_path / "other.ckpt"), gan)
    for key, tensor in other.state_dict().items():
        assert torch.equal(gan.state_dict()[key], noise if key == "fixed_noise" else tensor), key
