"""Typed records of a document (funding, case, indicator, term …): facts that can be answered exactly.

Every figure carries `said`: the verbatim sentence of our text, per language, that states it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from advisor.model import Document, Language


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Record):
    """The same words in both languages."""

    zh: str
    en: str

    def get(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Figure(Record):
    """A number, or a range, and the sentence that says it."""

    value: float | None = None
    min: float | None = None
    max: float | None = None
    currency: str | None = None
    unit: Words | str | None = None
    said: Words

    @model_validator(mode="after")
    def _has_a_number(self) -> Figure:
        if self.value is None and self.min is None and self.max is None:
            raise ValueError("needs value, or min and max")
        return self

    @property
    def highest(self) -> float:
        return next(n for n in (self.value, self.max, self.min) if n is not None)


Operator = Literal["eq", "ne", "lt", "le", "gt", "ge", "in"]


class Condition(Record):
    """One machine-readable clause; `field` is a profile field, or list/other for what only the authority can tell."""

    field: Literal[
        "level",
        "employees",
        "revenue",
        "balance_sheet",
        "industry",
        "region",
        "founded",
        "title",
        "spend",
        "list",
        "other",
    ]
    op: Operator
    value: Any
    said: Words


class Window(Record):
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    said: Words | None = None


class Funding(Record):
    """What one scheme pays to one level, class or segment. `rate` is a share 0–1, `cap` and `amount` are in `currency`."""

    id: str
    scheme: Words
    instrument: Literal[
        "grant",
        "reward",
        "voucher",
        "loan",
        "interest_subsidy",
        "guarantee",
        "tax_credit",
        "deduction",
        "service",
        "equity",
    ]
    payer: Words | None = None
    level: int | None = None
    segment: Words | None = None
    rate: Figure | None = None
    cap: Figure | None = None
    amount: Figure | None = None
    currency: str | None = None
    eligible_cost: Words | None = None
    conditions: tuple[Condition, ...] = ()
    window: Window | None = None
    status: Literal["open", "closed", "upcoming", "unknown"] = "unknown"

    @property
    def sentences(self) -> tuple[Words, ...]:
        """The sentences that say its figures, each once."""
        said = {w.zh: w for f in (self.rate, self.cap, self.amount) if f for w in (f.said,)}
        return tuple(said.values())


class Result(Record):
    """A measured or expected effect; `change` 0.34 is +34 %."""

    metric: Words
    before: float | None = None
    after: float | None = None
    change: float | None = None
    unit: Words | str | None = None
    kind: Literal["achieved", "expected"]
    said: Words


class Case(Record):
    company: Words
    industry: str | None = None
    employees: Figure | None = None
    place: str | None = None
    problem: Words | None = None
    measures: tuple[Words, ...] = ()
    scenes: tuple[str, ...] = ()
    spend: Figure | None = None
    results: tuple[Result, ...] = ()


class Indicator(Record):
    """A dimension, question, scene or level of an assessment; `points` is a weight, or the lowest score of a level."""

    id: str
    type: Literal["dimension", "question", "scene", "level"]
    name: Words
    parent: str | None = None
    level: int | None = None
    points: Figure | None = None
    scenes: Figure | None = None
    binding: Figure | None = None
    binding_scene: bool | None = None
    said: Words | None = None


class Synonyms(Record):
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class Term(Record):
    id: str
    zh: str
    en: str
    synonyms: Synonyms = Synonyms()
    abbreviations: tuple[str, ...] = ()
    definition: Words | None = None

    def names(self, language: Language) -> tuple[str, ...]:
        own = (self.zh, *self.synonyms.zh) if language == "zh" else (self.en, *self.synonyms.en)
        return (*own, *self.abbreviations)


class PainPoint(Record):
    id: str
    industry: str
    pain: Words
    scenes: tuple[str, ...] = ()
    solutions: tuple[Words, ...] = ()
    cases: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    said: Words


class Chain(Record):
    id: str
    industry: str
    lead: Words
    shares: Words | None = None
    standard: Words | None = None
    said: Words


class Records(Record):
    funding: tuple[Funding, ...] = ()
    case: tuple[Case, ...] = ()
    indicator: tuple[Indicator, ...] = ()
    term: tuple[Term, ...] = ()
    pain_point: tuple[PainPoint, ...] = ()
    chain: tuple[Chain, ...] = ()


SCENES = (
    "product-design process-design marketing after-sales planning production-control quality equipment safety energy "
    "purchasing warehousing finance hr collaboration decision-support"
).split()


_NO_RECORDS = Records()  # one for all of a large corpus


@lru_cache(maxsize=1024)
def _parse(canonical: str) -> Records:
    return Records.model_validate_json(canonical)


def records_of(document: Document) -> Records:
    """The document's records, parsed once per content."""
    if not document.records:
        return _NO_RECORDS
    return _parse(json.dumps(document.records, ensure_ascii=False, sort_keys=True, default=str))


def said(record: Record, where: str = "") -> Iterator[tuple[str, Record, Words]]:
    """Every (path, owner, sentence pair) of a record that quotes our text, definitions of terms included."""
    for name in type(record).model_fields:
        value = getattr(record, name)
        path = f"{where}.{name}" if where else name
        if isinstance(value, Words) and name in ("said", "definition"):
            yield path, record, value
        elif isinstance(value, Record):
            yield from said(value, path)
        elif isinstance(value, tuple):
            for i, item in enumerate(value):
                if isinstance(item, Record):
                    yield from said(item, f"{path}[{i}]")
