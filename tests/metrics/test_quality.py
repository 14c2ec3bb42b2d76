import numpy as np
import pytest
import torch
from scipy import linalg

from facade_gan.errors import UserError
from facade_gan.metrics.features import Extractor, extract
from facade_gan.metrics.quality import Quality, fid_of_features, kid_of_features


class MeanColour(Extractor):
    """Six numbers an image, and a count of the images looked at."""

    name = "mean-colour"
    seen = 0

    def forward(self, images):
        self.seen += len(images)
        pixels = images.float().flatten(2) / 255
        return torch.cat([pixels.mean(2), pixels.std(2)], 1)


def images(count, low=0, high=256, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(low, high, (count, 3, 8, 8), generator=generator, dtype=torch.uint8)


def features(count, shift=0.0, seed=0):
    return torch.randn(count, 20, generator=torch.Generator().manual_seed(seed)) + shift


def kid_by_the_formula(x, y):
    """Equation 3 with the kernel of section 4 of Binkowski et al., 2018, on whole sets."""

    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3

    m, n = len(x), len(y)
    within_x = (kernel(x, x).sum() - np.trace(kernel(x, x))) / (m * (m - 1))
    within_y = (kernel(y, y).sum() - np.trace(kernel(y, y))) / (n * (n - 1))
    return within_x + within_y - 2 * kernel(x, y).mean()


def fid_by_the_formula(x, y):
    covariance_x, covariance_y = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = linalg.sqrtm(covariance_x @ covariance_y).real
    difference = x.mean(0) - y.mean(0)
    return difference @ difference + np.trace(covariance_x + covariance_y - 2 * root)


def test_kid_of_equal_counts_is_the_formula():
    x, y = features(60), features(60, shift=0.5, seed=1)
    expected = kid_by_the_formula(x.double().numpy(), y.double().numpy())
    assert kid_of_features(x, y) == pytest.approx(expected, rel=1e-4)


def test_kid_of_unequal_counts_comes_close_to_the_formula_on_whole_sets():
    x, y = features(400), features(80, shift=0.5, seed=1)
    expected = kid_by_the_formula(x.double().numpy(), y.double().numpy())
    assert kid_of_features(x, y) == pytest.approx(expected, rel=0.03)


def test_kid_between_draws_of_one_distribution_is_zero_on_average():
    draws = [
        kid_of_features(features(50, seed=2 * i), features(50, seed=2 * i + 1)) for i in range(20)
    ]
    assert abs(np.mean(draws)) < 3 * np.std(draws) / np.sqrt(20)
    assert min(draws) < 0 < max(draws)


def test_fid_is_the_formula():
    x, y = features(200), features(150, shift=0.5, seed=1) * 2
    expected = fid_by_the_formula(x.double().numpy(), y.double().numpy())
    assert fid_of_features(x, y) == pytest.approx(expected, rel=1e-4)


def test_fid_holds_where_there_are_fewer_samples_than_features():
    x, y = features(12), features(15, shift=0.5, seed=1)
    # Tr sqrt(A B) by singular values, which needs no root of a singular matrix.
    a, b = (f.double() - f.double().mean(0) for f in (x, y))
    root = torch.linalg.svdvals(a @ b.T).sum() / (11 * 14) ** 0.5
    expected = (
        (x.double().mean(0) - y.double().mean(0)).square().sum()
        + a.square().sum() / 11
        + b.square().sum() / 14
        - 2 * root
    )
    assert fid_of_features(x, y) == pytest.approx(expected.item(), rel=1e-4)


def test_the_seed_alone_decides_kid():
    x, y = features(90), features(30, shift=0.5, seed=1)
    torch.manual_seed(1)
    first = kid_of_features(x, y, seed=5)
    torch.manual_seed(2)
    assert kid_of_features(x, y, seed=5) == first
    assert kid_of_features(x, y, seed=6) != first


def test_scoring_leaves_the_global_generator_as_it_was(tmp_path):
    before = torch.get_rng_state()
    Quality({"train": images(9)}, MeanColour(), tmp_path).score(images(12, seed=1))
    assert torch.equal(torch.get_rng_state(), before)


def test_images_like_the_photos_score_better_than_others():
    real = images(40)
    alike, darker = images(40, seed=1), images(40, high=200, seed=1)
    near, far, photos = (extract(each, MeanColour()) for each in (alike, darker, real))
    assert kid_of_features(near, photos) < kid_of_features(far, photos)


def test_every_score_says_what_it_was_measured_on(tmp_path):
    splits = {"train": images(30), "held_out": images(10, seed=1)}
    scores = Quality(splits, MeanColour(), tmp_path).score(images(20, seed=2))
    said = [(s.metric, s.split, s.features, s.fakes, s.photos) for s in scores]
    assert said == [
        ("kid", "train", "mean-colour", 20, 30),
        ("kid", "held_out", "mean-colour", 20, 10),
        ("fid", "train", "mean-colour", 20, 30),
        ("fid", "held_out", "mean-colour", 20, 10),
    ]


def test_photos_are_looked_at_once_even_by_a_later_run(tmp_path):
    first, later = MeanColour(), MeanColour()
    scores = Quality({"train": images(30)}, first, tmp_path).score(images(20, seed=1))
    again = Quality({"train": images(30)}, later, tmp_path).score(images(20, seed=1))
    assert again == scores
    assert (first.seen, later.seen) == (50, 20)


def test_a_split_of_one_photo_is_refused_in_one_line(tmp_path):
    with pytest.raises(UserError, match=r"1 photo in held_out.*data\.holdout"):
        Quality({"train": images(9), "held_out": images(1)}, MeanColour(), tmp_path)


def test_one_rank_scores_alone_without_waiting_for_the_others(monkeypatch):
    def gather(*_args, **_kwargs):
        raise AssertionError("a collective call that no other rank answers")

    monkeypatch.setattr("torchmetrics.metric.jit_distributed_available", lambda: True)
    monkeypatch.setattr("torchmetrics.metric.gather_all_tensors", gather)
    kid_of_features(features(9), features(9, seed=1))
    fid_of_features(features(9), features(9, seed=1))
