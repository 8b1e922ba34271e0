"""The system's memory: what loading needed and answering does not."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress


def give_back() -> None:
    """Freed memory to the system, where glibc would keep it: 50 to 100 MB after an index was read and proved."""
    gc.collect()
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL("libc.so.6").malloc_trim(0)
