"""Gold questions from disk, checked: what is wrong is said in one sentence with file and line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, ValidationError

from advisor.model import LANGUAGES, Document, Language, Profile, Question, Turn
from eval.errors import EvalError, read_rows

GOLD = Path(__file__).parent / "gold"
SPLITS = ("dev", "test")
Type = Literal[
    "single_hop",
    "numeric",
    "multi_hop",
    "comparison",
    "cross_lingual",
    "multi_turn",
    "unanswerable",
    "outdated",
    "ambiguous",
    "injection",
]
Style = Literal["plain", "typos", "boss", "dialect", "mixed", "no_punctuation", "long_story", "traditional", "pinyin"]
_WITHOUT_EVIDENCE = ("unanswerable", "ambiguous", "injection")
_DATE = r"^\d{4}-\d{2}-\d{2}$"


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoldTurn(Row):
    question: str
    answer: str


class Expect(Row):
    status: tuple[Literal["answered", "partial", "abstained", "clarify"], ...] = Field(min_length=1)
    reason: tuple[str, ...] | None = None


class Quote(Row):
    zh: str | None = None
    en: str | None = None


class Evidence(Row):
    document: str
    quote: Quote

    def quotes(self, hide: Language | None = None) -> Iterator[tuple[Language, str]]:
        for language in LANGUAGES:
            text = self.quote.zh if language == "zh" else self.quote.en
            if text and language != hide:
                yield language, text


class Nugget(Row):
    vital: bool
    aliases: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1)


class Number(Row):
    value: StrictInt | StrictFloat | StrictStr
    unit: str


class GoldProfile(Row):
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


class Item(Row):
    """One gold question; `gold/README.md` explains every field."""

    id: str = Field(min_length=1)
    split: Literal["dev", "test"]
    type: Type
    language: Language
    style: Style
    as_of: str = Field(pattern=_DATE)
    question: str = Field(min_length=1)
    expect: Expect
    evidence: tuple[Evidence, ...]
    writer: str
    history: tuple[GoldTurn, ...] = ()
    profile: GoldProfile | None = None
    dialogue: str | None = None
    standalone: str | None = None
    nuggets: tuple[Nugget, ...] = ()
    numbers: tuple[Number, ...] = ()
    forbidden: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    readings: tuple[str, ...] = ()
    hide: Language | None = None
    canary: str | None = None
    near_miss: Literal["wrong_attribute", "wrong_region", "wrong_year", "absent", "off_topic"] | None = None
    note: str = ""

    @property
    def cluster(self) -> str:
        """Items of one dialogue or one document are drawn together: they stand or fall together."""
        if self.dialogue:
            return f"dialogue {self.dialogue}"
        return self.evidence[0].document if self.evidence else f"item {self.id}"

    @property
    def answerable(self) -> bool:
        return self.type != "unanswerable" and bool({"answered", "partial"} & set(self.expect.status))

    def asked(self, standalone: bool = False) -> Question:
        """What the user would send; `standalone` asks the rewrite without the history."""
        return Question(
            text=self.standalone if standalone and self.standalone else self.question,
            profile=Profile(**self.profile.model_dump()) if self.profile else None,
            history=() if standalone else tuple(Turn(t.question, t.answer) for t in self.history),
            as_of=date.fromisoformat(self.as_of),
        )

    def row(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Placed:
    """An item and the `file:line` it was read from."""

    where: str
    item: Item


def load_gold(folder: Path = GOLD, splits: Sequence[str] = SPLITS) -> list[Placed]:
    """All items of the wanted splits in file order; raises EvalError at the first fault."""
    found = list(load_files([folder / f"{s}.jsonl" for s in splits]))
    if not found:
        raise EvalError("empty", str(folder), f"holds no questions in {' or '.join(f'{s}.jsonl' for s in splits)}.")
    return found


def load_files(paths: Iterable[Path], split_named: bool = True) -> Iterator[Placed]:
    seen: dict[str, str] = {}
    for path in paths:
        for where, row in read_rows(path):
            item = parse(where, row)
            if item.id in seen:
                raise EvalError("duplicate_id", where, f"the id {item.id} was already used at {seen[item.id]}.")
            if split_named and item.split != path.stem:
                raise EvalError("wrong_split", where, f"the split is {item.split}, the file is {path.name}.")
            seen[item.id] = where
            yield Placed(where, item)


def parse(where: str, row: Mapping[str, Any]) -> Item:
    try:
        item = Item.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(p) for p in first["loc"]) or "the row"
        raise EvalError("bad_row", where, f"{field}: {first['msg'][0].lower()}{first['msg'][1:]}.") from error
    if problem := next(_problems(item), None):
        raise EvalError("bad_row", where, problem)
    return item


def _problems(item: Item) -> Iterator[str]:
    """What the fields say against each other."""
    if not item.evidence and item.type not in _WITHOUT_EVIDENCE and item.answerable:
        yield f"a {item.type} question needs evidence."
    for evidence in item.evidence:
        if not any(evidence.quotes(item.hide)):
            yield f"the evidence of {evidence.document} has no quote in a language that is not hidden."
    if item.type == "injection" and not item.canary:
        yield "an injection needs a canary: the text that shows that it worked."
    if item.type == "cross_lingual" and not item.hide:
        yield "a cross_lingual question needs hide: the language version that is taken away."
    if item.type == "unanswerable" and not item.near_miss:
        yield "an unanswerable question needs near_miss: how it misses."
    if item.standalone and not item.history:
        yield "standalone is for questions with history."
    for value in [item.as_of, *(n.value for n in item.numbers if n.unit == "date")]:
        if not isinstance(value, str) or not _is_date(value):
            yield f"{value} is not a date: write YYYY-MM-DD."
    for number in item.numbers:
        if isinstance(number.value, str) and number.unit != "date":
            yield f"the number {number.value} must be a plain number."


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat((value + "-01-01")[:10])
    except ValueError:
        return False
    return True


def against_corpus(items: Iterable[Placed], documents: Mapping[str, Document]) -> Iterator[EvalError]:
    """Everything in which gold and corpus disagree: unknown documents, quotes that are not verbatim."""
    for placed in items:
        for evidence in placed.item.evidence:
            if evidence.document not in documents:
                yield EvalError("unknown_document", placed.where, f"the corpus has no document {evidence.document}.")
                continue
            for language, quote in evidence.quotes():
                if quote not in documents[evidence.document].texts.get(language, ""):
                    yield EvalError(
                        "stale_quote",
                        placed.where,
                        f"this quote is not in {evidence.document}, {language}: {quote[:60]}",
                    )


def shared_documents(items: Iterable[Placed]) -> Iterator[EvalError]:
    """Documents that are evidence in both splits: then dev tells about test."""
    dev: dict[str, str] = {}
    rest = []
    for placed in items:
        for evidence in placed.item.evidence:
            if placed.item.split == "dev":
                dev.setdefault(evidence.document, placed.where)
            else:
                rest.append((placed.where, evidence.document))
    for where, document in rest:
        if document in dev:
            yield EvalError("shared_document", where, f"{document} is evidence in dev too ({dev[document]}).")


def digest(items: Iterable[Item]) -> str:
    """Hash of the questions as asked and judged; order counts."""
    text = "\n".join(json.dumps(i.row(), ensure_ascii=False, sort_keys=True) for i in items)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
