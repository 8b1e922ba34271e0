"""Questions that documents are known to answer: what is asked in other words is nearer to them than to any sentence.

The idea is document expansion by queries (Nogueira et al. 2019), with people as writers: each wording leads to the
sentences that answer it. How alike two questions are is a line over a few signs, its weights learned on the training questions;
the likeliest few are then read together with the asked one by the cross-encoder, where there is one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any

import numpy as np

from advisor.ask.asks import wants
from advisor.ask.nearness import Floats
from advisor.generation import Generation, question_rows
from advisor.model import LANGUAGES, Document, Language, Query
from advisor.ports import CrossEncoder, Embedder, PieceEmbedder, Vectors

ALIKE = ("close", "nearly", "lexical", "same_language", "shares_none", "named", "here", "elsewhere")
KNOWN = ("known", "known_later", "known_rank", "known_gap", "known_none")
# Of one that was read: log-odds by the line, by the cross-encoder, and how far these are from the best of all read.
TOGETHER = ("line", "odds", "behind")
RESEMBLES = 0.3  # likelihood from which a known question counts as the one that was asked
NONE = (0.0, 0.0, 0.0, 0.0, 1.0)  # of a sentence whose document has no known questions
_REMEMBERED = 32  # questions
_POOL = 40  # wordings looked at closely, by words and by meaning
_OWN_WORDS = 12  # more of them for a further turn, by its own words, of the documents quoted last
_FEW, _WITHIN_REACH = 6, 4.0  # questions, and log-odds below the likeliest, that are read together with the asked one

# A question and texts → (n texts, m) cosine of each word's nearest word in each text, (m,) weight of each word.
Near = Callable[[str, Sequence[str]], tuple[Vectors, Floats]]

Place = Callable[[Document], int]  # 1 of the place asked for, -1 of another


@dataclass(frozen=True, slots=True, order=True)
class Wording:
    """One way in which a known question of a document is asked."""

    document: str
    entry: int
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A known question that the asked one resembles; `score` is how likely (0 to 1) its sentences answer."""

    document: str
    entry: int
    score: float


@dataclass(frozen=True)
class Matches:
    """The known questions nearest to one question, best first, each entry once."""

    best: tuple[Match, ...] = ()
    spans: Mapping[tuple[str, Language], Sequence[tuple[tuple[int, int], ...]]] = field(default_factory=dict)

    @property
    def likely(self) -> float:
        """How likely the best of them was asked; 0 where there is none."""
        return self.best[0].score if self.best else 0.0

    @cached_property
    def _of_document(self) -> Mapping[str, Sequence[tuple[int, Match]]]:
        """(rank, match) of each document's known questions, best first."""
        found: dict[str, list[tuple[int, Match]]] = {}
        for rank, match in enumerate(self.best, 1):
            found.setdefault(match.document, []).append((rank, match))
        return found

    def answers(self, match: Match, language: Language) -> tuple[tuple[int, int], ...]:
        """Where its answering sentences stand in that version of the document, the first first; nowhere where it has none."""
        own = (match.document, language)
        return self.spans[own][match.entry] if own in self.spans else ()

    def signs(self, document: str, language: Language, start: int, end: int) -> tuple[float, ...]:
        """In the order of KNOWN, of the sentence at these offsets: how likely the best match is that it answers first, the
        best that it comes later in, the rank of these, and how far they are from the best of all."""
        spans = self.spans.get((document, language))
        if not spans:
            return NONE
        first = later = 0.0
        rank = 0
        for at, match in self._of_document.get(document, ()):
            for place, (a, b) in enumerate(spans[match.entry]):
                if a < end and start < b:
                    first, later = (max(first, match.score), later) if place == 0 else (first, max(later, match.score))
                    rank = rank or at
        gap = self.best[0].score - max(first, later) if self.best else 0.0
        return (first, later, 1.0 / rank if rank else 0.0, gap, 0.0)


class KnownQuestions:
    """All known questions of a generation, ready to be matched."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._rows = question_rows(generation.documents.values())
        self._remembered: dict[tuple[Query, CrossEncoder | None], Matches] = {}

    @cached_property
    def _of_document(self) -> Mapping[str, Sequence[int]]:
        """The rows of each document's wordings."""
        rows: dict[str, list[int]] = {}
        for i, (document, *_) in enumerate(self._rows):
            rows.setdefault(document, []).append(i)
        return rows

    @cached_property
    def _spans(self) -> Mapping[tuple[str, Language], Sequence[tuple[tuple[int, int], ...]]]:
        return {
            (d.id, language): [tuple(_span(d.texts[language], s.get(language)) for s in q.said) for q in d.questions]
            for d in self._generation.documents.values()
            for language in LANGUAGES
            if d.questions and language in d.texts
        }

    def match(
        self, query: Query, embedder: Embedder, near: Near, place: Place, cross_encoder: CrossEncoder | None = None
    ) -> Matches:
        """The entries nearest to the question by words and meaning, the nearest read together with it where there is a
        cross-encoder; remembered, for a question is matched at every step. Raises ModelFault."""
        key = (query, cross_encoder)
        if key not in self._remembered:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered = {}
            self._remembered[key] = self._match(query, embedder, near, place, cross_encoder)
        return self._remembered[key]

    def _match(
        self, query: Query, embedder: Embedder, near: Near, place: Place, cross_encoder: CrossEncoder | None
    ) -> Matches:
        found = self.likeliest(*self.table(query, embedder, near, place))
        if cross_encoder and found:
            weights, bias = learned_reading()
            signs = self.read(query, found, cross_encoder)
            read = (signs @ weights + bias).tolist()
            rest = [(w, min(line, *read)) for w, line in found[len(read) :]]
            found = [*((w, odds) for (w, _), odds in zip(found, read, strict=False)), *rest]
        best = sorted(found, key=lambda row: (-row[1], row[0]))
        return Matches(tuple(Match(w.document, w.entry, _likely(odds)) for w, odds in best), self._spans)

    @staticmethod
    def likeliest(wordings: Sequence[Wording], matrix: Floats) -> list[tuple[Wording, float]]:
        """Of each entry the wording most like the question, with its log-odds by the line; the likeliest first."""
        weights, bias = learned()
        rows = sorted(zip((matrix @ weights + bias).tolist(), wordings, strict=True))
        best = {(w.document, w.entry): (w, odds) for odds, w in rows}  # the likeliest of an entry comes last and stays
        return sorted(best.values(), key=lambda row: (-row[1], row[0]))

    @staticmethod
    def read(query: Query, found: Sequence[tuple[Wording, float]], cross_encoder: CrossEncoder) -> Floats:
        """(n, len(TOGETHER)): signs of the first few, read together with the question's own words: what stood before them
        led to these few already, and would be read as asked again."""
        near = [(w, line) for w, line in found[:_FEW] if line > found[0][1] - _WITHIN_REACH]
        odds = cross_encoder.scores(query.text, [w.text for w, _ in near]).astype(np.float64)
        return np.stack([np.array([line for _, line in near]), odds, odds.max() - odds], axis=1)

    def _by_own_words(self, query: Query, embedder: Embedder) -> Mapping[int, float]:
        """row: cosine of the wordings of the documents quoted last with a further turn in its own words; what stood before
        it would be found as asked again."""
        rows = [i for d in query.dwelt for i in self._of_document.get(d, ())] if query.told else []
        if not rows:
            return {}
        near = self._generation.question_vectors.rows[rows] @ embedder.embed_question(query.text)
        return dict(zip(rows, near.tolist(), strict=True))

    def warm(self, embedder: Embedder) -> None:
        """Cut all wordings into pieces once, where an embedder works with pieces and remembers them."""
        if isinstance(embedder, PieceEmbedder):
            embedder.nearest_words("", [text for *_, text in self._rows])

    def table(self, query: Query, embedder: Embedder, near: Near, place: Place) -> tuple[list[Wording], Floats]:
        """(wordings looked at, signs (n, len(ALIKE)) of how alike each is)."""
        index = self._generation.questions
        if not self._rows or index is None:
            return [], np.zeros((0, len(ALIKE)))
        question, wordings = embedder.embed_question(query.semantic), self._generation.question_vectors
        by_words = dict(index.search(query.lexical, _POOL))
        best = max(by_words.values(), default=1.0)
        by_meaning, closest = wordings.search(question, _POOL)
        own = self._by_own_words(query, embedder)
        nearest_own = sorted(own, key=lambda i: (-own[i], i))[:_OWN_WORDS]
        by_meaning = by_meaning[np.argsort(-closest, kind="stable")]
        pool = list(dict.fromkeys([*map(int, by_words), *by_meaning.tolist(), *nearest_own]))
        close = [max(float(c), own.get(i, -1.0)) for i, c in zip(pool, wordings.rows[pool] @ question, strict=True)]
        found = [self._rows[i] for i in pool]
        nearest, shares = near(query.text, [text for *_, text in found])
        nearly = np.clip(nearest, 0.0, 1.0) @ shares / (float(shares.sum()) or 1.0)
        wished = wants(query.text)
        lies = {d: place(self._generation.documents[d]) for d in {d for d, *_ in found}}
        matrix = [
            (
                close[k],
                nearly[k],
                by_words.get(str(i), 0.0) / best,
                language == query.language,
                bool(wished and (wishes := wants(text)) and not wished & wishes),
                document in query.named,
                lies[document] > 0,
                lies[document] < 0,
            )
            for k, (i, (document, _, language, text)) in enumerate(zip(pool, found, strict=True))
        ]
        return [Wording(d, e, text) for d, e, _, text in found], np.array(matrix, dtype=np.float64)


@cache
def learned() -> tuple[Floats, float]:
    """(weights in the order of ALIKE, bias), trained by scripts/train_rankers.py."""
    return _weights(_stored(), ALIKE)


@cache
def learned_reading() -> tuple[Floats, float]:
    """The same in the order of TOGETHER."""
    return _weights(_stored()["read"], TOGETHER)


def _stored() -> Any:
    return json.loads((resources.files("advisor") / "models" / "known.json").read_text("utf-8"))


def _weights(stored: Mapping[str, Any], names: Sequence[str]) -> tuple[Floats, float]:
    return np.array([stored["weights"][name] for name in names]), float(stored["bias"])


def _likely(odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-odds)))


def _span(text: str, sentence: str) -> tuple[int, int]:
    """Where a sentence stands; nowhere where it does not."""
    at = text.find(sentence) if sentence else -1
    return (at, at + len(sentence)) if at >= 0 else (0, 0)
