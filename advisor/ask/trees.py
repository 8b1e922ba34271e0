"""Boosted trees read without a machine-learning library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from advisor.ask.nearness import Floats, Integers


@dataclass(frozen=True)
class Trees:
    """Binary trees, their nodes in one row, tree after tree; a leaf is a node that leads to itself."""

    roots: Integers  # (trees,)
    sign: Integers  # (nodes,): column of the matrix that a node looks at
    threshold: Floats
    next: Integers  # (2 * nodes,): where node i leads to, above its threshold at 2i and below it at 2i + 1
    value: Floats
    depth: int

    def score(self, matrix: Floats) -> Floats:
        """(n, signs) → (n,): the sum of the leaves that each row falls into."""
        cells, rows = matrix.ravel(), np.arange(len(matrix))[:, None] * matrix.shape[1]
        node = np.broadcast_to(self.roots, (len(matrix), len(self.roots)))
        for _ in range(self.depth):
            below = cells.take(rows + self.sign.take(node)) <= self.threshold.take(node)
            node = self.next.take(2 * node + below)
        return np.asarray(self.value.take(node).sum(axis=1), dtype=np.float64)


def trees_of(stored: Sequence[Any], names: Sequence[str]) -> Trees:
    """Nested lists, a fork [sign, threshold, below, above] or a leaf's value, into one row of nodes."""
    flat = [_flatten(tree, names) for tree in stored]
    sizes = [len(nodes) for nodes, _ in flat]
    roots = np.cumsum([0, *sizes[:-1]], dtype=np.intp)
    table = np.array([node for nodes, _ in flat for node in nodes])
    sign, below, above = (table[:, k].astype(np.intp) for k in (0, 2, 3))
    first = np.repeat(roots, sizes)  # of each node's tree
    next = np.column_stack([first + above, first + below]).ravel()
    return Trees(roots, sign, table[:, 1], next, table[:, 4], max(depth for _, depth in flat))


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
