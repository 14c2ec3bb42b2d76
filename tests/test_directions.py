"""``facade-gan directions`` as a user runs it."""

from pathlib import Path

import numpy as np
import pytest
from conftest import run_here
from PIL import Image

from facade_gan.errors import UserError


def test_the_directions_of_a_sheet_are_written_over_by_new_ones_alone(tmp_path: Path) -> None:
    sheet, beside = tmp_path / "keep.png", tmp_path / "keep.npz"
    for method in ("sefa", "pca"):
        run_here("directions", f"out={sheet}", f"method={method}")
        with np.load(beside) as archive:
            assert archive["directions"].shape == (100, 100)
    sheet.unlink()
    for content in ("images", "no .npz"):
        if content == "images":
            np.savez(beside, images=np.zeros((1, 2, 2, 3), np.uint8))
        else:
            beside.write_text(content)
        before = beside.read_bytes()
        with pytest.raises(UserError, match=r"keep\.png: .*keep\.npz, which is there and holds"):
            run_here("directions", f"out={sheet}")
        assert beside.read_bytes() == before and not sheet.exists()


def test_a_home_folder_is_written_as_the_shell_writes_it(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = tmp_path_factory.mktemp("photos")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    run_here("directions", "out='~/d.png'")
    Image.effect_noise((64, 64), 90).convert("RGB").save(photos / "photo.png")
    run_here("photos", f"data.root={photos}", f"data.cache_dir={photos}", "out='~/sheet.png'")
    run_here("generate", "out='~/x.npz'", "count=1", "directions='~/d.npz'", "direction.1=1")
    run_here("generate", "out='~/y.png'", "count=1", "latents='~/x.npz'")
    run_here("video", "out='~/walk.gif'", "seconds=0.1", "from=0", "to=1")
    (tmp_path / "home" / "grids").mkdir()
    (tmp_path / "home" / "y.png").rename(tmp_path / "home" / "grids" / "epoch_0001.png")
    run_here("video", "run='~'", "out='~/training.gif'", "seconds=0.1")
    quick = ("own=1", "candidates=2", "steps=1")
    run_here("project", "photo='~/grids/epoch_0001.png'", "out='~/projected'", *quick)
    made = {
        "d.png",
        "sheet.png",
        "d.npz",
        "x.npz",
        "walk.gif",
        "grids",
        "training.gif",
        "projected",
    }
    assert {path.name for path in (tmp_path / "home").iterdir()} == made
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
