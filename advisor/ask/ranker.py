"""The rankers of sentences: a straight line and boosted trees over the same signs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from advisor.ask.features import NAMES
from advisor.ask.nearness import Floats
from advisor.ask.trees import Trees, trees_of


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
