"""Signs by vectors: words that nearly match, headings that fit, and an affinity learned from training questions."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from advisor.ports import Vectors

Floats = npt.NDArray[np.float64]

SOFT = ("soft", "soft_squared", "soft_above", "soft_local", "soft_local_centred", "soft_centred", "soft_rank")  # fmt: skip
_CHANCE = 0.45  # cosine of the nearest word that any two sentences reach


def soft_columns(nearest: Vectors, weights: Floats, documents: npt.NDArray[Any]) -> Floats:
    """(n, len(SOFT)): how nearly a sentence's words are the question's, overall and against its own document.

    `nearest` (n sentences, m words) holds the cosine of each question word's nearest word in each sentence.
    """
    total = float(weights.sum()) or 1.0
    close = np.clip(nearest, 0.0, 1.0).astype(np.float64)
    above = np.clip((close - _CHANCE) / (1.0 - _CHANCE), 0.0, None)
    plain = close @ weights / total
    columns = np.zeros((len(close), len(SOFT)))
    columns[:, 0], columns[:, 1], columns[:, 2] = plain, close**2 @ weights / total, above @ weights / total
    for document in dict.fromkeys(documents.tolist()):
        own = np.flatnonzero(documents == document)
        here = above[own]
        usual = here.mean(axis=0)
        rare = weights * (1.0 - usual)
        columns[own, 3] = here @ rare / (float(rare.sum()) or 1.0)
        columns[own, 4] = (here - usual) @ weights / total
        columns[own, 5] = plain[own] - plain[own].mean()
        columns[own, 6] = 1.0 / (1 + np.argsort(np.argsort(-plain[own], kind="stable"), kind="stable"))
    return columns


HEADING_SHARE = 0.5  # what the heading adds to a sentence's vector before the learned affinity looks at it


@cache
def learned_maps() -> tuple[str, Floats, Floats] | None:
    """(fingerprint of the embedder it was trained over, question map, sentence map), both maps (dimension, r)."""
    from safetensors import safe_open

    path = resources.files("advisor") / "models" / "affinity.safetensors"
    if not path.is_file():
        return None
    with safe_open(str(path), "numpy") as stored:
        fingerprint = (stored.metadata() or {}).get("embedder", "")
        return fingerprint, stored.get_tensor("question"), stored.get_tensor("sentence")


def affinity(question: Vectors, sentences: Vectors, headings: Vectors, fingerprint: str) -> Floats:
    """(n,): how well sentences of that kind answered questions of that kind; 0 over another embedder than it learned on."""
    learned = learned_maps()
    if learned is None or learned[0] != fingerprint:
        return np.zeros(len(sentences))
    return affinity_by(learned[1], learned[2], question, sentences, headings)


def affinity_by(ask: Floats, say: Floats, question: Vectors, sentences: Vectors, headings: Vectors) -> Floats:
    """Bilinear form of low rank: (question · ask) · ((sentence + heading / 2) · say), times 100."""
    return np.asarray(100.0 * ((sentences + HEADING_SHARE * headings) @ say) @ (question @ ask), dtype=np.float64)
