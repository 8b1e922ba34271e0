"""The nouns: frozen values that every room passes to the next. No disk, no vendors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, Language] = ("zh", "en")
Status = Literal["answered", "partial", "abstained", "clarify", "failed"]
Validity = Literal["in_force", "expired", "superseded", "draft", "unknown"]
StatementKind = Literal["quoted", "record", "derived", "written", "notice"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same words in both languages; one may be missing in documents that users add."""

    zh: str | None = None
    en: str | None = None

    def get(self, language: Language) -> str:
        chosen, other = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return chosen or other or ""


@dataclass(frozen=True, slots=True)
class SourceLink:
    title: str
    url: str | None
    kind: str
    seen: str | None


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where a page, sheet or slide of an original begins in its extracted text."""

    start: int
    at: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """What people ask that a document answers, as they put it, and the sentences that answer, in the order to read them."""

    asked: Mapping[Language, tuple[str, ...]]
    said: tuple[Bilingual, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the corpus with its texts; offsets of citations count in `texts[language]`."""

    id: str
    title: Bilingual
    kind: str
    text_origin: str
    texts: Mapping[Language, str]
    aliases: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    issuer: Bilingual | None = None
    number: str | None = None
    issued: str | None = None
    in_force_from: date | None = None
    in_force_to: date | None = None
    status: str = "unknown"
    supersedes: tuple[str, ...] = ()
    superseded_by: str | None = None
    jurisdiction: str | None = None
    industries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    sources: tuple[SourceLink, ...] = ()
    verification: str = "unverified"
    records: Mapping[str, Any] = field(default_factory=dict)
    pages: Mapping[Language, tuple[PageStart, ...]] = field(default_factory=dict)
    extractor: str | None = None
    questions: tuple[KnownQuestion, ...] = ()

    def validity(self, as_of: date) -> Validity:
        """Dates decide where they can; else the status that the maintainer wrote."""
        if self.superseded_by or self.status == "superseded":
            return "superseded"
        if self.status == "draft":
            return "draft"
        if self.in_force_to and self.in_force_to < as_of:
            return "expired"
        if self.status == "expired":
            return "expired"
        if self.in_force_to or self.status == "in_force":
            return "in_force"
        return "unknown"

    @property
    def url(self) -> str | None:
        """The first address a maintainer vouched for."""
        return next((s.url for s in self.sources if s.url), None)


@dataclass(frozen=True, slots=True)
class Passage:
    """A verbatim slice of a document: document.texts[language][start:end] == text."""

    id: str
    document: str
    language: Language
    start: int
    end: int
    text: str
    heading: str
    at: Mapping[str, Any] | None = field(default=None, hash=False)


def context(document: Document, passage: Passage) -> str:
    """What the passage is about beyond its own words: title, other names, headings."""
    names = document.aliases.get(passage.language, ())
    return " · ".join(dict.fromkeys((document.title.get(passage.language), *names, *passage.heading.split(" › "))))


@dataclass(frozen=True, slots=True)
class Hit:
    passage: Passage
    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class Profile:
    """Who is asking; every field may be missing."""

    region: str | None = None
    industry: str | None = None
    employees: int | None = None
    revenue: float | None = None
    currency: str | None = None
    level: int | None = None
    founded: int | None = None
    titles: tuple[str, ...] = ()
    spend: float | None = None
    goals: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items() if v not in (None, ())}


@dataclass(frozen=True, slots=True)
class Turn:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    language: Literal["auto", "zh", "en"] = "auto"
    profile: Profile | None = None
    history: tuple[Turn, ...] = ()
    as_of: date | None = None


QuestionType = Literal[
    "amount",
    "eligibility",
    "deadline",
    "status",
    "procedure",
    "definition",
    "comparison",
    "list",
    "how_to",
    "case",
    "assessment",
    "fact",
]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to speak to a question: which documents and records to fetch, and how many statements to show."""

    type: QuestionType
    kinds: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    statements: int = 4
    documents: int = 2


@dataclass(frozen=True, slots=True)
class Query:
    """A question understood: the user's own words stay in `text`; everything else is what we read out of them."""

    text: str
    language: Language
    as_of: date
    plan: Plan
    lexical: tuple[tuple[str, float], ...]
    semantic: str
    translated: tuple[tuple[str, float], ...] = ()
    profile: Profile = Profile()
    places: tuple[str, ...] = ()
    places_from: Literal["question", "history", "profile", "nowhere"] = "nowhere"
    industries: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    years: tuple[int, ...] = ()
    named: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    previous: str | None = None
    parts: tuple[Query, ...] = ()
    command: str | None = None
    refusal: str | None = None
    told: str = ""  # what was answered already and need not be said again
    dwelt: tuple[str, ...] = ()  # documents that the last answer quoted, in its order
    focus: str = ""  # the clauses of `text` that ask, without greetings and stories; empty where that is all of it


@dataclass(frozen=True, slots=True)
class Citation:
    """A pointer to a verbatim stretch of a document's text: text[start:end] == quote."""

    document: str
    language: Language
    passage: str
    quote: str
    start: int
    end: int
    at: Mapping[str, Any] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    kind: StatementKind
    citations: tuple[Citation, ...] = ()
    formula: str | None = None
    supported: bool = True
    unsupported_because: tuple[str, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()  # of a comparison: ("", side), then (heading, cell); shown as a table


@dataclass(frozen=True, slots=True)
class Clarify:
    slot: str
    question: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answerer says, before verification."""

    status: Status
    statements: tuple[Statement, ...]
    reason: str | None = None
    clarify: Clarify | None = None
    followups: tuple[str, ...] = ()
    answerer: str = "extractive"
    fallback: str | None = None
    answerability: float | None = None  # log-odds above the bar of refusal; None where words alone decided


@dataclass(frozen=True, slots=True)
class Source:
    """A cited document as the reader's card shows it."""

    n: int
    document: str
    language: Language
    title: str
    issuer: str | None
    number: str | None
    issued: str | None
    text_origin: str
    verification: str
    validity: Validity
    in_force_to: date | None
    superseded_by: str | None
    jurisdiction: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a visitor gets; `as_dict` is the JSON of the contract."""

    question: str
    language: Language
    as_of: date
    status: Status
    reason: str | None
    answer: str
    statements: tuple[Statement, ...]
    sources: tuple[Source, ...]
    clarify: Clarify | None
    followups: tuple[str, ...]
    answerer: str
    fallback: str | None
    hits: tuple[Hit, ...]
    timings_ms: Mapping[str, float]
    receipt: Mapping[str, Any]
    dropped: int = 0  # statements left out because their source does not carry them
    answerability: float | None = None

    def number_of(self, citation: Citation) -> int:
        return next(s.n for s in self.sources if s.document == citation.document)

    def as_dict(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "language": self.language,
            "as_of": self.as_of.isoformat(),
            "status": self.status,
            "reason": self.reason,
            "answer": self.answer,
            "statements": [
                {
                    "text": s.text,
                    "kind": s.kind,
                    "citations": [
                        {
                            "source": self.number_of(c),
                            "passage": c.passage,
                            "quote": c.quote,
                            "start": c.start,
                            "end": c.end,
                            "at": dict(c.at) if c.at else None,
                        }
                        for c in s.citations
                    ],
                    "formula": s.formula,
                    "supported": s.supported,
                    "unsupported_because": list(s.unsupported_because),
                }
                for s in self.statements
            ],
            "sources": [
                {**asdict(s), "in_force_to": s.in_force_to.isoformat() if s.in_force_to else None} for s in self.sources
            ],
            "clarify": None
            if self.clarify is None
            else {
                "slot": self.clarify.slot,
                "question": self.clarify.question,
                "choices": list(self.clarify.choices),
            },
            "followups": list(self.followups),
            "answerer": self.answerer,
            "fallback": self.fallback,
            "dropped": self.dropped,
            "answerability": self.answerability,
            "hits": [
                {"passage": h.passage.id, "document": h.passage.document, "score": round(h.score, 6), "rank": h.rank}
                for h in self.hits
            ],
            "timings_ms": {k: round(v, 3) for k, v in self.timings_ms.items()},
            "receipt": dict(self.receipt),
        }

    def to_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False)
