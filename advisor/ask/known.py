"""Questions that documents are known to answer: what is asked in other words is nearer to them than to any sentence.

The idea is document expansion by queries (Nogueira et al. 2019), with people as writers: each wording leads to the
sentences that answer it. How likely an entry answers is told by trees over a few signs, learned on the training questions.
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
from advisor.ask.nearness import Floats, Integers
from advisor.ask.trees import Trees, trees_of
from advisor.generation import Generation, question_rows
from advisor.model import LANGUAGES, Document, Language, Query
from advisor.ports import Embedder, PieceEmbedder, Vectors

# By meaning, by nearest words and by words, the best wording of either language; the same wishes and whether none;
# named, its place, how close the first answering sentence is, and what kind of document it is.
ALIKE = (
    "close", "nearly", "lexical", "close_across", "nearly_across", "lexical_across",
    "shares_wishes", "shares_none", "named", "here", "elsewhere", "said", "planned", "rule", "placed",
)  # fmt: skip
KNOWN = ("known", "known_later", "known_rank", "known_gap", "known_none")
NONE = (0.0, 0.0, 0.0, 0.0, 1.0)  # of a sentence whose document has no known questions
_REMEMBERED = 32  # questions
_POOL = 40  # wordings by words and by meaning whose entries are looked at closely
_NO_WISH = 0.5  # how alike two questions are of which neither says what kind of thing it wants

# A question and texts → (n texts, m) cosine of each word's nearest word in each text, (m,) weight of each word.
Near = Callable[[str, Sequence[str]], tuple[Vectors, Floats]]

Place = Callable[[Document], int]  # 1 of the place asked for, -1 of another
Entry = tuple[str, int]  # a document, and which of its known questions


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
        self.likelihood: Likelihood | None = None  # the trained one, where training sets no other
        self._generation = generation
        self._rows = question_rows(generation.documents.values())
        self._remembered: dict[Query, Matches] = {}
        self._said: dict[tuple[str, int, Language], Vectors] = {}

    @cached_property
    def _spans(self) -> Mapping[tuple[str, Language], Sequence[tuple[tuple[int, int], ...]]]:
        return {
            (d.id, language): [tuple(_span(d.texts[language], s.get(language)) for s in q.said) for q in d.questions]
            for d in self._generation.documents.values()
            for language in LANGUAGES
            if d.questions and language in d.texts
        }

    def match(self, query: Query, embedder: Embedder, near: Near, place: Place) -> Matches:
        """The entries nearest to the question by words and meaning; remembered, for a question is matched at every step."""
        if query not in self._remembered:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered = {}
            self._remembered[query] = self._match(query, embedder, near, place)
        return self._remembered[query]

    def _match(self, query: Query, embedder: Embedder, near: Near, place: Place) -> Matches:
        entries, matrix = self.table(query, embedder, near, place)
        likely = (self.likelihood or learned())(matrix).tolist()
        found = [Match(document, entry, score) for (document, entry), score in zip(entries, likely, strict=True)]
        return Matches(tuple(sorted(found, key=lambda m: (-m.score, m.document, m.entry))), self._spans)

    def table(self, query: Query, embedder: Embedder, near: Near, place: Place) -> tuple[list[Entry], Floats]:
        """(entries with a wording near by words or meaning, signs (n, len(ALIKE)) of how likely each answers)."""
        index = self._generation.questions
        if not self._rows or index is None:
            return [], np.zeros((0, len(ALIKE)))
        question, wordings = embedder.embed_question(query.semantic), self._generation.question_vectors
        by_words = {int(i): score for i, score in index.search(query.lexical, _POOL)}
        best = max(by_words.values(), default=1.0)
        pool = [*by_words, *sorted(wordings.search(question, _POOL)[0].tolist())]
        entries = list(dict.fromkeys(self._rows[i][:2] for i in pool))
        rows = [i for entry in entries for i in self._wordings[entry]]
        close = wordings.rows[rows] @ question
        of = np.repeat(np.arange(len(entries)), [len(self._wordings[e]) for e in entries])
        across = np.array([self._rows[i][2] != query.language for i in rows], dtype=np.intp)
        nearest, shares = near(query.text, [self._rows[i][3] for i in rows])
        nearly = np.clip(nearest, 0.0, 1.0) @ shares / (float(shares.sum()) or 1.0)
        by_word = np.array([by_words.get(i, 0.0) / best for i in rows])
        alike = _best_wordings(of, across, np.column_stack([close, nearly, by_word]))
        said = self._said_first(entries, query.language, embedder) @ question
        return entries, np.column_stack([alike, self._wishes(query, entries), self._lies(query, entries, place, said)])

    @cached_property
    def _wordings(self) -> Mapping[Entry, Sequence[int]]:
        """Rows of the wordings of each entry."""
        found: dict[Entry, list[int]] = {}
        for i, (document, entry, *_) in enumerate(self._rows):
            found.setdefault((document, entry), []).append(i)
        return found

    def _wishes(self, query: Query, entries: Sequence[Entry]) -> Floats:
        """(n, 2): how far what is asked for is the same in the likest wording, and whether it is never the same."""
        wished = wants(query.text)
        others = [[wants(self._rows[i][3]) for i in self._wordings[e]] for e in entries]
        shared = [max(len(wished & o) / len(wished | o) if wished | o else _NO_WISH for o in own) for own in others]
        none = [bool(wished) and all(o and not wished & o for o in own) for own in others]
        return np.column_stack([shared, none]).astype(np.float64)

    def _lies(self, query: Query, entries: Sequence[Entry], place: Place, said: Vectors) -> Floats:
        """(n, 7): what the document of each entry has to do with the question, and its first answering sentence."""
        documents = {d: self._generation.documents[d] for d, _ in entries}
        signs = {
            id: (place(d), d.kind in query.plan.kinds, d.kind in ("policy", "notice")) for id, d in documents.items()
        }
        rows = [
            (d in query.named, signs[d][0] > 0, signs[d][0] < 0, close, *signs[d][1:], bool(query.places))
            for (d, _), close in zip(entries, said.tolist(), strict=True)
        ]
        return np.array(rows, dtype=np.float64)

    def _said_first(self, entries: Sequence[Entry], language: Language, embedder: Embedder) -> Vectors:
        """Vectors of the first answering sentence of each entry; embedded once."""
        keys = [(*entry, language) for entry in entries]
        if fresh := [k for k in dict.fromkeys(keys) if k not in self._said]:
            documents = self._generation.documents
            texts = [documents[d].questions[i].said[0].get(language) for d, i, _ in fresh]
            self._said.update(zip(fresh, embedder.embed_passages(texts), strict=True))
        return np.stack([self._said[k] for k in keys])

    def warm(self, embedder: Embedder) -> None:
        """Cut all wordings into pieces once, where an embedder works with pieces and remembers them."""
        if isinstance(embedder, PieceEmbedder):
            embedder.nearest_words("", [text for *_, text in self._rows])


def _best_wordings(of: Integers, across: Integers, signs: Floats) -> Floats:
    """Signs (n wordings, m) of entries `of` → (entries, 2 m): the highest of the question's language, then of the other."""
    best = np.zeros((int(of[-1]) + 1, 2, signs.shape[1]))
    np.maximum.at(best, (of, across), signs)
    return best.reshape(len(best), -1)


@dataclass(frozen=True)
class Likelihood:
    """How likely an entry answers: trees over its signs, and the line from their sum to log-odds."""

    trees: Trees
    slope: float
    bias: float

    def __call__(self, matrix: Floats) -> Floats:
        """(n, len(ALIKE)) → (n,), 0 to 1."""
        if not len(matrix):
            return np.zeros(0)
        return np.asarray(1.0 / (1.0 + np.exp(-(self.slope * self.trees.score(matrix) + self.bias))), dtype=np.float64)


def likelihood_of(stored: Mapping[str, Any]) -> Likelihood:
    return Likelihood(trees_of(stored["trees"], ALIKE), float(stored["slope"]), float(stored["bias"]))


@cache
def learned() -> Likelihood:
    """Trained by scripts/train_rankers.py."""
    return likelihood_of(json.loads((resources.files("advisor") / "models" / "known.json").read_text("utf-8")))


def _span(text: str, sentence: str) -> tuple[int, int]:
    """Where a sentence stands; nowhere where it does not."""
    at = text.find(sentence) if sentence else -1
    return (at, at + len(sentence)) if at >= 0 else (0, 0)
