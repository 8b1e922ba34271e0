"""A second reader for what a model wrote: an entailment model, where one is set, may turn a supported sentence down, never up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from advisor.model import Answer, Document, Statement
from advisor.ports import Entailment

LEAST = 0.5  # likelier than not; below it the sentence is left out


def entailed(answer: Answer, model: Entailment, documents: Mapping[str, Document]) -> Answer:
    """The same answer; written statements that do not follow from their quotes are marked. Raises ModelFault."""
    return replace(answer, statements=tuple(_judged(s, model, documents) for s in answer.statements))


def _judged(statement: Statement, model: Entailment, documents: Mapping[str, Document]) -> Statement:
    if statement.kind != "written" or not statement.supported:
        return statement
    if model.score(premise(statement, documents), statement.text) >= LEAST:
        return statement
    return replace(statement, supported=False, unsupported_because=("not_entailed",))


def premise(statement: Statement, documents: Mapping[str, Document]) -> str:
    """The quotes, each document's title before its own: sentences of a rule seldom name it."""
    parts: dict[str, None] = {}
    for citation in statement.citations:
        parts |= {documents[citation.document].title.get(citation.language): None, citation.quote: None}
    return "\n".join(p for p in parts if p)


__all__ = ["LEAST", "entailed", "premise"]
