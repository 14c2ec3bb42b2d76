"""Photos in shards: the same blocks as from memory, without the memory."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from facade_gan.data.module import FacadeData
from facade_gan.data.pages import PAGE, Pages, open_pages
from facade_gan.data.photoset import LeftOut, PhotoSet
from facade_gan.data.procedural import ProceduralData
from facade_gan.data.shards import PageBlocks, ShardData
from facade_gan.errors import UserError
from facade_gan.shard import write_shards

pytest.importorskip(
    "litdata", reason="the extra is not installed: pip install 'facade_gan[shards]'"
)

COUNT = 5 * PAGE + 17
COMMON: dict[str, Any] = {"image_size": 8, "batch_size": 10, "seed": 3, "steps_per_call": 2}
BASE = {**COMMON, "mirror": False, "limit": None, "memory_share": 0.5}


def numbered(count: int) -> Tensor:
    """Photos that tell their number, and whether they are mirrored: uint8 (count, 3, 8, 8)."""
    photos = torch.zeros(count, 3, 8, 8, dtype=torch.uint8)
    numbers = torch.arange(count)
    photos[:, 0] = (numbers % 256).byte().view(-1, 1, 1)
    photos[:, 1] = (numbers // 256).byte().view(-1, 1, 1)
    photos[:, 2, :, 0] = 255  # the left edge
    return photos


def numbers(photos: Tensor) -> list[int]:
    return (photos[:, 0, 0, 0].int() + 256 * photos[:, 1, 0, 0].int()).tolist()


def is_mirrored(photos: Tensor) -> Tensor:
    assert bool((photos[:, 2, 0, 0].bool() != photos[:, 2, 0, -1].bool()).all())
    return photos[:, 2, 0, 0] == 0


class Numbered(FacadeData):
    """``count`` numbered photos, in pieces of an odd size."""

    def __init__(self, count: int, holdout: int = 0) -> None:
        super().__init__(**BASE, holdout=holdout)
        self.count = count

    def load(self) -> PhotoSet:
        return PhotoSet(numbered(self.count), [str(i) for i in range(self.count)])

    def pieces(self) -> tuple[int, Iterator[PhotoSet]]:
        pieces = numbered(self.count).split(37)
        broken = [LeftOut("broken.jpg", "cut short")]
        return self.count + 1, (
            PhotoSet(p, [], broken if i == 0 else []) for i, p in enumerate(pieces)
        )


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards") / "set"
    write_shards(Numbered(COUNT), folder, chunk_bytes=30_000)  # two pages a chunk
    return folder


def blocks(shards: Path, rank: int = 0, world_size: int = 1, **changed: Any) -> PageBlocks:
    options = {
        "batch_size": 10,
        "steps_per_call": 2,
        "seed": 3,
        "mix": 2,
        "mirror": False,
        **changed,
    }
    pages = Pages(shards / "train", COUNT, readers=2)
    return PageBlocks(pages, **options, rank=rank, world_size=world_size)


def test_an_epoch_serves_every_photo_once_in_blocks_of_the_right_size(shards: Path) -> None:
    served = list(blocks(shards))
    assert [len(block) for block in served] == [20] * (COUNT // 20) + [COUNT % 20]
    assert len(blocks(shards)) == len(served)
    assert served[0].dtype == torch.uint8 and served[0].shape == (20, 3, 8, 8)
    assert sorted(numbers(torch.cat(served))) == list(range(COUNT))


def test_every_epoch_and_every_seed_has_an_order_of_its_own(shards: Path) -> None:
    loader = blocks(shards)
    first, second = (numbers(torch.cat(list(loader))) for _ in range(2))
    other = numbers(torch.cat(list(blocks(shards, seed=4))))
    assert sorted(first) == sorted(second) and first != second and first != other
    assert numbers(torch.cat(list(blocks(shards)))) == first


def test_a_block_mixes_photos_of_several_pages(shards: Path) -> None:
    block = next(iter(blocks(shards)))
    assert len({number // PAGE for number in numbers(block)}) == 2


def test_about_half_of_the_photos_are_mirrored_anew_each_epoch(shards: Path) -> None:
    loader = blocks(shards, mirror=True)
    flags = []
    for _ in range(2):
        photos = torch.cat(list(loader))
        order = torch.tensor(numbers(photos)).argsort()
        flags.append(is_mirrored(photos)[order])
        assert 0.35 < flags[-1].float().mean() < 0.65
    assert not torch.equal(*flags)


@pytest.mark.parametrize("position", [0, 1, 6, 13, 16])
def test_an_interrupted_epoch_goes_on_with_the_blocks_that_were_left(
    shards: Path, position: int
) -> None:
    whole = blocks(shards, mirror=True)
    epochs = list(whole) + list(whole)
    interrupted = blocks(shards, mirror=True)
    for _, _block in zip(range(position), interrupted, strict=False):
        pass
    resumed = blocks(shards, mirror=True)
    resumed.load_state_dict(interrupted.state_dict())
    rest = list(resumed) + (list(resumed) if position < len(whole) else [])
    expected = epochs[position:]
    assert len(rest) == len(expected)
    assert all(torch.equal(a, b) for a, b in zip(rest, expected, strict=True))


class Counted:
    """So many photos in pages, none of which is read."""

    def __init__(self, photos: int) -> None:
        self.photos = photos

    def __len__(self) -> int:
        return -(-self.photos // PAGE)


@pytest.mark.parametrize(
    ("photos", "devices", "shown"),
    [(130, 2, 128), (200, 3, 192), (1000, 2, 976), (10_000, 8, 9728), (1000, 1, 1000)],
)
def test_an_epoch_on_several_devices_leaves_out_as_little_as_pages_allow(
    photos: int, devices: int, shown: int
) -> None:
    loaders = [
        PageBlocks(Counted(photos), 10, 2, 3, 2, False, rank, devices)  # type: ignore[arg-type]
        for rank in range(devices)
    ]
    assert sum(loader.share for loader in loaders) == shown
    last = photos // PAGE if photos % PAGE else -1
    for epoch in range(5):
        pages = [loader.order(epoch).tolist() for loader in loaders]
        assert len({page for own in pages for page in own}) == sum(map(len, pages))
        for own, loader in zip(pages, loaders, strict=True):  # enough on each, whichever it got
            held = sum(photos % PAGE if page == last else PAGE for page in own)
            assert held >= loader.share


@pytest.mark.parametrize("devices", [2, 3])
def test_devices_share_an_epoch_without_overlap_and_take_equally_many_blocks(
    shards: Path, devices: int
) -> None:
    for _ in range(3):  # which device has the page that isn't full changes by epoch
        loaders = [blocks(shards, rank, devices) for rank in range(devices)]
        served = [list(loader) for loader in loaders]
        shapes = [[len(block) for block in one] for one in served]
        assert all(shape == shapes[0] for shape in shapes)
        together = [n for one in served for n in numbers(torch.cat(one))]
        assert len(set(together)) == len(together) > COUNT - 2 * devices * PAGE


def test_a_place_inside_an_epoch_of_another_number_of_devices_is_refused(shards: Path) -> None:
    loader = blocks(shards)
    next(iter(loader))
    with pytest.raises(UserError, match="end of an epoch"):
        blocks(shards, 0, 2).load_state_dict(loader.state_dict())


def test_fewer_pages_than_devices_is_said_in_words(shards: Path) -> None:
    with pytest.raises(UserError, match="too few for 9 devices"):
        blocks(shards, 0, 9)


def test_shards_of_drawings_hold_the_photos_of_the_same_set_in_memory(tmp_path: Path) -> None:
    drawn = ProceduralData(
        count=70, cache_dir=str(tmp_path), **BASE | {"image_size": 32}, holdout=0
    )
    write_shards(drawn, tmp_path / "out", chunk_bytes=2**20)
    pages = open_pages(tmp_path / "out" / "train")
    assert torch.equal(torch.cat([pages[0], pages[1]]), drawn.load().photos)


def test_held_out_photos_are_in_no_block_and_left_out_files_are_named(tmp_path: Path) -> None:
    contents = write_shards(Numbered(200, holdout=30), tmp_path / "out", chunk_bytes=2**20)
    assert contents == {
        "image_size": 8,
        "photos": 170,
        "held_out": 30,
        "left_out": {"broken.jpg": "cut short"},
        "changes": {},
    }
    data = shard_data(tmp_path / "out", reference=50)
    data.setup()
    assert data.held_out is not None
    assert len(data.train) == 50 and data.samples == 170
    served = numbers(torch.cat(list(data.train_dataloader())))
    assert sorted(served + numbers(data.held_out.photos)) == list(range(200))


def shard_data(root: Path, reference: int = 10, **changed: Any) -> ShardData:
    data = ShardData(
        root=str(root), mix=2, readers=1, reference=reference, mirror=False, **COMMON | changed
    )
    data.trainer = SimpleNamespace(global_rank=0, world_size=1)  # type: ignore[assignment]
    return data


def test_what_an_epoch_leaves_out_on_several_devices_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_shards(Numbered(170), tmp_path / "out", chunk_bytes=2**20)
    for rank, devices in ((0, 1), (0, 2), (1, 2)):
        data = shard_data(tmp_path / "out")
        data.trainer = SimpleNamespace(global_rank=rank, world_size=devices)  # type: ignore
        data.setup()
        data.train_dataloader()
    (said,) = [record.getMessage() for record in caplog.records if "epoch" in record.getMessage()]
    assert said.startswith("An epoch shows 128 of 170 photos")


def test_the_data_module_goes_on_where_its_state_says(shards: Path) -> None:
    data = shard_data(shards)
    data.setup()
    ahead = iter(data.train_dataloader())
    next(ahead)
    resumed = shard_data(shards)
    resumed.setup()
    resumed.load_state_dict(data.state_dict())
    assert torch.equal(next(iter(resumed.train_dataloader())), next(ahead))


def test_mistakes_are_said_in_one_line(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no shards: python -m"):
        shard_data(tmp_path).setup()
    with pytest.raises(UserError, match="holds photos of 8 pixels: set image_size=8"):
        shard_data(shards, image_size=64).setup()
    with pytest.raises(UserError, match="fewer than a batch of 1000"):
        shard_data(shards, batch_size=1000).setup()
    with pytest.raises(UserError, match="holds shards already"):
        write_shards(Numbered(COUNT), shards, chunk_bytes=2**20)
    with pytest.raises(UserError, match="leaves none"):
        write_shards(Numbered(20, holdout=30), tmp_path / "out", chunk_bytes=2**20)


@pytest.mark.parametrize("inside", ["train/front.jpg", "held_out/front.jpg", "front.jpg"])
def test_a_folder_with_other_files_is_left_alone(inside: str, tmp_path: Path) -> None:
    photo = tmp_path / inside
    photo.parent.mkdir(exist_ok=True)
    photo.write_bytes(b"a photo")
    with pytest.raises(UserError, match="holds other files: name a new folder"):
        write_shards(Numbered(200), tmp_path, chunk_bytes=20_000)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [photo]


def test_a_conversion_that_was_cut_short_is_no_set_and_can_be_made_again(tmp_path: Path) -> None:
    class CutShort(Numbered):
        def pieces(self) -> tuple[int, Iterator[PhotoSet]]:
            def fails() -> Iterator[PhotoSet]:
                yield from list(super(CutShort, self).pieces()[1])[:3]
                raise KeyboardInterrupt

            return self.count, fails()

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        write_shards(CutShort(200), out, chunk_bytes=20_000)
    with pytest.raises(UserError, match="holds no shards"):
        shard_data(out).setup()
    write_shards(Numbered(200), out, chunk_bytes=20_000)
    assert sorted(numbers(torch.cat(list(open_pages(out / "train"))))) == list(range(200))
    assert sorted(p.name for p in out.iterdir()) == ["contents.json", "train"]


def test_other_shards_than_those_of_the_checkpoint_are_noticed(
    shards: Path, tmp_path: Path
) -> None:
    def shard_data(root: Path) -> ShardData:
        data = ShardData(root=str(root), mix=2, readers=1, reference=PAGE, mirror=True, **COMMON)
        data.setup()
        data.blocks = blocks(root)
        return data

    saved = shard_data(shards).state_dict()
    assert shard_data(shards).what_changed(saved) is None

    write_shards(Numbered(COUNT - 3), tmp_path / "fewer", chunk_bytes=30_000)
    assert shard_data(tmp_path / "fewer").what_changed(saved) is not None
