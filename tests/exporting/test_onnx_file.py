"""A generator as ONNX, run by onnxruntime as a stranger would."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

onnx = pytest.importorskip("onnx", reason="needs the extra `onnx`")
pytest.importorskip("onnxscript", reason="needs the extra `onnx`")
onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra `onnx`")

from facade_gan.errors import UserError  # noqa: E402
from facade_gan.exporting import onnx_file  # noqa: E402
from facade_gan.exporting.folding import Folded  # noqa: E402
from facade_gan.networks.dcgan import DCGANGenerator  # noqa: E402
from facade_gan.networks.lightweight import LightweightGenerator  # noqa: E402

LIGHT, DCGAN = "lightweight", "dcgan"


def generator(kind: str, size: object) -> LightweightGenerator | DCGANGenerator:
    """Make one whose maps and statistics are as large as a trained one's."""
    torch.manual_seed(3)
    if kind == LIGHT:
        made: LightweightGenerator | DCGANGenerator = LightweightGenerator(size, 24, [16, 12, 8])
    else:
        made = DCGANGenerator(size, 24, 4)
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1, 0.2)
            nn.init.normal_(module.bias, 0, 0.2)
    made.train()
    with torch.no_grad():
        for _ in range(20):  # the statistics of what comes
            made(torch.randn(8, 24, 1, 1))
    made.eval()
    last = made.to_rgb if isinstance(made, LightweightGenerator) else made.layers[-2]
    with torch.no_grad():
        for _ in range(3):
            last.weight *= 0.4 / made(torch.randn(8, 24, 1, 1)).std()
    return made


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (LIGHT, [96, 64]),
        (DCGAN, 32),
        *(
            pytest.param(kind, size, marks=pytest.mark.slow)
            for kind, size in itertools.product((LIGHT, DCGAN), (32, 64, 128, 256, [96, 64]))
        ),
    ],
)
def test_onnxruntime_gives_the_images_of_pytorch_for_any_number_of_noises(
    tmp_path: Path, kind: str, size: object
) -> None:
    made, path = generator(kind, size), tmp_path / "x.onnx"
    comparison = onnx_file.write_onnx(made, path, {"checkpoint": "mine"})
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for count in (1, 3, 7):
        z = torch.randn(count, 24)
        with torch.inference_mode():
            expected = made(z[:, :, None, None]).numpy()
        images = session.run(["images"], {"noise": z.numpy()})[0]
        assert np.abs(images - expected).max() < 1e-4
    assert expected.std() > 0.1  # an image that is hardly there proves nothing
    assert comparison.largest < 1e-4 and comparison.onnxruntime > 0 and comparison.pytorch > 0
    kinds = {node.op_type for node in onnx.load(path).graph.node}
    assert not kinds & {"BatchNormalization", "MatMul"}  # of training, and of merging kernels
    assert session.get_modelmeta().custom_metadata_map["checkpoint"] == "mine"


def test_folding_leaves_the_generator_as_it_was() -> None:
    made = generator(LIGHT, 32)
    z = torch.randn(2, 24, 1, 1)
    with torch.no_grad():
        before = made(z)
        torch.testing.assert_close(Folded(made)(z.flatten(1)), before, rtol=0, atol=1e-5)
        assert torch.equal(made(z), before)
    assert all(weight.requires_grad for weight in made.parameters())


def test_a_file_that_gives_other_images_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong(Folded):
        def forward(self, noise: torch.Tensor) -> torch.Tensor:
            return super().forward(noise) + 0.001

    monkeypatch.setattr(onnx_file, "Folded", Wrong)
    with pytest.raises(UserError, match=r"not written, as onnxruntime's images differ .* 1\.0e-03"):
        onnx_file.write_onnx(generator(DCGAN, 32), tmp_path / "x.onnx", {})
    assert not list(tmp_path.iterdir())


def test_a_network_that_onnx_has_no_words_for_is_named(tmp_path: Path) -> None:
    class Branching(nn.Module):
        latent_dim, image_size = 24, 32

        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return z if z.sum() > 0 else -z

    with pytest.raises(UserError, match="Branching can't be exported to ONNX: "):
        onnx_file.write_onnx(Branching().eval(), tmp_path / "x.onnx", {})  # type: ignore[arg-type]
