"""By which photos runs were trained and judged: what may share a row of the table."""

from test_results import add, leave_run, rows


def test_runs_over_other_photos_have_rows_of_their_own(tmp_path):
    roots = {"paris": "one", "wien": "two", "also paris": "one"}
    for seed, (name, digest) in enumerate(roots.items()):
        settings = [f"data.root='/photos/{name}'"]
        leave_run(tmp_path, name, seed=seed, settings=settings, photos_digest=digest)
    assert sorted(row[5] for row in rows(tmp_path)) == [
        "0.0500 (1 seed)",
        "0.0500 ± 0.0000 (2 seeds)",
    ]


def test_photos_of_which_a_run_of_an_earlier_version_says_nothing_are_told_by_their_folder(
    tmp_path,
):
    for name in ("/photos/paris", "/photos/wien"):
        for seed in (0, 1):
            leave_run(tmp_path, f"{name[8:]}{seed}", seed=seed, settings=[f"data.root={name}"])
    leave_run(tmp_path, "part", settings=["data.root=/photos/wien", "data.limit=450"])
    assert len(rows(tmp_path)) == 3


def test_a_figure_by_another_kind_of_pictures_is_not_one_by_the_training_photos(tmp_path):
    folder = leave_run(tmp_path, "a", splits=("train",))
    for name, cell in {"folder.FolderData": "50 train photos",
                       "procedural.ProceduralData": "50 drawn facades"}.items():  # fmt: skip
        add(folder / "evaluation.json", data={"_target_": f"facade_gan.data.{name}"})
        assert rows(tmp_path, split="train")[0][6].endswith(f", {cell}")


def test_a_figure_by_other_photos_than_those_of_the_training_says_so(tmp_path):
    folder = leave_run(tmp_path, "a", splits=("train", "held_out"))
    add(folder / "evaluation.json", data={"_target_": "facade_gan.data.folder.FolderData"})

    def cells():
        measured_on = [rows(tmp_path, split=split)[0][6] for split in ("train", "held_out")]
        return [cell.rpartition(", ")[2] for cell in measured_on]

    add(folder / "evaluation.json", trained_on_these_photos=True)
    assert cells() == ["50 train photos", "50 held out photos"]
    add(folder / "evaluation.json", trained_on_these_photos=False)
    assert cells() == ["50 other photos", "50 other photos"]
    add(folder / "evaluation.json", trained_on_these_photos=None)  # as in reports of before
    add(folder / "summary.json", photos=40)
    assert cells() == ["50 other photos", "50 held out photos"]


def test_figures_by_two_sets_of_other_photos_share_no_row(tmp_path):
    for seed, name in enumerate(("paris", "paris", "wien")):
        folder = leave_run(tmp_path, str(seed), seed=seed)
        data = {"_target_": "facade_gan.data.folder.FolderData", "root": f"/photos/{name}"}
        add(folder / "evaluation.json", trained_on_these_photos=False, data=data)
    assert len(rows(tmp_path)) == 2
