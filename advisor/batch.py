"""Questions from JSON: one, or a file of rows of which bad ones are reported and the rest go on."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from advisor.errors import AdvisorError, UserError
from advisor.model import Profile, Question, Reply, Turn


class Asks(Protocol):
    def ask(self, question: Question) -> Reply: ...


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UserError("file_unreadable", str(path)) from error
    except ValueError as error:
        raise UserError("malformed", str(path)) from error


def question_of(row: dict[str, Any]) -> Question:
    """A question from its JSON; raises UserError where profile, history or date cannot be used."""
    return Question(
        text=str(row["question"]),
        language=row.get("language") or "auto",
        profile=profile_of(row.get("profile")),
        history=_history(row.get("history") or []),
        as_of=_date(row.get("as_of")),
    )


_PROFILE_TYPES: dict[str, tuple[type, ...]] = {
    "region": (str,), "industry": (str,), "employees": (int,), "revenue": (int, float), "currency": (str,), "level": (int,),
    "founded": (int,), "titles": (list,), "spend": (int, float), "goals": (list,),
}  # fmt: skip


def profile_of(raw: Any) -> Profile | None:
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise UserError("profile_broken", "", problem="not an object")
    for name, value in raw.items():
        if name not in _PROFILE_TYPES:
            raise UserError("profile_broken", "", problem=f"unknown field {name}")
        if value is not None and (not isinstance(value, _PROFILE_TYPES[name]) or isinstance(value, bool)):
            raise UserError("profile_broken", "", problem=f"{name} has an unusable value")
    if raw.get("level") is not None and not 1 <= raw["level"] <= 4:
        raise UserError("profile_broken", "", problem="level must be 1 to 4")
    return Profile(**{k: tuple(map(str, v)) if isinstance(v, list) else v for k, v in raw.items()})


def _history(raw: Any) -> tuple[Turn, ...]:
    if not isinstance(raw, list) or not all(isinstance(t, dict) and isinstance(t.get("question"), str) for t in raw):
        raise UserError("history_broken", "")
    return tuple(Turn(t["question"], str(t.get("answer") or "")) for t in raw)


def _date(raw: Any) -> date | None:
    if raw in (None, ""):
        return None
    try:
        return date.fromisoformat(str(raw))
    except ValueError as error:
        raise UserError("date_broken", str(raw)) from error


def run(advisor: Asks, source: Path, target: Path) -> bool:
    """One output row an input row, in order; True where every row was good."""
    try:
        lines = source.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("file_unreadable", str(source)) from error
    seen: set[str] = set()
    good = True
    with target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            row = _answered(advisor, line, number, seen)
            good = good and "reply" in row
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return good


def _answered(advisor: Asks, line: str, number: int, seen: set[str]) -> dict[str, Any]:
    id: str | None = None
    try:
        row = _row(line, number)
        id = row["id"]
        if id in seen:
            raise UserError("row_duplicate_id", line=number, id=id)
        seen.add(id)
        if not isinstance(row.get("question"), str) or not row["question"].strip():
            raise UserError("row_no_question", line=number)
        if row.get("language") not in (None, "auto", "zh", "en"):
            raise UserError("row_broken", line=number, problem="language must be auto, zh or en")
        return {"id": id, "reply": advisor.ask(question_of(row)).as_dict()}
    except AdvisorError as error:
        return {"id": id, "line": number, "error": {"reason": error.reason, "message": str(error)}}


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UserError("row_not_json", line=number) from error
    if not isinstance(row, dict):
        raise UserError("row_not_json", line=number)
    if not isinstance(row.get("id"), str) or not row["id"]:
        raise UserError("row_no_id", line=number)
    return row
