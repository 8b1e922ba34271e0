"""How many questions are worked on at once, and how many may wait: beyond that people hear so at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class Full(Exception):
    """No room: neither to work nor to wait."""


class Gate:
    """`working` at once in threads, `waiting` behind them; waiting costs no thread."""

    def __init__(self, working: int, waiting: int) -> None:
        self._room = working + waiting
        self._inside = 0
        self._turns = asyncio.Semaphore(working)
        self._pool = ThreadPoolExecutor(working, "ask")  # work that nobody awaits any more still counts here

    async def run(self, work: Callable[[], Iterator[T]]) -> AsyncIterator[T]:
        """The iterator's items, each computed in a thread; raises Full at once where there is no room."""
        if self._inside >= self._room:
            raise Full
        self._inside += 1
        try:
            async with self._turns:
                steps = _Steps(work())
                try:
                    while (
                        step := await asyncio.get_running_loop().run_in_executor(self._pool, steps.take)
                    ) is not None:
                        yield step
                finally:
                    steps.leave()
        finally:
            self._inside -= 1


class _Steps(Generic[T]):
    """An iterator that may be left while a thread is still computing its next item; it is closed when that ends."""

    def __init__(self, steps: Iterator[T]) -> None:
        self._steps = steps
        self._mutex = threading.Lock()
        self._left = False

    def take(self) -> T | None:
        with self._mutex:
            step = None if self._left else next(self._steps, None)
        if self._left:
            self.leave()
        return step

    def leave(self) -> None:
        self._left = True
        if self._mutex.acquire(blocking=False):
            try:
                if callable(close := getattr(self._steps, "close", None)):
                    close()  # a reader who left must not hold a generation open
            finally:
                self._mutex.release()
