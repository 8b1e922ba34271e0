"""One question back, where the rules that were found differ by a fact that is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.ask.ground import PLACE_BOUND, Ground
from advisor.model import Answer, Clarify, Hit, Query, Statement
from advisor.wording import say


def clarify(ground: Ground, query: Query, hits: Sequence[Hit]) -> Answer | None:
    """One question back, only where money is asked for in general and the found rules differ by place."""
    if (
        query.places
        or query.named
        or query.plan.type not in ("amount", "eligibility", "procedure", "list", "fact", "status")
    ):
        return None
    paying = [d for d in ground.first_documents(hits, 10) if d.kind in PLACE_BOUND and ground.records(d).funding]
    local = [d for d in paying if d.jurisdiction and "/" in d.jurisdiction and not ground.stale(query, d.id)]
    places = list(dict.fromkeys(d.jurisdiction for d in local if d.jurisdiction))
    leads = (
        bool(hits) and ground.document(hits[0]) in local and query.plan.type in ("amount", "eligibility", "procedure")
    )
    if len(places) < 2 or not (leads or (_SUBSIDY.search(query.text))):
        return None
    names = [ground.lexicon.places.name(p).get(query.language) for p in most_local(places)[:5]]
    question = say("clarify.region", query.language)
    choices = (*names, say("clarify.other_place", query.language))
    return Answer("clarify", (Statement(question, "notice"),), "needs_fact", Clarify("region", question, choices))


_SUBSIDY = re.compile(
    r"(?:补贴|补助|奖补|奖励|资金|政策).{0,12}(?:多少|吗|么|哪些|怎么|能|有没有|什么)|(?:能|可以|有没有|怎么|想).{0,10}(?:补贴|补助|奖补|补多少|拿多少|申请资金)|"
    r"(?:subsid\w+|grants?|vouchers?|funding|money|support)\b.{0,60}\b(?:we|us|our|my|i)\b|\b(?:we|us|our|my|i)\b.{0,60}\b(?:subsid\w+|grants?|voucher|funding|money)\b",
    re.I,
)


def most_local(places: Sequence[str]) -> list[str]:
    """A province beside its own city is no choice."""
    return [p for p in places if not any(q != p and q.startswith(f"{p}/") for q in places)]
