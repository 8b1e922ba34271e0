"""Questions to go on with, offered only where the document has the part that would answer them."""

from __future__ import annotations

import re
from collections.abc import Collection

from advisor.ask.known import Matches
from advisor.generation import Generation
from advisor.model import Document, Query
from advisor.wording import wording

_PARTS = {
    "apply": r"申请|拿到钱|apply|how the money",
    "who": r"适用于谁|who it is for",
    "pays": r"补多少|what it pays",
    "dates": r"时间与效力|dates and validity",
    "results": r"效果|results",
    "requires": r"要求什么|what it requires",
    "how": r"怎么做|how to do|what they did",
}
_MOST = 3
_LONGEST = {"zh": 40, "en": 100}  # characters that a button holds
_ANSWERED_BY = {"amount": "pays", "eligibility": "who", "procedure": "apply", "deadline": "dates", "status": "dates"}


def followups(
    query: Query,
    document: Document,
    generation: Generation,
    matches: Matches | None = None,
    shown: Collection[str] = (),
) -> tuple[str, ...]:
    """At most three, about the document that answered, leaving out what was just asked.

    Known questions come first, the nearest to what was asked, if none of their sentences was `shown`: they surely have an
    answer. Only money that can still be had is offered for applying; guides and standards lead nowhere by template.
    """
    known = _known(query, document, matches, shown)
    return tuple(dict.fromkeys((*known, *_by_template(query, document, generation))))[:_MOST]


def _known(query: Query, document: Document, matches: Matches | None, shown: Collection[str]) -> list[str]:
    near = [m.entry for m in matches.best if m.document == document.id] if matches else []
    found: dict[str, str] = {}
    for entry in near:
        question = document.questions[entry]
        said = question.said[0].get(query.language)
        short = next((w for w in question.asked[query.language] if len(w) <= _LONGEST[query.language]), None)
        if short and short != query.text and not any(said in s or s in said for s in (*shown, *found)):
            found[said] = short
    return list(found.values())[:_MOST]


def _by_template(query: Query, document: Document, generation: Generation) -> tuple[str, ...]:
    fitting = _fitting(document, query)
    passages = generation.by_document.get((document.id, query.language), ())
    headings = " ".join(p.heading.rpartition(" › ")[2] for p in passages)
    names = document.aliases.get(query.language) or (document.title.get(query.language),)
    texts = wording("followups", query.language)
    done = _ANSWERED_BY.get(query.plan.type)
    offered = [part for part in fitting if part != done and re.search(_PARTS[part], headings, re.I)]
    return tuple(texts[part].format(name=names[0]) for part in offered)


def _fitting(document: Document, query: Query) -> tuple[str, ...]:
    if document.kind == "case":
        return ("results", "how")
    if document.kind in ("policy", "notice") and document.records.get("funding"):
        ended = document.validity(query.as_of) in ("expired", "superseded")
        return () if ended else ("apply", "who", "pays", "dates")
    return ()
