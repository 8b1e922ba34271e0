"""Questions from JSON: one, or a file of rows of which bad ones are reported and the rest go on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
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
    except (ValueError, RecursionError) as error:
        raise UserError("json_broken", str(path)) from error


def question_of(row: Mapping[str, Any]) -> Question:
    """A question from its JSON; raises UserError where text, language, profile, history or date cannot be used."""
    row = _writable(dict(row))
    if not isinstance(row["question"], str):
        raise UserError("question_empty")
    language: Any = row.get("language") or "auto"
    if language not in ("auto", "zh", "en"):
        raise UserError("language_unknown", language=language)
    return Question(
        text=row["question"],
        language=language,
        profile=profile_of(row.get("profile")),
        history=_history(row.get("history") or []),
        as_of=_date(row.get("as_of")),
    )


def _writable(value: Any) -> Any:
    """Half characters, which JSON may hold and no file can, become question marks."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace"))


_PROFILE_TYPES: dict[str, tuple[type, ...]] = {
    "region": (str,), "industry": (str,), "employees": (int,), "revenue": (int, float), "currency": (str,), "level": (int,),
    "founded": (int,), "titles": (list,), "spend": (int, float), "goals": (list,),
}  # fmt: skip


def profile_of(raw: Any) -> Profile | None:
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise UserError("profile_broken", problem="it is not an object")
    for name, value in raw.items():
        if name not in _PROFILE_TYPES:
            raise UserError("profile_broken", problem=f"unknown field {name}")
        if value is not None and not _usable(value, _PROFILE_TYPES[name]):
            raise UserError("profile_broken", problem=f"{name} has an unusable value")
    if raw.get("level") is not None and not 1 <= raw["level"] <= 4:
        raise UserError("profile_broken", problem="level must be 1 to 4")
    fields: dict[str, Any] = {k: tuple(v or ()) if k in ("titles", "goals") else v for k, v in raw.items()}
    return Profile(**fields)


def _usable(value: Any, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool) or not isinstance(value, types):
        return False
    if isinstance(value, list):
        return all(isinstance(v, str) for v in value)
    return not isinstance(value, int | float) or 0 <= value < float("inf")


def _history(raw: Any) -> tuple[Turn, ...]:
    if not isinstance(raw, list) or not all(isinstance(t, dict) and isinstance(t.get("question"), str) for t in raw):
        raise UserError("history_broken")
    return tuple(Turn(t["question"], str(t.get("answer") or "")) for t in raw)


def _date(raw: Any) -> date | None:
    if raw in (None, ""):
        return None
    try:
        # fromisoformat also takes 20260101 and week dates, which people do not mean.
        return date.fromisoformat(raw if re.fullmatch(r"\d{4}-\d\d-\d\d", str(raw)) else "")
    except ValueError as error:
        raise UserError("date_broken", str(raw)) from error


def run(advisor: Asks, source: Path, target: Path) -> bool:
    """One output row an input row, in order; True where every row was good."""
    try:
        lines = source.read_text("utf-8-sig").split("\n")  # splitlines would also cut at separators within JSON strings
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
        return {"id": id, "reply": advisor.ask(question_of(row)).as_dict()}
    except AdvisorError as error:
        return {"id": id, "line": number, "error": {"reason": error.reason, "message": str(error)}}
    except Exception as error:  # one question that breaks us must not take the others along
        return {"id": id, "line": number, "error": UserError("inside", problem=type(error).__name__).as_dict()}


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError("row_not_json", line=number) from error
    if not isinstance(row, dict):
        raise UserError("row_not_json", line=number)
    if not isinstance(row.get("id"), str) or not row["id"]:
        raise UserError("row_no_id", line=number)
    row["id"] = _writable(row["id"])
    return row
