"""Wishes about the last answer rather than a new question: only the numbers, only the source, simpler, more of it."""

from __future__ import annotations

from dataclasses import replace

from advisor.model import Answer, Query
from advisor.text import fold, quantities


def apply_command(query: Query, answer: Answer) -> Answer:
    """The same answer, cut to what was wished for; where nothing would be left, the whole answer stays."""
    statements = answer.statements
    if query.command == "numbers":
        statements = tuple(s for s in statements if quantities(fold(s.text)))
    elif query.command in ("simpler", "source"):
        statements = statements[:1] if query.command == "source" else statements[:2]
    elif query.command == "more":
        told = letters_only(query.told)
        statements = tuple(s for s in statements if letters_only(s.text) not in told)
    return replace(answer, statements=statements) if statements else answer


def letters_only(text: str) -> str:
    """A sentence as it can be found again in an answer: marks and spaces do not matter."""
    return "".join(c for c in fold(text) if c.isalnum())
