"""What `advisor check` proves of every document: schema, dates, links, places, both languages, equal figures, quoted sentences."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from advisor.errors import AdvisorError, CorpusError
from advisor.ingest.read import Corpus
from advisor.model import LANGUAGES, Document
from advisor.records import SCENES, Case, Condition, Figure, Funding, Record, Result, Words, records_of, said
from advisor.text import fold, quantities, tokens

_NEAR_DUPLICATE = 0.8
_MARKUP = re.compile(r"\]\(|https?://|<[a-zA-Z/!]")  # links live in `sources`; HTML and images nowhere


@dataclass(frozen=True)
class Finding:
    severity: str  # error | warning
    reason: str
    document: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        return {"severity": self.severity, "reason": self.reason, "document": self.document, "detail": self.detail}


def check(corpus: Corpus, hosts: Collection[str] = ()) -> list[Finding]:
    """All findings, errors first; an empty list is a clean corpus. Without `hosts` no link is judged."""
    found = [_unreadable(e) for e in corpus.quarantined]
    known = {d.id: d for d in corpus.documents}
    for document in corpus.documents:
        found += _metadata(document, known, corpus)
        found += _dates(document, known)
        found += _sources(document, hosts)
        found += _languages(document)
        found += _records(document, known, corpus)
        found += _questions(document)
    found += _duplicates(corpus.documents)
    return sorted(found, key=lambda f: (f.severity, f.document, f.reason))


def read_hosts(roots: Iterable[Path]) -> frozenset[str]:
    """Every host of the roots' `hosts.yaml`; raises CorpusError where one is no list of lists."""
    hosts: set[str] = set()
    for path in (r / "hosts.yaml" for r in roots):
        if path.exists():
            rows = yaml.safe_load(path.read_text("utf-8"))
            if not isinstance(rows, dict) or not all(isinstance(v, list) for v in rows.values()):
                raise CorpusError("schema", str(path), field="(whole file)", problem="must name lists of hosts", more=0)
            hosts |= {str(host) for listed in rows.values() for host in listed}
    return frozenset(hosts)


def is_recognised(host: str, hosts: Collection[str]) -> bool:
    """The host itself, or one below it, is listed."""
    return any(host == h or host.endswith(f".{h}") for h in hosts)


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
    if not document.title.zh and not document.title.en:
        yield error("no_title", "title is empty")
    for other in document.supersedes:
        if other not in known:
            yield error("link_unknown", f"supersedes {other}, which is not in the corpus")
        elif known[other].superseded_by != document.id:
            yield error("link_one_way", f"supersedes {other}, which does not say superseded_by {document.id}")
    if document.superseded_by:
        successor = known.get(document.superseded_by)
        if successor is None:
            yield error("link_unknown", f"superseded_by {document.superseded_by}, which is not in the corpus")
        elif document.id not in successor.supersedes and document.text_origin != "original":
            yield error("link_one_way", f"superseded_by {successor.id}, which does not list it under supersedes")
    elif document.status == "superseded":
        yield error("no_successor", "status is superseded but superseded_by is empty")


def _dates(document: Document, known: dict[str, Document]) -> Iterator[Finding]:
    """In order, not before there were computers, and nothing was issued after it was seen."""

    def error(reason: str, detail: str) -> Finding:
        return Finding("error", reason, document.id, detail)

    if document.in_force_from and document.in_force_to and document.in_force_from > document.in_force_to:
        yield error("dates_reversed", f"in_force ends {document.in_force_to} before it begins {document.in_force_from}")
    seen = [s.seen for s in document.sources if s.seen]
    dates = [document.issued, *seen, *(str(d) for d in (document.in_force_from, document.in_force_to) if d)]
    for day in (d for d in dates if d and not "1980" <= d < "2100"):
        yield error("date_implausible", day)
    if document.issued and seen and document.issued > max(seen):
        yield error("date_implausible", f"issued {document.issued}, but its sources were seen by {max(seen)}")
    for other in (known[i] for i in document.supersedes if i in known):
        if (
            other.issued
            and document.issued
            and other.issued[: len(document.issued)] > document.issued[: len(other.issued)]
        ):
            yield error("dates_reversed", f"issued {document.issued}, supersedes {other.id} of {other.issued}")
    for row in records_of(document).funding:
        if row.window and row.window.from_ and row.window.to and row.window.from_ > row.window.to:
            yield error("dates_reversed", f"records.funding.{row.id}.window ends before it begins")


def _sources(document: Document, hosts: Collection[str]) -> Iterator[Finding]:
    """Something outside ourselves carries every digest; a link leads to a host that a maintainer recognised."""
    if not document.sources:
        yield Finding("error", "no_source", document.id, "sources is empty")
    elif document.text_origin == "digest" and all(s.kind == "own" for s in document.sources):
        yield Finding("error", "no_source", document.id, "a digest names the document it digests")
    if any(not s.title.strip() for s in document.sources):
        yield Finding("error", "no_source", document.id, "a source has no title")
    for address in (s.url for s in document.sources if s.url and hosts):
        host = urlsplit(address).hostname or ""
        if not is_recognised(host, hosts):
            yield Finding("warning", "host_unknown", document.id, f"{host} is not in hosts.yaml: {address}")


def _languages(document: Document) -> Iterator[Finding]:
    if document.text_origin == "original":
        return
    for language in LANGUAGES:
        if not document.texts.get(language, "").strip():
            yield Finding("error", "language_missing", document.id, f"{language}.md is missing or empty")
        elif markup := _MARKUP.search(document.texts[language]):
            line = document.texts[language].count("\n", 0, markup.start()) + 1
            yield Finding("error", "markup", document.id, f"{language}.md:{line} holds a link, an image or HTML")
        if document.texts.get(language) and not document.texts[language].startswith("# "):
            yield Finding("error", "markup", document.id, f"{language}.md does not begin with its title")
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
    yield from _classified(document, corpus)
    for i, case in enumerate(records.case):
        for result in case.results:
            for language, text in document.texts.items():
                if result.before is not None and not _states(text, result.before):
                    detail = f"records.case.{i}: {language}.md does not state {result.before:g} before"
                    yield Finding("error", "said_lacks_figure", document.id, detail)
    for row in records.funding:
        if (row.cap or row.amount) and not row.currency:
            yield Finding(
                "error", "currency_missing", document.id, f"records.funding.{row.id} has an amount without currency"
            )
    for name, ids in (
        ("funding", [r.id for r in records.funding]),
        ("indicator", [r.id for r in records.indicator]),
        ("term", [r.id for r in records.term]),
        ("pain_point", [r.id for r in records.pain_point]),
        ("chain", [r.id for r in records.chain]),
    ):
        for twice in sorted({i for i in ids if ids.count(i) > 1}):
            yield Finding("error", "record_twice", document.id, f"two records.{name} have the id {twice}")


def _questions(document: Document) -> Iterator[Finding]:
    """The sentences that answer a known question stand in the text; nothing is asked twice of one document."""
    for number, question in enumerate(document.questions, 1):
        for language, text in document.texts.items():
            for sentence in (s.get(language) for s in question.said):
                if text.count(sentence) != 1:
                    detail = f"questions.jsonl:{number} {language} stands {text.count(sentence)} times in the text: {sentence[:60]}"
                    yield Finding("error", "said_not_once", document.id, detail)
    for language in LANGUAGES:
        asked = [q for known in document.questions for q in known.asked[language]]
        for twice in sorted({q for q in asked if asked.count(q) > 1}):
            yield Finding("error", "question_twice", document.id, f"questions.jsonl asks twice: {twice}")


def _classified(document: Document, corpus: Corpus) -> Iterator[Finding]:
    """Places, industries and scenes of the records are ones that a profile can be compared with."""
    records = records_of(document)
    conditions = [c for row in records.funding for c in row.conditions]

    def named(field: str) -> list[str]:
        values = [c.value for c in conditions if c.field == field]
        return [str(v) for value in values for v in (value if isinstance(value, list) else [value])]

    for place in (*(c.place for c in records.case if c.place), *named("region")):
        if place not in corpus.places.entries:
            yield Finding("error", "place_unknown", document.id, f"a record names {place}, which is not in places.yaml")
    industries = [*(c.industry for c in records.case if c.industry), *(p.industry for p in records.pain_point)]
    for industry in (*industries, *(c.industry for c in records.chain), *named("industry")):
        if industry not in corpus.industries.entries:
            yield Finding(
                "error", "industry_unknown", document.id, f"a record names {industry}, which is not in industries.yaml"
            )
    scenes = {s for c in records.case for s in c.scenes} | {s for p in records.pain_point for s in p.scenes}
    for scene in sorted(scenes - set(SCENES)):
        yield Finding("error", "scene_unknown", document.id, f"a record names the scene {scene}")


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
    return any(abs(w - s) <= 0.051 * (1 if w > 1 else 0.1) for w in wanted for s in stated)


def _duplicates(documents: Sequence[Document]) -> Iterator[Finding]:
    """Two documents that say nearly the same words; the same original under two names is its owner's affair."""
    for language in LANGUAGES:
        words = [(d, _pairs(d.texts[language])) for d in documents if d.texts.get(language)]
        words = [(d, w) for d, w in words if len(w) > 30]
        for i, (a, first) in enumerate(words):
            for b, second in words[i + 1 :]:
                fewer = min(len(first), len(second))
                if len(first & second) > _NEAR_DUPLICATE * fewer:
                    severity = "warning" if "original" in (a.text_origin, b.text_origin) else "error"
                    yield Finding(severity, "near_duplicate", a.id, f"shares most of its words with {b.id}")


def _pairs(text: str) -> set[tuple[str, str]]:
    """Neighbouring words: two documents of one trade share words, copies share their order."""
    words = tokens(text)
    return set(zip(words, words[1:], strict=False))


__all__ = ["Case", "Finding", "Funding", "Words", "check", "figures", "is_recognised", "read_hosts"]
