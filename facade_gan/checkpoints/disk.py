"""What runs take on the disk, said where they end."""

from pathlib import Path


def disk_use(folder: Path) -> str:
    """Add up the files below ``folder``: "41.2 MB, 40.1 of them checkpoints"."""
    sizes = {path: path.stat().st_size / 1e6 for path in folder.rglob("*") if path.is_file()}
    checkpoints = sum(size for path, size in sizes.items() if path.suffix == ".ckpt")
    return f"{sum(sizes.values()):.1f} MB, {checkpoints:.1f} of them checkpoints"
