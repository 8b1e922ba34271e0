"""Questions as different people ask them: does a sentence that a second person chose from the whole corpus lead the reply.

Of further turns that somebody also told whole (`standalone`), the same is counted of that question without its history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from advisor.batch import question_of
from advisor.errors import UserError
from advisor.model import LANGUAGES, Question, Reply
from eval.errors import EvalError, read_rows
from eval.metrics import Count, Figure, share

ASKED = tuple(Path(__file__).parent / "asked" / f"{language}.jsonl" for language in LANGUAGES)
FIRST = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """`sentences` should lead, best first; of a question that is not `answerable` they admit what is not known; `whole` is a
    further turn as somebody asks it who has not talked before."""

    id: str
    question: Question
    language: str
    document: str
    sentences: tuple[str, ...]
    answerable: bool
    whole: Question | None = None


def load_asked(path: Path, as_of: date) -> list[Asked]:
    """Rows of a file; raises EvalError naming file and line."""
    found = [_asked(where, row, as_of) for where, row in read_rows(path)]
    if not found:
        raise EvalError("empty", str(path), "holds no rows.")
    return found


def _asked(where: str, row: Mapping[str, Any], as_of: date) -> Asked:
    sentences, answerable = row.get("sentences"), row.get("answerable")
    if not isinstance(sentences, list) or not isinstance(answerable, bool) or (answerable and not sentences):
        raise EvalError("bad_row", where, "needs answerable (true or false) and, where it is true, sentences.")
    try:
        question = question_of({**row, "as_of": as_of.isoformat()})
    except (KeyError, UserError) as error:
        raise EvalError("bad_row", where, f"holds no usable question ({error}).") from error
    if not question.text.strip():
        raise EvalError("bad_row", where, "holds no usable question (it is empty).")
    home = str(row.get("document") or row.get("id"))
    whole = replace(question, text=str(row["standalone"]), history=()) if row.get("standalone") else None
    return Asked(str(row.get("id")), question, str(row.get("language")), home, tuple(sentences), answerable, whole)


def measure(rows: Sequence[Asked], ask: Callable[[Question], Reply]) -> dict[str, Any]:
    """Per language and in all: how often a chosen sentence leads, stands among the first three, or the reply declines."""
    replies = [(row, ask(row.question)) for row in rows]
    whole = [(row, ask(row.whole)) for row in rows if row.whole and row.answerable]
    groups = {la: [(q, r) for q, r in replies if q.language == la] for la in LANGUAGES} | {"both": replies}
    return {
        name: {k: f.as_dict() for k, f in _figures(group, whole).items()} for name, group in groups.items() if group
    }


def _figures(replies: Sequence[tuple[Asked, Reply]], whole: Sequence[tuple[Asked, Reply]]) -> dict[str, Figure]:
    answerable = [(q, r) for q, r in replies if q.answerable]
    other = [(q, r) for q, r in replies if not q.answerable]
    asked = {q for q, _ in answerable}
    told_whole = [(q, r) for q, r in whole if q in asked]
    return {
        "first": _share(answerable, lambda q, r: leads(q, r, 1)),
        "among three": _share(answerable, lambda q, r: leads(q, r, FIRST)),
        "false refusal": _share(answerable, lambda q, r: r.status == "abstained" and r.reason != "expired"),
        "declined": _share(other, lambda q, r: r.status != "answered"),
        "first, told whole": _share(told_whole, lambda q, r: leads(q, r, 1)),
        "among three, told whole": _share(told_whole, lambda q, r: leads(q, r, FIRST)),
    }


def _share(replies: Sequence[tuple[Asked, Reply]], holds: Callable[[Asked, Reply], bool]) -> Figure:
    return share([Count(q.id, q.document, float(holds(q, r))) for q, r in replies])


def leads(asked: Asked, reply: Reply, first: int) -> bool:
    """Whether one of the first so many statements about the world cites a chosen sentence, or more or less of it."""
    told = [s for s in reply.statements if s.kind != "notice"][:first]
    quotes = [c.quote for s in told for c in s.citations]
    return any(wanted in quote or quote in wanted for quote in quotes for wanted in asked.sentences)


def table(result: Mapping[str, Any]) -> str:
    """One line a language."""
    lines = [
        "a chosen sentence leads, stands among the first three; refused though answerable; declined where not; turns told whole"
    ]
    for name, figures in result.items():
        cells = [
            f"{k} {f['value']:.3f} [{f['low']:.2f}, {f['high']:.2f}] ({f['numerator']:.0f}/{f['denominator']:.0f})"
            for k, f in figures.items()
            if f["denominator"]
        ]
        lines.append(f"{name:6}" + "   ".join(cells))
    return "\n".join(lines)
