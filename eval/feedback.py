"""A thumbs-down with a correction → a candidate gold item, for a maintainer to accept. Never touches the gold itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from advisor.generation import Generation
from advisor.model import LANGUAGES, Document, Language
from advisor.text import Quantity, detect_language, fold, quantities, sentences, tokens
from eval.errors import EvalError, read_rows
from eval.load import GOLD, Evidence, Item, Quote, parse

CANDIDATES = GOLD / "candidates.jsonl"
_DOWN = ("down", "wrong", "-1", "👎")
_NUGGET = 60  # characters: a longer correction is no nugget, its figures or a maintainer's words are


@dataclass(frozen=True, slots=True)
class Complaint:
    """A reply that somebody called wrong, and what would have been right."""

    where: str
    question: str
    language: Language
    correction: str
    document: str | None
    as_of: str | None
    history: tuple[Mapping[str, str], ...]
    profile: Mapping[str, Any] | None
    said: str
    cited: tuple[str, ...]

    @property
    def id(self) -> str:
        """The same complaint is the same candidate, however often it comes."""
        return "feedback-" + hashlib.sha256(f"{self.question}\n{self.correction}".encode()).hexdigest()[:10]


def read(path: Path) -> tuple[list[Complaint], int]:
    """(complaints with a correction, rows that are none); raises EvalError at the first row that cannot be read."""
    found, others = [], 0
    for where, row in read_rows(path):
        if str(row.get("mark", "down")) not in _DOWN or not (row.get("correction") or row.get("note")):
            others += 1
            continue
        found.append(_complaint(where, row))
    return found, others


def _complaint(where: str, row: Mapping[str, Any]) -> Complaint:
    reply = _object(where, row, "reply")
    receipt = _object(where, row, "receipt") or _object(where, reply, "receipt")
    question = row.get("question") or reply.get("question") or receipt.get("question")
    if not isinstance(question, str) or not question.strip():
        raise EvalError("no_question", where, "this row has no question, and neither has its reply or receipt.")
    correction, document = row.get("correction") or row.get("note"), row.get("document")
    if not isinstance(correction, str):
        raise EvalError("bad_row", where, "correction must be a text.")
    if document is not None and not isinstance(document, str):
        raise EvalError("bad_row", where, "document must be a document's id or left out.")
    language = row.get("language") or reply.get("language") or detect_language(question)
    if language not in LANGUAGES:
        raise EvalError("bad_row", where, "language must be zh or en.")
    return Complaint(
        where=where,
        question=question.strip(),
        language=language,
        correction=correction.strip(),
        document=document,
        as_of=row.get("as_of") or reply.get("as_of") or receipt.get("as_of"),
        history=tuple(row.get("history") or receipt.get("history") or ()),
        profile=row.get("profile") or receipt.get("profile"),
        said=next((str(s.get("text")) for s in reply.get("statements") or [] if s.get("kind") != "notice"), ""),
        cited=tuple(str(s.get("document")) for s in reply.get("sources") or []),
    )


def _object(where: str, row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = row.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise EvalError("bad_row", where, f"{key} must be an object.")
    return value


def candidate(complaint: Complaint, generation: Generation, today: date) -> Item:
    """Gold as far as the complaint and the corpus carry it; raises EvalError where it names an unknown document."""
    document = _document(complaint, generation)
    evidence = _evidence(document, complaint.correction) if document else None
    figures = quantities(complaint.correction)
    numbers = [n for q in figures if (n := _number(q))]
    row = {
        "id": complaint.id,
        "split": "dev",
        "type": "unanswerable" if evidence is None else "numeric" if numbers else "single_hop",
        "language": complaint.language,
        "style": "plain",
        "as_of": complaint.as_of or today.isoformat(),
        "question": complaint.question,
        "history": list(complaint.history),
        "profile": complaint.profile,
        "dialogue": complaint.id if complaint.history else None,
        "expect": {"status": ["abstained" if evidence is None else "answered"]},
        "evidence": [evidence.model_dump()] if evidence else [],
        "nuggets": _nuggets(complaint.correction, figures) if evidence else [],
        "numbers": numbers if evidence else [],
        "near_miss": None if evidence else "absent",
        "writer": "feedback",
        "note": _note(complaint, evidence, figures),
    }
    return parse(complaint.where, row)


def _document(complaint: Complaint, generation: Generation) -> Document | None:
    """The one that was named, else the one whose passage shares most words with the correction."""
    if complaint.document:
        if complaint.document not in generation.documents:
            raise EvalError("unknown_document", complaint.where, f"the corpus has no document {complaint.document}.")
        return generation.documents[complaint.document]
    asked = [(complaint.correction, 1.0), (complaint.question, 0.5)]
    best = generation.lexical.search(asked, 1)
    return generation.documents[generation.passages[best[0][0]].document] if best else None


def _evidence(document: Document, correction: str) -> Evidence | None:
    """In each language the sentence that says most of the correction; None where none shares a word or figure with it."""
    found = {language: quote for language, text in document.texts.items() if (quote := _nearest(text, correction))}
    return Evidence(document=document.id, quote=Quote(**found)) if found else None


def _nearest(text: str, correction: str) -> str | None:
    """Figures weigh more than words: they are the same in both languages."""
    words, figures = set(tokens(correction)), {q.key[1] for q in quantities(fold(correction))}

    def shared(quote: str) -> float:
        return len(words & set(tokens(quote))) + 3 * len(figures & {q.key[1] for q in quantities(fold(quote))})

    parts = [text[a:b] for a, b in sentences(text) if not text[a:b].startswith("#")]
    best = max(parts, key=shared, default=None)
    return best if best is not None and shared(best) else None


def _nuggets(correction: str, figures: Sequence[Quantity]) -> list[dict[str, Any]]:
    """Each figure of the correction, else the correction itself where it is short."""
    aliases = [correction[q.start : q.end].strip() for q in figures]
    if not aliases and len(correction) <= _NUGGET:
        aliases = [correction.rstrip("。.!！")]
    return [{"vital": True, "aliases": [a]} for a in dict.fromkeys(filter(None, aliases))]


def _number(figure: Quantity) -> dict[str, Any] | None:
    """As gold writes it; only kinds whose unit is certain."""
    if isinstance(figure.value, tuple):
        year, month, day = figure.value
        return {"value": f"{year:04}-{month:02}-{day:02}", "unit": "date"} if day else None
    if figure.kind == "money" and figure.unit:
        return {"value": figure.value, "unit": figure.unit}
    return {"value": figure.value, "unit": "%"} if figure.kind == "percent" else None


def _note(complaint: Complaint, evidence: Evidence | None, figures: Sequence[Quantity]) -> str:
    """What a maintainer must weigh: the correction may be wrong, or the corpus behind it."""
    parts = [f"correction: {complaint.correction}"]
    quoted = {q.key[1] for _, quote in (evidence.quotes() if evidence else ()) for q in quantities(fold(quote))}
    if any(q.key[1] not in quoted for q in figures):
        parts.append("the corpus does not say this figure")
    parts += [f"was said: {complaint.said}"] if complaint.said else []
    parts += [f"was cited: {', '.join(complaint.cited)}"] if complaint.cited else []
    return "; ".join([*parts, "check evidence, nuggets and type before accepting"])


def append(items: Iterable[Item], path: Path = CANDIDATES) -> int:
    """Add those that the file does not hold yet, and say how many they were."""
    known = {str(row.get("id")) for _, row in read_rows(path)} if path.exists() else set()
    fresh = {i.id: i for i in items if i.id not in known}
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(i.row(), ensure_ascii=False) + "\n" for i in fresh.values())
    return len(fresh)
