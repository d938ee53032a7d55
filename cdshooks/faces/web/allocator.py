"""How the C library keeps the memory that a call has freed, until the next one asks for as much."""

import ctypes

# Parameters of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

MAPPED_FROM = 32 << 20
"""Bytes of a block that is mapped apart, and unmapped when it is freed: the largest that glibc
allows, and what it comes to by itself once such a block was freed."""

KEPT_AT_MOST = 2 * MAPPED_FROM
"""Free bytes at the end of a heap that are not given back to the system."""


def keep_freed_memory() -> None:
    """Let freed memory be used again, where the C library is glibc; others have no such setting.

    By itself glibc gives a body of some 100 KB back to the system each time, which has to clear
    each page before it hands it out again: half of what the web server took for such a call.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, MAPPED_FROM)
        mallopt(_TRIM_THRESHOLD, KEPT_AT_MOST)
