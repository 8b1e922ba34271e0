"""What `advisor check` proves of every document: schema, links, places, both languages, equal figures, quoted sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.errors import AdvisorError
from advisor.ingest.read import Corpus
from advisor.model import LANGUAGES, Document
from advisor.records import Case, Condition, Figure, Funding, Record, Result, Words, records_of, said
from advisor.text import fold, quantities, tokens

_NEAR_DUPLICATE = 0.8


@dataclass(frozen=True)
class Finding:
    severity: str  # error | warning
    reason: str
    document: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        return {"severity": self.severity, "reason": self.reason, "document": self.document, "detail": self.detail}


def check(corpus: Corpus) -> list[Finding]:
    """All findings, errors first; an empty list is a clean corpus."""
    found = [_unreadable(e) for e in corpus.quarantined]
    known = {d.id: d for d in corpus.documents}
    for document in corpus.documents:
        found += _metadata(document, known, corpus)
        found += _languages(document)
        found += _records(document, known, corpus)
    found += _duplicates(corpus.documents)
    return sorted(found, key=lambda f: (f.severity, f.document, f.reason))


def _unreadable(error: AdvisorError) -> Finding:
    return Finding("error", error.reason, error.where or "", str(error))


def _metadata(document: Document, known: dict[str, Document], corpus: Corpus) -> Iterator[Finding]:
    def error(reason: str, detail: str) -> Finding:
        return Finding("error", reason, document.id, detail)

    if document.jurisdiction is None or document.jurisdiction not in corpus.places.entries:
        yield error("place_unknown", f"jurisdiction {document.jurisdiction} is not in places.yaml")
    for industry in document.industries:
        if industry not in corpus.industries.entries:
            yield error("industry_unknown", f"industry {industry} is not in industries.yaml")
    if not document.sources:
        yield error("no_source", "sources is empty")
    if document.in_force_from and document.in_force_to and document.in_force_from > document.in_force_to:
        yield error("dates_reversed", f"in_force ends {document.in_force_to} before it begins {document.in_force_from}")
    if document.issued and not "1980" <= document.issued[:4] <= "2035":
        yield error("date_implausible", f"issued {document.issued}")
    for other in document.supersedes:
        if other not in known:
            yield error("link_unknown", f"supersedes {other}, which is not in the corpus")
        elif known[other].superseded_by != document.id:
            yield error("link_one_way", f"supersedes {other}, which does not say superseded_by {document.id}")
    if document.superseded_by:
        successor = known.get(document.superseded_by)
        if successor is None:
            yield error("link_unknown", f"superseded_by {document.superseded_by}, which is not in the corpus")
        elif document.id not in successor.supersedes:
            yield error("link_one_way", f"superseded_by {successor.id}, which does not list it under supersedes")
    elif document.status == "superseded":
        yield error("no_successor", "status is superseded but superseded_by is empty")


def _languages(document: Document) -> Iterator[Finding]:
    if document.text_origin == "original":
        return
    for language in LANGUAGES:
        if not document.texts.get(language, "").strip():
            yield Finding("error", "language_missing", document.id, f"{language}.md is missing or empty")
    if all(document.texts.get(language) for language in LANGUAGES):
        zh, en = (figures(document.texts[language]) for language in LANGUAGES)
        if zh != en:
            detail = f"only in zh: {_listed(zh - en)}; only in en: {_listed(en - zh)}"
            yield Finding("error", "figures_differ", document.id, detail)


def figures(text: str) -> set[object]:
    """The values a text states. Kinds are left out: 三级 and 3 are one figure to a reader."""
    return {q.key[1] for q in quantities(fold(text)) if not _is_vague(q.value)}


def _is_vague(value: object) -> bool:
    """A month without day and year: 9月 is a figure in Chinese, September a word in English."""
    return isinstance(value, tuple) and value[0] == 0 and value[2] == 0


def _listed(values: set[object]) -> str:
    return ", ".join(sorted(str(v) for v in values)[:8]) or "none"


def _records(document: Document, known: dict[str, Document], corpus: Corpus) -> Iterator[Finding]:
    records = records_of(document)
    for path, owner, words in said(records):
        for language in LANGUAGES:
            text, sentence = document.texts.get(language), words.get(language)
            if text is not None and text.count(sentence) != 1:
                detail = f"records.{path}.{language} stands {text.count(sentence)} times in the text: {sentence[:60]}"
                yield Finding("error", "said_not_once", document.id, detail)
            missing = [v for v in _values(owner) if not _states(sentence, v)] if path.endswith("said") else []
            if missing:
                yield Finding("error", "said_lacks_figure", document.id, f"records.{path}.{language} lacks {missing}")
    for linked in (i for p in records.pain_point for i in (*p.cases, *p.policies)):
        if linked not in known:
            yield Finding("error", "link_unknown", document.id, f"records.pain_point names {linked}")
    for place in (c.place for c in records.case if c.place):
        if place not in corpus.places.entries:
            yield Finding("error", "place_unknown", document.id, f"records.case.place {place} is not in places.yaml")


def _values(owner: Record) -> list[float]:
    """The figures that a record claims its sentence to hold."""
    if isinstance(owner, Figure):
        return [v for v in (owner.value, owner.min, owner.max) if v is not None]
    if isinstance(owner, Result):
        return [v for v in (owner.after if owner.after is not None else owner.change,) if v is not None]
    if isinstance(owner, Condition) and isinstance(owner.value, int | float) and not isinstance(owner.value, bool):
        return [float(owner.value)]
    return []


def _states(sentence: str, value: float) -> bool:
    """The value itself, or as a percentage, or as a tenth (降三成), a rise of one or a year."""
    stated: set[float] = set()
    for q in quantities(fold(sentence)):
        stated |= set(q.value) if isinstance(q.value, tuple) else {q.value}
    wanted = {value, abs(value), abs(value) * 100, abs(value) * 100 - 100, (abs(value) + 1) * 100}
    return any(abs(w - s) <= 0.051 * (1 if w > 1 else 0.1) for w in wanted for s in stated) or value in (0, 1, 2)


def _duplicates(documents: Sequence[Document]) -> Iterator[Finding]:
    """Two documents that say nearly the same words."""
    words = [(d.id, set(tokens(d.texts["zh"]))) for d in documents if d.texts.get("zh")]
    for i, (a, first) in enumerate(words):
        for b, second in words[i + 1 :]:
            if len(first & second) > _NEAR_DUPLICATE * min(len(first), len(second)) and min(len(first), len(second)) > 30:
                yield Finding("warning", "near_duplicate", a, f"shares most of its words with {b}")


__all__ = ["Case", "Finding", "Funding", "Words", "check", "figures"]
