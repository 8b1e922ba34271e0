"""A ranker read without a machine-learning library: a straight line and boosted trees over the same signs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from advisor.ask.features import NAMES, Floats

Integers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Trees:
    """Binary trees side by side, one a row; a leaf is a node that leads to itself."""

    sign: Integers  # (trees, nodes): column of the matrix that a node looks at
    threshold: Floats
    below: Integers
    above: Integers
    value: Floats
    depth: int

    def score(self, matrix: Floats) -> Floats:
        """(n, signs) → (n,): the sum of the leaves that each row falls into."""
        rows, trees = np.arange(len(matrix))[:, None], np.arange(len(self.sign))[None, :]
        node = np.zeros((len(matrix), len(self.sign)), dtype=np.int32)
        for _ in range(self.depth):
            below = matrix[rows, self.sign[trees, node]] <= self.threshold[trees, node]
            node = np.where(below, self.below[trees, node], self.above[trees, node])
        return np.asarray(self.value[trees, node].sum(axis=1), dtype=np.float64)


def trees_of(stored: Sequence[Any], names: Sequence[str]) -> Trees:
    """Nested lists, a fork [sign, threshold, below, above] or a leaf's value, into rows of equal length."""
    flat = [_flatten(tree, names) for tree in stored]
    width = max(len(nodes) for nodes, _ in flat)
    table = np.zeros((len(flat), width, 5))
    for i, (nodes, _) in enumerate(flat):
        table[i, : len(nodes)] = nodes
    sign, below, above = (table[:, :, k].astype(np.int32) for k in (0, 2, 3))
    return Trees(sign, table[:, :, 1], below, above, table[:, :, 4], max(depth for _, depth in flat))


def _flatten(tree: Any, names: Sequence[str]) -> tuple[list[list[float]], int]:
    """([sign, threshold, below, above, value] a node, root first; depth)."""
    nodes: list[list[float]] = []

    def add(branch: Any) -> tuple[int, int]:
        at = len(nodes)
        if not isinstance(branch, list):
            nodes.append([0, 0.0, at, at, float(branch)])
            return at, 0
        nodes.append([names.index(branch[0]), float(branch[1]), 0, 0, 0.0])
        (below, left), (above, right) = add(branch[2]), add(branch[3])
        nodes[at][2:4] = [below, above]
        return at, 1 + max(left, right)

    return nodes, add(tree)[1]


@dataclass(frozen=True)
class Ranker:
    weights: Floats  # (signs,)
    trees: Trees | None = None
    share: float = 0.0  # what a point of the trees counts in log-odds of the line

    def score(self, matrix: Floats) -> Floats:
        """(n, signs) → (n,): log-odds against the other sentences of the question, higher is better."""
        line: Floats = matrix @ self.weights
        return line if self.trees is None or not len(matrix) else line + self.share * self.trees.score(matrix)


def ranker_of(stored: Mapping[str, Any]) -> Ranker:
    weights = np.array([stored["weights"].get(n, 0.0) for n in NAMES])
    if not stored.get("trees"):
        return Ranker(weights)
    return Ranker(weights, trees_of(stored["trees"], NAMES), float(stored["share"]))


@cache
def ranker(name: str = "sentence_ranker") -> Ranker:
    """Trained by scripts/train_rankers.py: one to rerank, one to choose after that."""
    path = resources.files("advisor") / "models" / f"{name}.json"
    return ranker_of(json.loads(path.read_text("utf-8")))
