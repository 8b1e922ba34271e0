"""Whom to ask, and for what paper, where the documents do not answer."""

from __future__ import annotations

import re
from dataclasses import replace

from advisor.ask.ground import ABOUT_MONEY, PLACE_BOUND, Ground
from advisor.ask.plan import asks_for_aid, asks_for_money
from advisor.ask.scope import kinds_of_goods
from advisor.ask.sentences import Candidate
from advisor.model import Document, Query
from advisor.wording import say, wording

PROPER_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]{3,}")  # some scheme or place that we do not know
_SURELY_NEAR = 0.5
_CALLED = ("grant", "reward", "voucher", "service")  # what is given on a call: a tax rule has none


def places_of(ground: Ground, query: Query) -> str:
    join = "、" if query.language == "zh" else ", "
    return join.join(ground.lexicon.places.name(p).get(query.language) for p in query.places)


def next_step(ground: Ground, query: Query, best: Candidate | None) -> str:
    """The office by name where the corpus has one for that place; else what to ask the place's own office for."""
    language = query.language
    wanted = wording("refusal.papers", language)
    of_money = "amount" if asks_for_money(query) else "list" if asks_for_aid(query.text) else "other"
    paper = wanted.get(query.plan.type, wanted[of_money])
    if rule := _rule(ground, query, best):
        called = any(r.instrument in _CALLED for r in ground.records(rule).funding)
        issuer = rule.issuer.get(language).rstrip(".") if rule.issuer else ""
        return say("refusal.next_issuer", language, issuer=issuer, paper=paper if called else wanted["other"])
    near = ground.generation.documents[best.passage.document] if best else None
    if near and near.kind not in PLACE_BOUND and not asks_for_aid(query.text):
        return say("refusal.next_step", language)  # no office answers for a case or a guide
    if query.places:
        if any(p.split("/")[0] == "CN" for p in query.places):
            return say("refusal.next_place", language, place=places_of(ground, query), paper=paper)
        countries = replace(query, places=tuple(dict.fromkeys(p.split("/")[0] for p in query.places)))
        return say("refusal.next_abroad", language, place=places_of(ground, countries), paper=paper)
    if (
        asks_for_aid(query.text)
        and query.plan.type in ABOUT_MONEY
        and not query.named
        and not PROPER_NAME.search(query.text)
    ):
        return say("refusal.next_where", language)
    if query.plan.type == "amount" and kinds_of_goods(query.text) and not asks_for_aid(query.text):
        return say("refusal.next_quotes", language)
    return say("refusal.next_step", language)


def _rule(ground: Ground, query: Query, best: Candidate | None) -> Document | None:
    """The rule of the asked place, or the document that the question names, where it says who issued it."""
    documents = ground.generation.documents
    nearest = [documents[best.passage.document]] if best else []
    own = [d for d in documents.values() if d.jurisdiction in query.places and d.kind in PLACE_BOUND]
    issued = (d for d in [*nearest, *own] if d.issuer and d.kind in PLACE_BOUND)
    return next((d for d in issued if _answers_for(ground, query, d, best)), None)


def _answers_for(ground: Ground, query: Query, document: Document, best: Candidate | None) -> bool:
    """Whether its issuer is whom to ask: named, of the very place, or of the country of somebody who names no place."""
    if document.id in query.named:
        return True
    if query.places:
        home = [a for p in query.places for a in ground.lexicon.places.ancestors(p) if a.split("/")[0] != "CN"]
        return document.jurisdiction in (*query.places, *home)
    near = best is not None and best.coverage >= _SURELY_NEAR
    return near and document.jurisdiction == "CN" and query.language == "zh"
