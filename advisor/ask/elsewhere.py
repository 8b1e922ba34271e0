"""Places of which no rule is held: whether money is wanted there, and what can still be said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from advisor.ask.features import is_not_known, speaks_of_itself
from advisor.ask.ground import PLACE_BOUND, WIDER, Ground
from advisor.ask.next_step import next_step
from advisor.ask.plan import asks_for_aid, asks_for_money
from advisor.ask.sentences import Candidate, SentenceChooser
from advisor.model import Answer, Document, Hit, Query, Statement
from advisor.text import fold
from advisor.wording import say

_SEVERAL = 3  # names that make a list of places
_LOCAL = ("amount", "eligibility", "deadline", "status", "procedure", "list", "fact", "comparison")
_LEAST_NEAR = 0.3

# Kinds of money, or words, that mean the whole country.
_OF_THE_COUNTRY = re.compile(
    r"国家|中央|全国|央行|财政部|工信部|税|加计|抵免|抵扣|贴息|贷款|担保|高新技术企业|专精特新|小巨人|"
    r"\b(?:national\w*|federal|nationwide|central government|eu|european|tax\w*|loans?|interest|guarantee\w*|deduct\w*|ministry)\b",
    re.I,
)


def without_rule(query: Query, ground: Ground) -> tuple[str, ...]:
    """The asked places of which no rule is held, nor of what contains them below the whole country, nor of their parts."""
    return tuple(p for p in query.places if not home_of(p, ground) and not _parts_served(p, ground))


def _parts_served(place: str, ground: Ground) -> bool:
    places = ground.lexicon.places
    return place in WIDER or any(s != place and place in places.ancestors(s) for s in ground.lexicon.served_places)


def home_of(place: str, ground: Ground) -> str | None:
    """The place whose own rules reach a firm here: itself, or the smallest that contains it and has any."""
    served = ground.lexicon.served_places
    return next((a for a in ground.lexicon.places.ancestors(place) if a in served and a not in WIDER), None)


def whose_rules(ground: Ground, query: Query, answer: Answer) -> Answer:
    """The same, with a line that says so where only rules of a part of the asked place were told, or of what contains it; a
    part is missing where the place's own were asked for by that word."""
    if answer.status not in ("answered", "partial"):
        return answer
    places, language = ground.lexicon.places, query.language
    cited = {c.document for s in answer.statements for c in s.citations}
    told = [d for i in cited if (d := ground.generation.documents[i]).kind in PLACE_BOUND and d.jurisdiction]
    homes = {d.jurisdiction for d in told if d.jurisdiction and d.jurisdiction not in WIDER}
    lines: list[str] = []
    for place in query.places:
        if "/" not in place or place in ground.lexicon.served_places:
            continue
        name = places.name(place).get(language)
        inside = sorted(h for h in homes if h != place and place in places.ancestors(h))
        around = [a for a in places.ancestors(place) if a in homes]
        if inside:
            lines.append(say("refusal.part_only", language, place=name, part=places.name(inside[0]).get(language)))
        elif around and (wants_aid(query) or asks_for_money(query)) and not of_the_country(query):
            lines.append(say("refusal.wider_only", language, place=name, wider=places.name(around[0]).get(language)))
            if _OF_THE_TOWN.search(query.text):
                answer = replace(answer, status="partial", reason="nothing_found")
    if country := _of_the_union_only(ground, query, answer, told):
        union = places.name("EU").get(language)
        lines.append(say("refusal.wider_only", language, place=places.name(country).get(language), wider=union))
    notices = [Statement(line, "notice") for line in lines]
    return replace(answer, statements=(*answer.statements, *notices)) if notices else answer


def _of_the_union_only(ground: Ground, query: Query, answer: Answer, told: Sequence[Document]) -> str | None:
    """The country of which a day or a duty was asked, where all that was told are rules of the union and none names it."""
    if query.plan.type not in ("deadline", "status", "procedure") or {d.jurisdiction for d in told} != {"EU"}:
        return None
    find, covers = ground.lexicon.places.find, ground.lexicon.places.covers
    named = {m.id for s in answer.statements for m in find(s.text)}
    inside = [p for p in query.places if p != "EU" and covers("EU", p)]
    countries = [p.split("/")[0] for p in inside]
    return next((c for c in countries if not any(n == c or n.startswith(f"{c}/") for n in named)), None)


_OF_THE_TOWN = re.compile(
    r"市里|市级|本市|市政府|市财政|区里|区级|县里|县级|镇里|\bthe (?:city|town|county|district|council)(?:'s)?\b|\b(?:city|town) (?:hall|council)\b|\bmunicipal",
    re.I,
)


_ZH_TOWN = re.compile(
    r"(?:^|[，,。；！？\s]|我们?(?:是|在)?|咱们?(?:是|在)?|俺们?(?:是|在)?|在|位于|人在|厂在)([\u4e00-\u9fff]{2,4}?(?:自治县|市|县))(?=[\u4e00-\u9fff，,。？?\s]|$)"
)
_NO_TOWN = re.compile(
    r"(?:们|城|上|超|都|地|省|各|全|本|我|你|他|该|股|门|夜|菜|集|外|哪|个|些|点|类|级|新|周|州)[市县]$"
)
_EN_TOWN = re.compile(r"\b(?:in|near|from|around|outside)\s+((?:[A-Z][a-z]{2,}(?:[ -](?=[A-Z]))?){1,3})(?![\w.&/-])")


def unknown_place(query: Query, ground: Ground) -> str | None:
    """A town that no list of ours has: by its form in the question, or the profile's region."""
    if query.places_from != "question":
        for name in (*_ZH_TOWN.findall(query.text), *_EN_TOWN.findall(query.text)):
            if not _NO_TOWN.search(name) and not ground.lexicon.places.find(name) and not ground.lexicon.mentions(name):
                return str(name)
    region = query.profile.region
    return region if region and not query.places and not ground.lexicon.places.resolve(region) else None


def wants_aid(query: Query) -> bool:
    """Whether a place's own money is asked for, in any form of question; a follow-up wants what the turn before wanted."""
    said = f"{query.previous or ''} {query.text}"
    local = any(q.plan.type in _LOCAL for q in (query, *query.parts))
    return local and asks_for_aid(said) and not _OF_THE_COUNTRY.search(said)


def of_the_country(query: Query) -> bool:
    """Whether the words mean money of the whole country: a tax, a loan, the ministry; abroad we hold few such rules."""
    at_home = all(p.split("/")[0] == "CN" for p in query.places)
    return at_home and bool(_OF_THE_COUNTRY.search(query.text))


def nobodys(query: Query, ground: Ground) -> bool:
    """Whether money is asked for in a place of which no rule is held, and no scheme is named that reaches it."""
    if any(_reaches_by_itself(d, ground) for d in query.named) or not wants_aid(query):
        return False
    return bool(query.places and len(without_rule(query, ground)) == len(query.places)) or bool(
        unknown_place(query, ground)
    )


def _reaches_by_itself(document: str, ground: Ground) -> bool:
    """Not the national call for pilot cities: what a firm gets of it stands in its city's rules."""
    named = ground.generation.documents[document]
    return not (named.jurisdiction == "CN" and "city-pilot" in named.topics)


def other_region(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> Answer:
    """No rule of the place; what texts of the whole country say of it, or the nearest of them, named as such."""
    language = query.language
    join = "、".join if language == "zh" else ", ".join
    unknown = unknown_place(query, ground)
    place = unknown or join(ground.lexicon.places.name(p).get(language) for p in query.places)
    told = [Statement(say("refusal.other_region", language, place=place), "notice")]
    wider = [] if unknown else _of_the_country(ground, query, hits, chooser)
    if wider:
        told.append(Statement(say("refusal.nationwide", language), "notice"))
        told += [c.quoted() for c in wider]
    step = say("refusal.next_step", language) if unknown else next_step(ground, query, None)
    told.append(Statement(step, "notice"))
    return Answer("abstained", tuple(told), "other_region")


def _of_the_country(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> list[Candidate]:
    """A sentence of a wider rule that names the place, then the one nearest to the question; no ended rule."""
    names = {fold(n) for p in query.places for n in _names(ground, p)}
    documents = [d for d in ground.generation.documents.values() if _reaches(ground, query, d)]
    naming = [
        Hit(p, 1.0, 1)
        for d in documents
        for p in ground.generation.by_document.get((d.id, query.language), ())
        if any(n in fold(p.text) for n in names)
    ]
    of_it = [c for c in chooser.candidates(naming) if any(n in fold(c.text) for n in names)] if naming else []
    find = ground.lexicon.places.find
    of_it.sort(key=lambda c: len(find(c.text)) < _SEVERAL)  # a list of places says what the place is in; news does not
    here = [h for h in hits if any(h.passage.document == d.id for d in documents)]
    near = [c for c in chooser.candidates(here) if c.coverage >= _LEAST_NEAR] if here else []
    near = [c for c in near if not ground.tells_of_elsewhere(query, c.text)]
    kept = [c for c in (*of_it[:1], *near[:4]) if not is_not_known(c.passage) and not speaks_of_itself(c.text)]
    return list({c.text: c for c in kept}.values())[:2]


def _names(ground: Ground, place: str) -> tuple[str, ...]:
    entry = ground.lexicon.places.entries[place]
    return tuple(n for n in (entry.name.zh, entry.name.en, *entry.other) if n)


def _reaches(ground: Ground, query: Query, document: Document) -> bool:
    """A rule of the country, or of the union, that contains the place."""
    if document.kind not in ("policy", "notice") or document.jurisdiction is None:
        return False
    covers = ground.lexicon.places.covers
    return not ground.stale(query, document.id) and any(
        document.jurisdiction != p and covers(document.jurisdiction, p) for p in query.places
    )
