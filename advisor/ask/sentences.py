"""Which sentences of the retrieved documents answer the question: honest features, weights learned on the training questions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

from advisor.ask.asks import MEETINGS, wants
from advisor.ask.circumstances import own_numbers
from advisor.ask.features import (
    NAMES,
    Flags,
    coverage,
    heading_fits,
    is_not_known,
    local_shares,
    membership,
    of_the_figures,
    of_the_kind,
    shares,
    told,
)
from advisor.ask.known import KNOWN, Matches
from advisor.ask.lexicon import Lexicon
from advisor.ask.meaning import Compared, by_pieces, by_texts
from advisor.ask.nearness import HEADING_SHARE, SOFT, Floats, Integers, affinity_direction, centred, soft_columns
from advisor.ask.ranker import Ranker, ranker
from advisor.generation import Generation
from advisor.model import LANGUAGES, Citation, Document, Hit, Language, Passage, Query, Statement
from advisor.offers import counts_people, offers
from advisor.ports import CrossEncoder, Embedder, PieceEmbedder, Ragged, Vectors
from advisor.reading import Reading, last_heading, letters, numbers, other_language
from advisor.text import STOP_ZH, fold, terms, tokens

Key = tuple[tuple[str, float], ...]  # what of hits a table depends on

_WHOLE, _SOFT, _AFFINITY = (NAMES.index(name) for name in ("whole", "soft", "affinity"))
_TAUGHT = ("how_to", "definition", "case")  # what our own words tell as well as a rule does
_NEAREST = 24  # passages of one document that are read beside its hits
_STORY = 0.6  # what words around the asking clause count against its own
_EARLIER = 0.5  # what words of an earlier turn count against the question's own


@dataclass(frozen=True, slots=True)
class Candidate:
    passage: Passage
    start: int
    end: int
    text: str
    score: float
    coverage: float
    speaks_of: frozenset[str] = frozenset()  # the asked words that stand in it or in what its document is about
    soft: float = 0.0  # share of the question's words that it nearly holds
    affinity: float = 0.0
    odds: float | None = None  # log-odds that it answers, where the cross-encoder has read it

    def citation(self) -> Citation:
        p = self.passage
        return Citation(p.document, p.language, p.id, self.text, self.start, self.end, p.at)

    def quoted(self) -> Statement:
        return Statement(self.text, "quoted", (self.citation(),))


# Words that ask rather than name what is asked about; they never stand in an answer.
_ASKING = re.compile(
    r"多少钱|多少|什么时候|什么意思|什么|怎么样|怎么|怎样|如何|哪些|哪个|哪里|哪儿|为什么|是不是|能不能|可不可以|有没有|可以|能否|是否|请问|我们|我想|想问|老板|一下|吗|呢|吧|啊|咱们|咱|俺|你们|你好|谢谢|厂里|一家|现在|目前|"
    r"知道|告诉|帮我|需要|应该|这个|那个|一个|还能|到底|究竟|大概|"
    r"\b(?:how much|how many|please|tell me|we are|we're|i am|i'm|our|my|want|know|need|would like|could|give|get|gets|got|firm|company|business|question|hello|hi|thanks|currently|now|just|really|anyone|somebody|one|also|does|say|says)\b",
    re.I,
)
# Characters that only join words: a bigram across one of them is no word.
_JOINTS = frozenset("的了吗呢吧啊呀嘛哦我你您他她它们咱俺这那哪么什怎谁是在就都也还很没不和与及或等个家去来说")


def asked_words(text: str) -> list[str]:
    """Index terms of what the question is about, without the asking itself."""
    words = dict.fromkeys(tokens(_ASKING.sub(" ", fold(text))))
    return [t for t in words if t not in STOP_ZH and not (len(t) == 2 and _JOINTS & set(t))]


def _weight(token: str, idf: Callable[[str], float]) -> float:
    """A Chinese bigram that no document holds is mostly a chance neighbour, not a word; an unknown English word is one."""
    weight = idf(token)
    return 0.4 * weight if weight >= idf("\0") and not token.isascii() else weight


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence of a passage: offsets count in the passage's document text."""

    start: int
    end: int
    text: str


Row = tuple[Passage, Spoken]


@dataclass(frozen=True)
class _Table:
    said: Reading
    at: Integers  # (rows,): which of its sentences the rows are
    passages: list[Passage]  # of each row
    about: Ragged  # a row a sentence: the words of what its document is about
    matrix: Floats  # (rows, len(NAMES))

    @cached_property
    def rows(self) -> list[Row]:
        return [
            (p, Spoken(a, b, p.text[a - p.start : b - p.start]))
            for p, a, b in _spans(self.said, self.at, self.passages)
        ]


def _of(texts: Ragged, rows: Integers) -> Ragged:
    """These rows, which stand in their order; without a copy where they are all of them."""
    return texts if len(rows) == len(texts) else texts.of(rows)


def _spans(said: Reading, at: Integers, passages: Sequence[Passage]) -> Iterable[tuple[Passage, int, int]]:
    """(passage, start, end) of these sentences, of which each one's passage is given."""
    return zip(passages, said.start[at].tolist(), said.end[at].tolist(), strict=True)


class SentenceChooser:
    """Scores the sentences of the hits' documents for one question."""

    def __init__(
        self,
        query: Query,
        generation: Generation,
        lexicon: Lexicon,
        embedder: Embedder,
        cross_encoder: CrossEncoder | None = None,
    ) -> None:
        self._query, self._generation, self._lexicon, self._embedder = query, generation, lexicon, embedder
        self._cross_encoder = cross_encoder
        idf = generation.lexical.idf
        self.weights = {t: _weight(t, idf) for t in asked_words(query.focus or query.text)}
        for t in asked_words(query.text) if query.focus else ():
            self.weights.setdefault(t, _STORY * _weight(t, idf))
        if query.previous:
            for t in asked_words(query.previous):
                self.weights.setdefault(t, _EARLIER * _weight(t, idf))
        for number in own_numbers(query.text):
            self.weights.pop(number, None)
        self._wanted = wants(query.text)
        self._tables: dict[Key, _Table] = {}
        self._candidates: dict[Key, tuple[Ranker, list[Candidate]]] = {}
        self._letters = letters(_ASKING.sub(" ", fold(query.text)))
        self._names = self._synonyms()
        self._twin_words, self._near_words = self._across()
        self._twin_letters = letters(" ".join(self._twin_words))

    def _across(self) -> tuple[dict[str, float], dict[str, float]]:
        """The question's words in the other language, and what comes back from there: its synonyms."""
        own = self._query.language
        other: Language = "en" if own == "zh" else "zh"
        there = self._lexicon.translate(_ASKING.sub(" ", fold(self._query.text)), other)
        back = self._lexicon.translate(" ".join(w for w, _ in there[:24]), own)
        return _by_token(there), {t: w for t, w in _by_token(back).items() if t not in self.weights}

    def _synonyms(self) -> dict[str, set[frozenset[str]]]:
        """Per asked token, the token sets of other names that count as the same word."""
        sets: dict[str, set[frozenset[str]]] = {}
        folded = fold(self._query.text)
        for id in self._query.terms:
            term = self._lexicon.terms[id][1]
            names = [*term.names("zh"), *term.names("en")]
            asked = {t for n in names if fold(n) in folded for t in terms(n)}
            others = [words_of(n) for n in names if terms(n)]
            for token in asked:
                sets.setdefault(token, set()).update(others)
        return sets

    def heard(self, words: frozenset[str] | set[str]) -> frozenset[str]:
        """`words`, and the question's own word where another name of it stands there."""
        met = (t for t, others in self._names.items() if any(o <= words for o in others))
        return frozenset((*words, *met))

    def coverage(self, words: frozenset[str] | set[str]) -> float:
        """Share of the question's words, by idf, that stand in `words`, as they are or in translation."""
        return max(coverage(self.weights, self.heard(words)), coverage(self._twin_words, words))

    def share(self, words: frozenset[str]) -> float:
        """What part of the question these of its words are."""
        return sum(self.weights.get(t, 0.0) for t in words) / (sum(self.weights.values()) or 1.0)

    def unknown(self, token: str) -> bool:
        """Whether no document of the corpus holds the word."""
        return self._generation.lexical.idf(token) >= self._generation.lexical.idf("\0")

    def knows_nothing(self) -> bool:
        """Whether no document of the corpus holds any word of the question."""
        return bool(self.weights) and all(map(self.unknown, self.weights))

    def closeness(self, candidate: Candidate) -> float:
        """Cosine of question and sentence."""
        row = self._lexicon.sentence_vectors([candidate.text], self._embedder)
        return float(row[0] @ self._embedder.embed_question(self._query.semantic))

    def nearly(self, text: str) -> tuple[float, float]:
        """(share of the question's words that a text nearly holds, the largest share that one word it lacks has)."""
        nearest, weights = self._near(self._query.text, [text])
        total = float(weights.sum())
        if not total:
            return 0.0, 0.0
        lacking = weights / total * (1.0 - np.clip(nearest[0], 0.0, 1.0))
        return 1.0 - float(lacking.sum()), float(lacking.max())

    def unmet(self, texts: Sequence[tuple[str, frozenset[str]]]) -> float:
        """Share of the kinds of thing asked for that none of these (text, kinds of figures) offers."""
        wanted = [w for w in self._wanted if any(w == m for m, _ in MEETINGS)]
        told = [offers(t, kinds) for t, kinds in texts]
        met = {w for w, o in MEETINGS if w in wanted and any(t[o] > 0 for t in told)}
        return 1.0 - len(met) / len(wanted) if wanted else 0.0

    def missing(self, words: frozenset[str] | set[str]) -> dict[str, float]:
        """The asked words that do not stand in `words`, with their share of the question."""
        heard, total = self.heard(words), sum(self.weights.values()) or 1.0
        return {t: w / total for t, w in self.weights.items() if t not in heard}

    def candidates(self, hits: Sequence[Hit]) -> list[Candidate]:
        """All sentences of the hits and of the first two documents, best first; found once for the same hits."""
        by, held = ranker(), self._candidates.get(_key(hits))
        if held is None or held[0] is not by:  # training changes the ranker
            held = self._candidates[_key(hits)] = (by, self._ranked(hits, by))
        return list(held[1])

    def _ranked(self, hits: Sequence[Hit], by: Ranker) -> list[Candidate]:
        table = self._table_of(hits)
        asked = list(self.weights)
        spoken_of = self._heard(asked, table.said.words.of(table.at))[1] | self._heard(asked, table.about)[1]
        found = [
            Candidate(
                p,
                s.start,
                s.end,
                s.text,
                score,
                whole,
                frozenset(asked[i] for i in np.flatnonzero(stands)),
                soft,
                affinity,
            )
            for (p, s), score, stands, (whole, soft, affinity) in zip(
                table.rows,
                by.score(table.matrix).tolist(),
                spoken_of,
                table.matrix[:, [_WHOLE, _SOFT, _AFFINITY]].tolist(),
                strict=True,
            )
        ]
        return sorted(found, key=lambda c: (-c.score, c.passage.document, c.start))

    def best(self, hits: Sequence[Hit], by: Ranker) -> dict[str, float]:
        """Passage id of each hit → the score of its best sentence; of one without sentences, the lowest of these."""
        table = self._table(hits, {h.passage.id for h in hits})
        best: dict[str, float] = {}
        for passage, score in zip(table.passages, by.score(table.matrix).tolist(), strict=True):
            best[passage.id] = max(score, best.get(passage.id, score))
        floor = min(best.values(), default=0.0)
        return {h.passage.id: best.get(h.passage.id, floor) for h in hits}

    def table(self, hits: Sequence[Hit]) -> tuple[list[Row], Floats]:
        """(sentences, feature matrix (n, len(NAMES)))."""
        table = self._table_of(hits)
        return table.rows, table.matrix

    def _table_of(self, hits: Sequence[Hit]) -> _Table:
        """Made once for the same hits."""
        key = _key(hits)
        if key not in self._tables:
            self._tables[key] = self._table(hits)
        return self._tables[key]

    def _table(self, hits: Sequence[Hit], own: Collection[str] | None = None) -> _Table:
        """The same, of these passages only where `own` names some that all have sentences; the others' count as neighbours."""
        passages = self._passages(hits)
        said = self._generation.read(passages)
        if not len(said.start):
            return _Table(said, said.passage, [], said.words, np.zeros((0, len(NAMES))))
        last = {passages[i].document: i for i in np.flatnonzero(np.diff(said.first))}
        number = {document: i for i, document in enumerate(last)}
        of = np.array([number.get(p.document, -1) for p in passages])[said.passage]
        languages = np.array([p.language for p in passages])[said.passage]
        about = said.about.of(np.array([*last.values()]))
        columns = self._by_words(said, languages, about, of) | self._by_meaning(said, passages, of)
        columns |= self._by_sentence(said, passages)
        mine = np.array([own is None or p.id in own for p in passages])
        if not np.diff(said.first)[mine].all():
            mine[:] = True
        at = np.flatnonzero(mine[said.passage])
        homes, of = [passages[i] for i in said.passage[at]], of[at]
        columns = dict(zip(columns, np.array([*columns.values()], dtype=np.float64)[:, at], strict=True))
        columns |= self._by_known(_spans(said, at, homes))
        columns |= self._by_document(hits, {d: passages[i] for d, i in last.items()}, of)
        columns["position"] = columns["start"] / columns["text"]
        matrix = np.ascontiguousarray(np.array([columns[name] for name in NAMES]).T)
        return _Table(said, at, homes, about.of(of), matrix)

    def _asked_in(self, language: str) -> tuple[dict[str, float], npt.NDArray[np.uint16]]:
        """The question's words and letters as a passage of that language could hold them."""
        if language == self._query.language:
            return self.weights, self._letters
        return self._twin_words, self._twin_letters

    def _heard(self, terms: Sequence[str], texts: Ragged) -> tuple[Flags, Flags]:
        """(n texts, m terms): which stand there, and which do once another name of a term counts as that term."""
        stand = membership(numbers(terms), texts)
        named = {i: self._names[t] for i, t in enumerate(terms) if t in self._names}
        if not named:
            return stand, stand
        names = {name for others in named.values() for name in others}
        words = sorted(frozenset().union(*names))
        held = membership(numbers(words), texts)
        whole = {name: held[:, [words.index(w) for w in name]].all(axis=1) for name in names}
        heard = stand.copy()
        for i, others in named.items():
            heard[:, i] |= np.any([whole[name] for name in others], axis=0)
        return stand, heard

    def _by_words(
        self, said: Reading, languages: npt.NDArray[np.str_], about: Ragged, of: Integers
    ) -> dict[str, Floats]:
        """Which of the question's words and letters stand in each sentence, in what its document is about, and in its twin."""
        columns = {name: np.zeros(len(of)) for name in ("own", "whole", "local", "letters", "letters_local")}
        for language in LANGUAGES:
            at = np.flatnonzero(languages == language)
            if not len(at):
                continue
            asked, asked_letters = self._asked_in(language)
            words, weights = list(asked), np.array(list(asked.values()))
            counted, held = self._heard(words, _of(said.words, at))
            near = self._heard(words, about)[1][of[at]]
            marks, even = membership(asked_letters, _of(said.letters, at)), np.ones(len(asked_letters))
            columns["own"][at] = shares(held, weights)
            columns["whole"][at] = shares(held | near, weights)
            columns["local"][at] = local_shares(held, counted, weights, of[at])
            columns["letters"][at] = shares(marks, even)
            columns["letters_local"][at] = local_shares(marks, marks, even, of[at])
        counted, held = self._heard([*self._near_words], said.words)
        columns["synonyms_local"] = local_shares(held, counted, np.array([*self._near_words.values()]), of)
        there = membership(numbers(self._twin_words), said.twin_words)
        columns["twin_local"] = local_shares(there, there, np.array([*self._twin_words.values()]), of)
        return columns

    def _by_meaning(self, said: Reading, passages: Sequence[Passage], of: Integers) -> dict[str, Floats]:
        """How close each sentence, its twin, its heading and its words are to the question."""
        question = self._embedder.embed_question(self._query.semantic)
        direction = affinity_direction(question, self._embedder.fingerprint)
        directions = np.stack([question, np.zeros_like(question) if direction is None else direction])
        found = self._compared(self._query.text, directions, said, passages)
        nearest, weights = found.nearest, self._word_weights(found.words)
        if self._query.previous:  # words of an earlier turn count less
            before = self._compared(self._query.previous, directions, said, passages)
            nearest = np.hstack([nearest, before.nearest])
            weights = np.r_[weights, _EARLIER * self._word_weights(before.words)]
        soft = soft_columns(nearest, weights, of)
        (dense, near), (heading, near_heading) = found.said.T.astype(float), found.headings.T.astype(float)
        # A document in one language is no worse for having no twin.
        twin = np.where(said.twin_end > said.twin_start, found.twins[:, 0].astype(float), dense)
        return {
            "dense": dense,
            "dense_centred": centred(dense, of),
            "twin_dense": twin,
            "twin_dense_centred": centred(twin, of),
            "heading_dense": heading,
            "affinity": near + HEADING_SHARE * near_heading,
            **dict(zip(SOFT, soft.T, strict=True)),
        }

    def _compared(self, question: str, directions: Vectors, said: Reading, passages: Sequence[Passage]) -> Compared:
        question = _ASKING.sub(" ", fold(question))
        if isinstance(self._embedder, PieceEmbedder):
            return by_pieces(self._embedder, question, directions, said)
        homes = [passages[i] for i in said.passage]
        texts = [p.text[a - p.start : b - p.start] for p, a, b in zip(homes, said.start, said.end, strict=True)]
        twins = [self._twin(p, a, b) for p, a, b in zip(homes, said.twin_start, said.twin_end, strict=True)]
        embed = partial(self._lexicon.sentence_vectors, embedder=self._embedder)
        return by_texts(self._embedder, embed, question, directions, texts, twins, homes)

    def _twin(self, passage: Passage, start: int, end: int) -> str:
        texts = self._generation.documents[passage.document].texts
        return texts[other_language(passage.language)][start:end] if end else ""

    def _by_sentence(self, said: Reading, passages: Sequence[Passage]) -> dict[str, npt.NDArray[Any]]:
        """What each sentence tells, beside what the question wants."""
        kind = self._query.plan.type
        columns = told(said, passages, counts_people(self._query.text))
        fits = np.array([heading_fits(kind, last_heading(p)) for p in passages])
        return {
            **columns,
            **{f"{w}_{o}": float(w in self._wanted) * columns[f"offers_{o}"] for w, o in MEETINGS},
            **of_the_kind(kind, said),
            **of_the_figures(self._query.levels, self._query.years, said),
            "heading": fits[said.passage],
        }

    def _by_known(self, spans: Iterable[tuple[Passage, int, int]]) -> dict[str, Floats]:
        """Which known questions each sentence answers."""
        signs = [self.known.signs(p.document, p.language, a, b) for p, a, b in spans]
        return dict(zip(KNOWN, np.array(signs).T, strict=True))

    def _by_document(self, hits: Sequence[Hit], last: Mapping[str, Passage], of: Integers) -> dict[str, Floats]:
        """What all sentences of one document share; `last` is the last passage looked at of each, in their order."""
        best = max((h.score for h in hits), default=1.0) or 1.0
        score = {h.passage.document: h.score / best for h in reversed(hits)}
        order = list(dict.fromkeys(h.passage.document for h in hits))
        rank = {d: at for at, d in enumerate(order, 1)}
        table = []
        for id, passage in last.items():
            document = self._generation.documents[id]
            trade, place = self._same_trade(document), self._same_place(document)
            table.append(
                {
                    "hit": score.get(id, 0.0),
                    "first_document": id == order[0],
                    "rank": 1.0 / rank.get(id, len(order) + 1),
                    "second_hand": document.text_origin == "own" and self._query.plan.type not in _TAUGHT,
                    "named": id in self._query.named,
                    "industry_same": trade > 0,
                    "industry_other": trade < 0,
                    "place_same": place > 0,
                    "place_other": place < 0,
                    "place_unasked": self._unasked(document),
                    "kind_planned": document.kind in self._query.plan.kinds,
                    "text": max(len(document.texts[passage.language]), 1),
                }
            )
        return {name: np.array([row[name] for row in table], dtype=np.float64)[of] for name in table[0]}

    @cached_property
    def known(self) -> Matches:
        """The known questions that this one resembles."""
        known, query = self._lexicon.known, self._query
        read_by = None if query.parts else self._cross_encoder  # of several questions each is read by itself
        return known.match(query, self._embedder, self._near, self._same_place, read_by)

    def _near(self, question: str, texts: Sequence[str]) -> tuple[Vectors, Floats]:
        words, nearest = self._embedder.nearest_words(_ASKING.sub(" ", fold(question)), texts)
        return nearest, self._word_weights(words)

    def _word_weights(self, words: Sequence[str]) -> Floats:
        return np.array([self._word_weight(w) for w in words])

    def _word_weight(self, word: str) -> float:
        idf = self._generation.lexical.idf
        if word.isdigit():  # figures meet by value, not by being near
            return 0.0
        weights = [_weight(t, idf) for t in terms(word) if t not in STOP_ZH]
        return sum(weights) / len(weights) if weights else 0.0

    def _passages(self, hits: Sequence[Hit]) -> list[Passage]:
        """The hits' passages, and the rest of the first documents: a digest is short and says each thing once."""
        chosen = {h.passage.id: h.passage for h in hits}
        for hit in {h.passage.document: h for h in reversed(hits[:4])}.values():
            for passage in around(
                hit.passage, self._generation.by_document[hit.passage.document, hit.passage.language]
            ):
                chosen.setdefault(passage.id, passage)
        return list(chosen.values())

    def _same_trade(self, document: Document) -> int:
        if not document.industries or not self._query.industries:
            return 0
        covers, asked = self._lexicon.industries.covers, self._query.industries
        return 1 if any(covers(a, d) or covers(d, a) for a in asked for d in document.industries) else -1

    def _unasked(self, document: Document) -> bool:
        local = document.kind in ("policy", "notice") and "/" in (document.jurisdiction or "")
        return local and not self._query.places and document.id not in self._query.named

    def _same_place(self, document: Document) -> int:
        """A rule for the whole of what contains the place is neither its own nor another's."""
        covers, home = self._lexicon.places.covers, document.jurisdiction
        if not self._query.places or home is None:
            return 0
        if any(covers(p, home) for p in self._query.places):
            return 1
        return 0 if any(covers(home, p) for p in self._query.places) else -1


def around(hit: Passage, passages: Sequence[Passage]) -> Sequence[Passage]:
    """A document's passages; of a long one those nearest to the hit, for what stands chapters away is not about it."""
    first = bisect_left(passages, hit.start, key=lambda p: p.start) - _NEAREST // 2
    first = max(0, min(first, len(passages) - _NEAREST))
    return passages[first : first + _NEAREST]


def is_abroad(query: Query, document: Document) -> bool:
    """Whether a document is of another country than the asked one: in Chinese and without a place, China is meant."""
    if query.language != "zh" or query.places or query.named or query.previous or document.jurisdiction is None:
        return False
    return document.jurisdiction.split("/")[0] not in ("CN", "INTL", "OECD")


def _key(hits: Sequence[Hit]) -> Key:
    return tuple((h.passage.id, h.score) for h in hits)


@lru_cache(maxsize=20_000)
def words_of(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _by_token(words: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Index terms of translated words with their weights; English stems are index terms already."""
    weights: dict[str, float] = {}
    for term, weight in words:
        for token in (term,) if term.isascii() else terms(term):
            weights[token] = max(weight, weights.get(token, 0.0))
    return weights


def shares_words(a: str, b: str) -> float:
    """Jaccard overlap of two sentences' index terms."""
    x, y = words_of(a), words_of(b)
    return len(x & y) / len(x | y) if x | y else 1.0


__all__ = ["Candidate", "SentenceChooser", "asked_words", "is_not_known", "shares_words"]
