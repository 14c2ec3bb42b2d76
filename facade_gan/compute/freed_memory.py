"""What becomes of memory that a step frees on a CPU."""

import ctypes
import sys


def keep_freed_memory(keep: bool = True) -> None:
    """Let glibc keep what a step frees for the next one, or not: then as it does by itself.

    By itself it hands large blocks back to the system, and each page costs a fault when it is used
    again: some per cent of a step. On systems without glibc nothing happens.
    """
    trim_threshold, mmap_threshold = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h
    if sys.platform == "linux" and hasattr(c := ctypes.CDLL(None), "mallopt"):
        # Left alone, both thresholds rise to 32 and 64 MiB where large blocks come and go.
        c.mallopt(mmap_threshold, 2**30 if keep else 2**25)
        c.mallopt(trim_threshold, 2**31 - 1 if keep else 2**26)
