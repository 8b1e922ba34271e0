"""How close sentences, their twins and headings are to a question: by the pieces read at ingest, else by their texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from advisor.model import Passage
from advisor.ports import Embedder, PieceEmbedder, Ragged, Vectors
from advisor.reading import Reading, last_heading

Embed = Callable[[Sequence[str]], Vectors]  # texts → their vectors


@dataclass(frozen=True)
class Compared:
    words: tuple[str, ...]  # m words of the question
    nearest: Vectors  # (n sentences, m): cosine of each word's nearest in each sentence
    said: Vectors  # (n, k): each sentence's vector times each of k directions
    twins: Vectors  # (n, k)
    headings: Vectors  # (n, k)


def by_pieces(embedder: PieceEmbedder, question: str, directions: Vectors, reading: Reading) -> Compared:
    """All in one product over the distinct pieces."""
    parts, lengths = (reading.pieces, reading.twins, reading.headings), (reading.lengths, reading.twin_lengths)
    ends = np.cumsum([0, *(len(p.values) for p in parts)])
    begins = [p.begins[:-1] + at for p, at in zip(parts, ends[:-1], strict=True)]
    pieces = Ragged(np.concatenate([p.values for p in parts]), np.concatenate([*begins, ends[-1:]]))
    words, nearest, products = embedder.compare(
        question, directions, pieces, np.concatenate([*lengths, reading.heading_lengths])
    )
    n = len(reading.start)
    return Compared(words, nearest[:n], products[:n], products[n : 2 * n], products[2 * n :][reading.passage])


def by_texts(
    embedder: Embedder,
    embed: Embed,
    question: str,
    directions: Vectors,
    said: Sequence[str],
    twins: Sequence[str],
    passages: Sequence[Passage],
) -> Compared:
    """The same for an embedder whose vectors are no sums of pieces; `passages` are those that the sentences stand in."""
    words, nearest = embedder.nearest_words(question, said)
    headings = embed([last_heading(p) for p in passages])
    return Compared(words, nearest, embed(said) @ directions.T, embed(twins) @ directions.T, headings @ directions.T)
