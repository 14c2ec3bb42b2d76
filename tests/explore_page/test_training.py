"""Which run the page watches."""

from pathlib import Path

import pytest

from facade_gan.explore_page.training import watched


def test_the_run_that_the_networks_are_from_is_watched_also_where_the_best_alone_is_left(
    tmp_path: Path,
) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "best.ckpt").touch()
    found = watched(str(tmp_path), None)
    assert found is not None and found.folder == tmp_path


def test_a_run_in_its_first_epoch_is_watched_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / ".hydra").mkdir()
    found = watched("drawn", str(tmp_path))
    assert found is not None and found.folder == tmp_path and found.grids() == []


def test_a_folder_of_a_hub_and_one_called_as_shipped_weights_are_no_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = tmp_path / "hub"
    hub.mkdir()
    (hub / "model.safetensors").touch()
    (tmp_path / "drawn").mkdir()
    monkeypatch.chdir(tmp_path)
    assert watched("hub", None) is watched(str(hub), None) is watched("drawn", None) is None
    assert watched(str(hub / "model.safetensors"), None) is None
