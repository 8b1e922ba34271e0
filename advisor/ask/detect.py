"""How likely a sentence has a fault against the texts it was to be drawn from, and of which kind: a line a kind, and trees over all."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from advisor.ask.evidence import evidence
from advisor.ask.known_names import KnownNames
from advisor.ask.trees import Trees, trees_of
from advisor.gazetteer import Gazetteer
from advisor.text import detect_language

# The lines have their say within these: further out their numbers mean nothing, and the trees could not be heard.
LEAST, MOST = -8.0, 12.0


@dataclass(frozen=True)
class Suspicion:
    """Log-odds that a sentence has a fault, and the kind that adds most: figure, name, negation, modality, extent or citation."""

    odds: float
    kind: str


@dataclass(frozen=True)
class _Detector:
    bias: float
    weights: Mapping[str, Mapping[str, float]]  # language → amount → weight


@dataclass(frozen=True)
class Detectors:
    """`usual`: 95 in 100 faithful paraphrases of all kinds lie below; `drop`: what lies above is not shown."""

    kinds: Mapping[str, _Detector]
    usual: float
    drop: float
    trees: Trees
    columns: tuple[str, ...]  # of the trees, the last one whether the sentence is Chinese
    share: float  # what a point of the trees counts in log-odds of the lines


@cache
def detectors() -> Detectors:
    """The weights of `scripts/train_support.py`."""
    raw = json.loads((resources.files("advisor") / "models" / "support_detectors.json").read_text(encoding="utf-8"))
    kinds = {kind: _Detector(float(d["bias"]), d["weights"]) for kind, d in raw["kinds"].items()}
    columns = tuple(raw["columns"])
    trees = trees_of(raw["trees"], columns)
    return Detectors(kinds, float(raw["usual"]), float(raw["drop"]), trees, columns, float(raw["share"]))


def suspect(
    sentence: str,
    contexts: Sequence[str],
    places: Gazetteer | None = None,
    called: str = "",
    known: KnownNames | None = None,
) -> Suspicion:
    """The chances of all kinds together, as if they were independent, and what the trees add."""
    return weigh(evidence(sentence, contexts, places, called, known), detect_language(sentence))


def weigh(found: Mapping[str, float], language: str) -> Suspicion:
    model = detectors()
    odds = {
        kind: d.bias + sum(w * found[name] for name, w in d.weights[language].items())
        for kind, d in model.kinds.items()
    }
    together = sum(_softplus(z) for z in odds.values())
    line = together + math.log1p(-math.exp(-together))
    row = np.array([[*(found[name] for name in model.columns[:-1]), float(language == "zh")]])
    added = model.share * float(model.trees.score(row)[0])
    return Suspicion(min(max(line, LEAST), MOST) + added, max(odds, key=lambda kind: odds[kind]))


def _softplus(z: float) -> float:
    return z + math.log1p(math.exp(-z)) if z > 0 else math.log1p(math.exp(z))
