"""answer → reply: number the cited sources, write the Markdown, say what was dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from advisor.generation import Generation
from advisor.model import Answer, Hit, Language, Query, Reply, Source, Statement
from advisor.wording import say

_SOON_DAYS = 90


def reply(
    question: str,
    query: Query,
    answer: Answer,
    hits: Sequence[Hit],
    generation: Generation,
    timings_ms: Mapping[str, float],
    receipt: Mapping[str, Any],
) -> Reply:
    """Only supported statements are shown and only their sources listed; how many were dropped is said."""
    shown = tuple(s for s in answer.statements if s.supported)
    dropped = len(answer.statements) - len(shown)
    sources = number_sources(shown, query, generation)
    status = answer.status
    if status in ("answered", "partial") and not any(s.kind != "notice" for s in shown):
        status = "abstained"
    return Reply(
        question=question,
        language=query.language,
        as_of=query.as_of,
        status=status,
        reason=answer.reason if status == answer.status else "nothing_found",
        answer=markdown(shown, sources, query.language, query, dropped, answer.fallback, status != "abstained"),
        statements=shown,
        sources=sources,
        clarify=answer.clarify,
        followups=answer.followups,
        answerer=answer.answerer,
        fallback=answer.fallback,
        hits=tuple(hits),
        timings_ms=timings_ms,
        receipt=receipt,
        dropped=dropped,
        answerability=answer.answerability,
    )


def number_sources(statements: Sequence[Statement], query: Query, generation: Generation) -> tuple[Source, ...]:
    """One entry a document, numbered by first use."""
    first: dict[str, Language] = {}
    for statement in statements:
        for citation in statement.citations:
            first.setdefault(citation.document, citation.language)
    return tuple(_source(n, id, language, query, generation) for n, (id, language) in enumerate(first.items(), 1))


def _source(n: int, id: str, language: Language, query: Query, generation: Generation) -> Source:
    document = generation.documents[id]
    return Source(
        n=n,
        document=id,
        language=language,
        title=document.title.get(query.language),
        issuer=document.issuer.get(query.language) if document.issuer else None,
        number=document.number,
        issued=document.issued,
        text_origin=document.text_origin,
        verification=document.verification,
        validity=document.validity(query.as_of),
        in_force_to=document.in_force_to,
        superseded_by=document.superseded_by,
        jurisdiction=document.jurisdiction,
        url=document.url,
    )


def markdown(
    statements: Sequence[Statement],
    sources: Sequence[Source],
    language: Language,
    query: Query,
    dropped: int,
    fallback: str | None = None,
    bold: bool = True,
) -> str:
    """The direct answer in bold, what qualifies it as a list, caveats and the as-of date last."""
    number = {s.document: s.n for s in sources}
    lines: list[str] = []
    led = False
    tabled = [s for s in statements if s.cells]
    if len({s.cells[0] for s in tabled}) < 2:
        tabled = []
    for statement in statements:
        if statement in tabled:
            if statement is tabled[0]:
                lines += table(tabled, number)
                led = True
            continue
        marks = "".join(f"[{n}]" for n in dict.fromkeys(number[c.document] for c in statement.citations))
        text = plain(statement.text)
        if statement.kind == "notice":
            lines.append(text)
        elif not led and bold:
            lines.append(f"**{text}** {marks}")
            led = True
        else:
            lines.append(f"- {text} {marks}")
        if statement.formula:
            lines.append(f"  *{say('reply.formula', language, formula=plain(statement.formula))}*")
    notes = [*caveats(sources, language, query.as_of)]
    if fallback:
        notes.insert(0, say(f"reply.fallback.{fallback}", language))
    if dropped:
        notes.append(say("reply.dropped", language, n=dropped))
    notes.append(say("reply.as_of", language, date=query.as_of.isoformat()))
    return "\n".join(_spaced(lines)) + "\n\n*" + " ".join(notes) + "*"


def table(statements: Sequence[Statement], number: Mapping[str, int]) -> list[str]:
    """A column a side, a line a heading; every cell carries the number of its source."""
    sides = list(dict.fromkeys(s.cells[0][1] for s in statements))
    headings = list(dict.fromkeys(h for s in statements for h, _ in s.cells[1:]))
    cells: dict[tuple[str, str], str] = {}
    for s in statements:
        marks = "".join(f"[{n}]" for n in dict.fromkeys(number[c.document] for c in s.citations))
        cells |= {(h, s.cells[0][1]): f"{_cell(text)} {marks}" for h, text in s.cells[1:]}
    rows = [[h, *(cells.get((h, side), "—") for side in sides)] for h in headings]
    lines = [["", *map(_cell, sides)], ["---"] * (len(sides) + 1), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _cell(text: str) -> str:
    return plain(text).replace("|", "/")


def _spaced(lines: Sequence[str]) -> list[str]:
    """Markdown wants an empty line between a paragraph and a list, none within one."""
    spaced: list[str] = []
    for line in lines:
        joined = (("- ", "  "), ("| ",))
        if spaced and not any(line.startswith(j) and spaced[-1].startswith(j) for j in joined):
            spaced.append("")
        spaced.append(line)
    return spaced


def caveats(sources: Sequence[Source], language: Language, as_of: date) -> list[str]:
    """What a reader must know of a source before trusting it."""
    notes = []
    for source in sources:
        end = source.in_force_to
        if source.validity == "expired" and end is None:
            notes.append(say("reply.validity.over", language, n=source.n))
        elif source.validity in ("expired", "superseded", "draft"):
            notes.append(say(f"reply.validity.{source.validity}", language, n=source.n, date=end or ""))
        elif source.validity == "in_force" and end and (end - as_of).days <= _SOON_DAYS:
            notes.append(say("reply.validity.ends_soon", language, n=source.n, date=end))
        elif source.verification == "unverified" and source.text_origin == "digest":
            notes.append(say("reply.validity.unverified", language, n=source.n))
    return notes


def plain(text: str) -> str:
    """Text in documents has no power: no links, images, HTML or markers of ours."""
    text = text.replace("<", "‹").replace(">", "›").replace("`", "'").replace("*", "＊")
    text = re.sub(r"(\w://|\bwww\.)(?=\S)", r"\1 ", text)  # no viewer makes a link of it
    return re.sub(r"\[(\d{1,2})\]", r"(\1)", text).replace("](", "] (").replace("![", "! [")
