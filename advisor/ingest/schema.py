"""The schema of `document.yaml`, `questions.jsonl`, `places.yaml` and `industries.yaml`; errors name file and field."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from advisor.records import Records, Words

TOPICS = (
    "funding tax loan city-pilot assessment platform cloud smart-factory ai data security energy supply-chain equipment skills "
    "case statistics standard guide selection e-invoicing size-class terms programme"
).split()

# YAML reads 2024-09-04 as a date and 2024 as a number; partial dates stay text.
PartialDate = Annotated[
    str, BeforeValidator(lambda v: v.isoformat() if isinstance(v, date) else str(v) if isinstance(v, int) else v)
]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OneOrBoth(Strict):
    zh: str | None = None
    en: str | None = None


class Names(Strict):
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class QuestionRow(Strict):
    """One line of `questions.jsonl`."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    said: tuple[OneOrBoth, ...] = Field(min_length=1)


class Period(Strict):
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None


class SourceEntry(Strict):
    title: str
    url: str | None = None
    kind: Literal["official", "interpretation", "press", "own"]
    seen: PartialDate | None = None

    @field_validator("url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is not None and not re.match(r"https?://[^\s/]+\.[^\s/]+", url):
            raise ValueError("is not a web address")
        return url


class DocumentFile(Strict):
    """`document.yaml`: metadata and records of one document."""

    title: OneOrBoth
    aliases: Names = Names()
    kind: Literal["policy", "notice", "standard", "guide", "case", "statistics", "term", "catalogue"]
    text_origin: Literal["digest", "original", "own"]
    issuer: OneOrBoth | None = None
    number: str | None = None
    issued: PartialDate | None = None
    in_force: Period = Period()
    status: Literal["in_force", "expired", "superseded", "draft", "unknown"] = "unknown"
    supersedes: tuple[str, ...] = ()
    superseded_by: str | None = None
    jurisdiction: str | None = None
    industries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    sources: tuple[SourceEntry, ...] = ()
    verification: Literal["official_text", "official_interpretation", "press", "unverified"] = "unverified"
    records: Records = Records()
    notes: str | None = None

    @field_validator("issued")
    @classmethod
    def _partial_date(cls, value: str | None) -> str | None:
        if value is None:
            return value
        if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", value):
            raise ValueError("must be YYYY, YYYY-MM or YYYY-MM-DD")
        date.fromisoformat((value + "-01-01")[:10])
        return value

    @field_validator("topics")
    @classmethod
    def _known_topics(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(topics) - set(TOPICS))
        if unknown:
            raise ValueError(f"unknown topic {', '.join(unknown)}")
        return topics


class NamedEntry(Strict):
    """A place or an industry with the names people type."""

    id: str
    zh: str
    en: str
    other: tuple[str, ...] = ()
    parent: str | None = None
    eu: bool = False
    not_in: tuple[str, ...] = ()
    word: bool = False


__all__ = ["TOPICS", "DocumentFile", "NamedEntry", "Words"]
