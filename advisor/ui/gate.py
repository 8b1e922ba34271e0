"""How many questions are worked on at once, and how many may wait: beyond that people hear so at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")


class Full(Exception):
    """No room: neither to work nor to wait."""


class Gate:
    """`working` at once in threads, `waiting` behind them; waiting costs no thread."""

    def __init__(self, working: int, waiting: int) -> None:
        self._room = working + waiting
        self._inside = 0
        self._turns = asyncio.Semaphore(working)  # unlike a limiter, any task may give its turn back
        self._threads = CapacityLimiter(working)

    async def run(self, work: Callable[[], Iterator[T]]) -> AsyncIterator[T]:
        """The iterator's items, each computed in a thread; raises Full at once where there is no room."""
        if self._inside >= self._room:
            raise Full
        self._inside += 1
        try:
            async with self._turns:
                steps = work()
                try:
                    while (step := await to_thread.run_sync(next, steps, None, limiter=self._threads)) is not None:
                        yield step
                finally:
                    if callable(close := getattr(steps, "close", None)):
                        close()  # a reader who left must not hold a generation open
        finally:
            self._inside -= 1
