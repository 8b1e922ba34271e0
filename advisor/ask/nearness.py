"""Signs by vectors: words that nearly match, headings that fit, and an affinity learned from training questions."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from advisor.ports import Vectors

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]

SOFT = ("soft", "soft_squared", "soft_above", "soft_local", "soft_local_centred", "soft_centred", "soft_rank")  # fmt: skip
_CHANCE = 0.45  # cosine of the nearest word that any two sentences reach


def by_document(values: npt.NDArray[Any], documents: Integers) -> Floats:
    """(n, m) rows and each one's document (n,), numbered from 0 → (documents, m): the sum of each one's rows."""
    belongs = np.equal.outer(np.arange(documents.max(initial=-1) + 1), documents)
    return np.asarray(belongs.astype(np.float64) @ values.astype(np.float64), dtype=np.float64)


def centred(values: Floats, documents: Integers) -> Floats:
    """(n,) or (n, m): by how much each row is above the mean of its document."""
    mean = by_document(values.reshape(len(values), -1), documents) / np.bincount(documents)[:, None]
    return values - mean[documents].reshape(values.shape)


def soft_columns(nearest: Vectors, weights: Floats, documents: Integers) -> Floats:
    """(n, len(SOFT)): how nearly a sentence's words are the question's, overall and against its own document.

    `nearest` (n sentences, m words) holds the cosine of each question word's nearest word in each sentence,
    `documents` (n,) the number of each one's document.
    """
    total = float(weights.sum()) or 1.0
    close = np.clip(nearest, 0.0, 1.0).astype(np.float64)
    above = np.clip((close - _CHANCE) / (1.0 - _CHANCE), 0.0, None)
    plain = close @ weights / total
    beyond = centred(above, documents)
    rare = weights * (1.0 - (above - beyond))  # by how few sentences of the document come near the word
    local = (above * rare).sum(axis=1) / _or_one(rare.sum(axis=1))
    columns = (
        plain,
        close**2 @ weights / total,
        above @ weights / total,
        local,
        beyond @ weights / total,
        centred(plain, documents),
        1.0 / _rank(plain, documents),
    )
    return np.column_stack(columns)


def _or_one(totals: Floats) -> Floats:
    return np.where(totals == 0.0, 1.0, totals)


def _rank(values: Floats, documents: Integers) -> Integers:
    """(n,): the place, from 1, of each row among those of its document, highest first."""
    order = np.lexsort((-values, documents))  # stable: equal rows in the order in which they stand
    size = np.bincount(documents)
    first = np.cumsum(size) - size
    rank = np.empty(len(values), dtype=np.intp)
    rank[order] = np.arange(len(values)) - np.repeat(first, size) + 1
    return rank


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


def affinity_direction(question: Vectors, fingerprint: str) -> Vectors | None:
    """What a sentence's vector plus half its heading's is multiplied with; None over another embedder than it learned on."""
    learned = learned_maps()
    if learned is None or learned[0] != fingerprint:
        return None
    ask, say = learned[1:]
    return np.asarray(100.0 * say @ (question @ ask), dtype=np.float32)


def affinity_by(ask: Floats, say: Floats, question: Vectors, sentences: Vectors, headings: Vectors) -> Floats:
    """Bilinear form of low rank: (question · ask) · ((sentence + heading / 2) · say), times 100."""
    return np.asarray(100.0 * ((sentences + HEADING_SHARE * headings) @ say) @ (question @ ask), dtype=np.float64)
