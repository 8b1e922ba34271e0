"""Boosted trees read without a machine-learning library.

All forks of all trees are looked at for all rows at once, as QuickScorer does (Lucchese et al. 2015): a row that is above
a fork's threshold rules out the leaves below it, and the first leaf that no fork rules out is the one it falls into.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from advisor.ask.nearness import Floats, Integers

_MOST = 64  # leaves of a tree: a bit each


@dataclass(frozen=True)
class Trees:
    """Binary trees, their forks in one row, tree after tree; equal questions of forks are asked once."""

    sign: Integers  # (questions,): column of the matrix that a question looks at
    threshold: Floats  # (questions, 1)
    question: Integers  # (forks,)
    above: npt.NDArray[
        Any
    ]  # (forks, 1): a bit a leaf of the tree, first leaf lowest; set unless it lies below the fork
    roots: Integers  # (trees,): first fork of each
    value: Floats  # (trees, leaves)

    def score(self, matrix: Floats) -> Floats:
        """(n, signs) → (n,): the sum of the leaves that each row falls into."""
        below = np.ascontiguousarray(matrix.T).take(self.sign, axis=0) <= self.threshold
        every = np.negative(below.astype(self.above.dtype))  # all bits where a row is below, none where it is above
        open = np.bitwise_and.reduceat(self.above | every.take(self.question, axis=0), self.roots, axis=0)
        leaf = np.bitwise_count((open - 1) & ~open)
        trees = np.arange(len(self.roots))[:, None]
        return np.asarray(self.value[trees, leaf].sum(axis=0), dtype=np.float64)


def trees_of(stored: Sequence[Any], names: Sequence[str]) -> Trees:
    """Nested lists, a fork [sign, threshold, below, above] or a leaf's value."""
    flat = [_flatten(tree, names) for tree in stored]
    most = max(len(leaves) for _, leaves in flat)
    if most > _MOST:
        raise ValueError(f"a tree of {most} leaves; at most {_MOST} can be told apart")
    forks = [fork for forks, _ in flat for fork in forks]
    questions = sorted({(sign, threshold) for sign, threshold, _ in forks})
    place = {question: at for at, question in enumerate(questions)}
    bits: type[np.uint16 | np.uint64] = np.uint16 if most <= 16 else np.uint64
    every = (1 << np.dtype(bits).itemsize * 8) - 1
    value = np.array([[*leaves, *[0.0] * (most - len(leaves))] for _, leaves in flat])
    return Trees(
        np.array([sign for sign, _ in questions], dtype=np.intp),
        np.array([threshold for _, threshold in questions])[:, None],
        np.array([place[sign, threshold] for sign, threshold, _ in forks], dtype=np.intp),
        np.array([every - below for *_, below in forks], dtype=bits)[:, None],
        np.cumsum([0, *(len(forks) for forks, _ in flat[:-1])], dtype=np.intp),
        value,
    )


def _flatten(tree: Any, names: Sequence[str]) -> tuple[list[tuple[int, float, int]], list[float]]:
    """([(sign, threshold, bits of the leaves below)] a fork, [value] a leaf, from the lowest)."""
    forks: list[tuple[int, float, int]] = []
    leaves: list[float] = []

    def add(branch: Any) -> int:
        """Bits of the leaves of a branch."""
        if not isinstance(branch, list):
            leaves.append(float(branch))
            return 1 << (len(leaves) - 1)
        at = len(forks)
        forks.append((0, 0.0, 0))
        below = add(branch[2])
        forks[at] = (names.index(branch[0]), float(branch[1]), below)
        return below | add(branch[3])

    # A tree that is a single leaf is a fork that rules out nothing.
    add(tree if isinstance(tree, list) else [names[0], np.inf, tree, tree])
    return forks, leaves
