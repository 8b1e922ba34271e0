"""Which kind of fault a sentence most likely has against the texts it was to be drawn from: one small model a kind."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from advisor.ask.evidence import evidence
from advisor.gazetteer import Gazetteer
from advisor.text import detect_language


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
    """`usual`: 95 in 100 faithful paraphrases lie below; `drop`: what lies above is not shown, 94 in 100 lie below."""

    kinds: Mapping[str, _Detector]
    usual: float
    drop: float


@cache
def detectors() -> Detectors:
    """The weights of `scripts/train_support.py`."""
    raw = json.loads((resources.files("advisor") / "models" / "support_detectors.json").read_text(encoding="utf-8"))
    kinds = {kind: _Detector(float(d["bias"]), d["weights"]) for kind, d in raw["kinds"].items()}
    return Detectors(kinds, float(raw["usual"]), float(raw["drop"]))


def suspect(sentence: str, contexts: Sequence[str], places: Gazetteer | None = None, called: str = "") -> Suspicion:
    """The chances of all kinds together, as if they were independent."""
    return weigh(evidence(sentence, contexts, places, called), detect_language(sentence))


def weigh(found: Mapping[str, float], language: str) -> Suspicion:
    odds = {
        kind: d.bias + sum(w * found[name] for name, w in d.weights[language].items())
        for kind, d in detectors().kinds.items()
    }
    together = sum(_softplus(z) for z in odds.values())
    return Suspicion(together + math.log1p(-math.exp(-together)), max(odds, key=lambda kind: odds[kind]))


def _softplus(z: float) -> float:
    return z + math.log1p(math.exp(-z)) if z > 0 else math.log1p(math.exp(z))
