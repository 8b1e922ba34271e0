"""Nearest rows by cosine: of many, first their most telling numbers are looked at, and in full what is near by these."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from advisor.ports import Vectors

_FEW = 10_000  # rows that are all looked at in full
_TELLING = 128  # numbers of each row that are looked at first
_IN_FULL = 1_500  # rows near by these that are looked at in full: .998 of the nearest 80 are among them at 73,000
_SPARE = 2  # times as many as wanted pass the bar that the sample sets
_SAMPLE = 10_000  # rows that the most telling directions are found from


class Nearest:
    def __init__(self, rows: Vectors) -> None:
        self.rows = rows
        self._turn = _telling(rows) if len(rows) > _FEW else None
        # A line a direction: so laid out, a product with few numbers of each row takes half the time.
        self._rough = None if self._turn is None else self._turn.T @ rows.T

    def search(self, vector: Vectors, k: int) -> tuple[npt.NDArray[np.intp], Vectors]:
        """(where the k nearest stand, their products with the vector), in no order."""
        if self._turn is None or self._rough is None:
            scores = self.rows @ vector
            best = highest(scores, k)
            return best, scores[best]
        near = highest((vector @ self._turn) @ self._rough, max(k, _IN_FULL))
        scores = self.rows.take(near, axis=0) @ vector
        best = highest(scores, k)
        return near[best], scores[best]


def highest(scores: Vectors, k: int) -> npt.NDArray[np.intp]:
    """Where the k highest scores stand, in no order; of many scores only those are sorted that a sample shows to be high."""
    if k >= len(scores):
        return np.arange(len(scores))
    every = len(scores) // _FEW + 1
    sample, expected = scores[::every], _SPARE * k // every
    if every > 1 and expected < len(sample):
        bar = np.partition(sample, -expected - 1)[-expected - 1]
        high = np.flatnonzero(scores > bar)
        if len(high) >= k:
            return high[np.argpartition(scores[high], -k)[-k:]]
    return np.argpartition(scores, -k)[-k:]


def _telling(rows: Vectors) -> Vectors:
    """(dimension, _TELLING): the directions in which rows differ most."""
    sample = rows[:: len(rows) // _SAMPLE + 1]
    _, directions = np.linalg.eigh(sample.T @ sample)
    return np.ascontiguousarray(directions[:, ::-1][:, :_TELLING], dtype=np.float32)
