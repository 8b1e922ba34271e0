"""Holds every statement against the passages it cites. Never edits, never asks the model that wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from advisor.model import Answer, Document, Statement
from advisor.text import fold, quantities, tokens

_LEAST_OVERLAP = 0.5


@dataclass(frozen=True)
class Verdict:
    supported: bool
    because: tuple[str, ...] = ()


def verify(answer: Answer, documents: Mapping[str, Document]) -> Answer:
    """The same answer with each statement's verdict; unsupported statements are marked, not removed."""
    return replace(answer, statements=tuple(_marked(s, verdict(s, documents)) for s in answer.statements))


def _marked(statement: Statement, found: Verdict) -> Statement:
    return replace(statement, supported=found.supported, unsupported_because=found.because)


def verdict(statement: Statement, documents: Mapping[str, Document]) -> Verdict:
    """Supported only if the quotes are verbatim and every figure of the statement stands in them."""
    if statement.kind == "notice":
        return Verdict(True)
    if not statement.citations:
        return Verdict(False, ("no_citation",))
    faults = [f for c in statement.citations if (f := _quote_fault(c.document, c.language, c.start, c.end, c.quote, documents))]
    if statement.kind == "quoted" and all(statement.text != c.quote for c in statement.citations):
        faults.append("text_is_not_the_quote")
    if statement.kind != "quoted":
        faults += [f"figure_not_cited:{m}" for m in quantities_missing(statement)]
    if statement.kind == "written" and overlap(statement) < _LEAST_OVERLAP:
        faults.append("too_far_from_the_quote")
    return Verdict(not faults, tuple(faults))


def _quote_fault(
    document: str, language: str, start: int, end: int, quote: str, documents: Mapping[str, Document]
) -> str | None:
    known = documents.get(document)
    text = known.texts.get(language) if known else None  # type: ignore[call-overload]
    if text is None:
        return "document_unknown"
    return None if text[start:end] == quote else "quote_not_verbatim"


def quantities_missing(statement: Statement) -> list[str]:
    """Figures of the statement that no quote carries; for a derived statement, beyond those of its formula."""
    cited = {q.key[1] for c in statement.citations for q in quantities(fold(c.quote))}
    if statement.formula:
        cited |= {q.key[1] for q in quantities(fold(statement.formula))}
    own = quantities(fold(statement.text))
    return [fold(statement.text)[q.start : q.end] for q in own if q.key[1] not in cited]


def overlap(statement: Statement) -> float:
    """Share of the statement's words that its quotes carry."""
    words = set(tokens(statement.text))
    cited = {t for c in statement.citations for t in tokens(c.quote)}
    return len(words & cited) / len(words) if words else 1.0
