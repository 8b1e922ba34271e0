"""Refusals that say why, with the nearest thing that is known, who would know the rest, and what can be asked instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from advisor.ask.answerable import in_field, unserved
from advisor.ask.features import is_not_known, speaks_of_itself, step
from advisor.ask.ground import ABOUT_MONEY, PLACE_BOUND, Ground
from advisor.ask.known import RESEMBLES
from advisor.ask.next_step import next_step, places_of
from advisor.ask.plan import PLANS, asks_for_aid
from advisor.ask.scope import kinds_of_goods
from advisor.ask.sentences import Candidate, SentenceChooser, words_of
from advisor.model import Answer, Document, Hit, Passage, Query, Statement, context
from advisor.wording import say, wording

_LEAST_COVERAGE = 0.14
_LEAST_NEAR = 0.3
_SEVERAL = 3
_POOL = 40
_LINES = 3
_FIRST = 12  # sentences among which an admitted gap counts as near
_MENTIONS = 24
_CHIPS = 3
LIKELY_MEANT = 0.1  # likelihood from which a known question is offered in place of one that has no answer
_CHOOSES = re.compile(r"怎么选|怎样选|选型|choos|select", re.I)
_STEPS = re.compile(
    r"怎么做|怎么选|步骤|提问|问|签约|合同|成本|how to|questions|before signing|contract|cost|mistakes|避免|注意", re.I
)
_TELLS_WHOM = re.compile(
    r"(?:可|应|请)(?:以)?(?:向|问|询问|咨询|由).{0,40}(?:局|委|厅|部门|机关|机构|委员会|银行|办公室)|\b(?:office|bureau|authority|department|ministry|agency|bank)s? (?:can|could) tell\b|\bask (?:the|its|their|your) ",
    re.I,
)
_THEY_PAID = re.compile(
    r"(?:他们|它|那家|人家)[^，,。？?]{0,12}(?:花|投|砸)了?多少|\bdid (?!.{0,30}\b(?:city|state|government|district|council|county|province)\b)(?:the|that|this|they|it|he|she)\b.{0,40}\b(?:pay|spend|cost|invest)\b",
    re.I,
)
_ENDS = re.compile(r"截止|关闭|结束|受理|有效期|closed|closes|ended|ends|deadline|until|open (?:from|until)", re.I)


def out_of_scope(ground: Ground, query: Query, hits: Sequence[Hit]) -> Answer:
    if query.refusal == "unsafe":
        return Answer("abstained", (Statement(say("refusal.unsafe", query.language), "notice"),), "unsafe")
    if query.refusal == "product":
        return _product(ground, query)
    return _outside(ground, query)


def _outside(ground: Ground, query: Query) -> Answer:
    texts = (say(f"refusal.{key}", query.language) for key in ("out_of_scope", "next_outside"))
    notices = tuple(Statement(text, "notice") for text in texts)
    return Answer("abstained", notices, "out_of_scope", followups=_starters(ground, query))


def _starters(ground: Ground, query: Query) -> tuple[str, ...]:
    """What anybody can ask: none that tells of a place, for that is hardly the asker's."""
    return tuple(s for s in wording("starters", query.language) if not ground.lexicon.places.find(s))[:_CHIPS]


# --- products ---------------------------------------------------------------------------------------


def _product(ground: Ground, query: Query) -> Answer:
    """No brand and no price, but how to choose one of that kind, from the guides that speak of it."""
    language = query.language
    kinds = kinds_of_goods(query.text)
    guides = _guides(ground, kinds) or _guides(ground, ("provider",))
    lines = _how_to_choose(ground, query, kinds, guides)
    notices = [Statement(say("refusal.product" if lines else "refusal.product_only", language), "notice")]
    step = Statement(say("refusal.next_quotes", language), "notice")
    asked = [say("followups.choose", language, name=k) for k in _called(kinds, language)[:2]]
    chips = (*asked, *_starters(ground, query))[:_CHIPS]
    return Answer("abstained", (*notices, *lines, step), "out_of_scope", followups=chips)


# A kind of goods, and the words by which a guide says in its title or other names that it is about it.
_NAMED_IN_GUIDES = {
    "ERP": r"\berp\b",
    "MES": r"\bmes\b",
    "WMS": r"\bwms\b",
    "PLM": r"\bplm\b",
    "SCADA": r"\bscada\b",
    "cloud": r"云|cloud",
    "security": r"网络安全|cyber",
    "AI": r"人工智能|\bai\b",
    "energy": r"能源|能耗|energy",
    "machines": r"老设备|旧机器|old machines|legacy",
    "provider": r"服务商|provider|花多少钱|what does an erp cost",
}


def _called(kinds: Sequence[str], language: str) -> list[str]:
    names = wording("kinds", language)
    return [names[k] for k in kinds if k in names]


def _guides(ground: Ground, kinds: Iterable[str]) -> list[Document]:
    """Guides that name one of these kinds, those on choosing first."""
    wanted = [re.compile(_NAMED_IN_GUIDES[k], re.I) for k in kinds]
    found = []
    for document in ground.generation.documents.values():
        names = " · ".join(_names(document))
        if document.kind == "guide" and any(w.search(names) for w in wanted):
            found.append((not _CHOOSES.search(names), document.id, document))
    return [d for _, _, d in sorted(found, key=lambda row: row[:2])][:2]


def _names(document: Document) -> list[str]:
    return [
        n for language in ("zh", "en") for n in (document.title.get(language), *document.aliases.get(language, ())) if n
    ]


def _how_to_choose(
    ground: Ground, query: Query, kinds: Sequence[str], guides: Sequence[Document]
) -> tuple[Statement, ...]:
    """The sentences of the guides' working parts that speak most to choosing that kind."""
    names = _called(kinds or ("provider",), query.language)
    wish = say("followups.choose", query.language, name=names[0] if names else "")
    asked = replace(query, text=wish, semantic=wish, plan=PLANS["how_to"], places=(), previous=None, parts=())
    hits = [
        Hit(p, 1.0 / (i + 1), i + 1)
        for i, p in enumerate(p for d in guides for p in ground.generation.by_document.get((d.id, query.language), ()))
    ]
    working = [c for c in ground.chooser(asked).candidates(hits) if _STEPS.search(c.passage.heading)]
    told = [c for c in working if not is_not_known(c.passage) and not speaks_of_itself(c.text)]
    own = [c for c in told if c.passage.document == guides[0].id] or told
    steps = sorted((c for c in own if step(c.text)), key=lambda c: c.start)
    return tuple(c.quoted() for c in (steps if len(steps) >= _LINES else own)[:_LINES])


# --- nothing found ----------------------------------------------------------------------------------


def nothing_found(
    ground: Ground, query: Query, hits: Sequence[Hit], here: Sequence[Hit], chooser: SentenceChooser
) -> Answer:
    """Why there is no answer, the nearest thing we do know, and who would know."""
    if not in_field(query) and not query.previous and not query.places:
        return _outside(ground, query)
    if len(query.places) > 1 and (sides := _side_by_side(ground, query, hits, chooser)):
        step = Statement(next_step(ground, query, None), "notice")
        return Answer("abstained", (*(c.quoted() for c in sides), step), "nothing_found")
    elsewhere = [h for h in hits if h not in here]
    best = _nearest(ground, query, here or hits, chooser)
    if (
        _of_the_own_place(query)
        and unserved(query, ground)
        and not _of_there(ground, query, best)
        and _topic_elsewhere(ground, query, elsewhere or hits, chooser)
    ):
        first = Statement(say("refusal.other_region", query.language, place=places_of(ground, query)), "notice")
        return _refused(ground, query, "other_region", first, best)
    first = Statement(say("refusal.nothing_found", query.language), "notice")
    return _refused(ground, query, "nothing_found", first, best)


def not_known(ground: Ground, query: Query, gap: Candidate) -> Answer:
    """A document says itself that it does not know just what was asked: its sentence is the answer."""
    first = Statement(say("refusal.nothing_found", query.language), "notice")
    return _refused(ground, query, "nothing_found", first, gap)


def _of_there(ground: Ground, query: Query, best: Candidate | None) -> bool:
    """Whether the nearest sentence is of the asked place itself, though no rule is: what a case there does not tell."""
    home = ground.generation.documents[best.passage.document].jurisdiction if best else None
    return bool(home) and any(ground.lexicon.places.covers(p, home or "") for p in query.places)


def _side_by_side(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> list[Candidate]:
    """Of each place compared, what its own rules do not say, where that holds for all of them."""
    found = [_of_the_place(ground, replace(query, places=(p,)), hits, chooser) for p in query.places]
    gaps = [c for c in found if c and is_not_known(c.passage)]
    return gaps if len(gaps) == len(query.places) > 1 else []


def _refused(ground: Ground, query: Query, reason: str, first: Statement, best: Candidate | None) -> Answer:
    """The notice, the nearest sentence where there is one, whom to ask for what, and questions that have an answer."""
    language = query.language
    step = Statement(next_step(ground, query, best), "notice")
    if best is None:
        chips = _likely_meant(ground, query) or _starters(ground, query)
        return Answer("abstained", (first, step), reason, followups=chips)
    said_so = is_not_known(best.passage) and reason == "nothing_found"
    lead = Statement(say("refusal.nearest", language), "notice")
    shown: tuple[Statement, ...] = (best.quoted(), step) if said_so else (first, lead, best.quoted(), step)
    if said_so and _TELLS_WHOM.search(best.text):
        shown = shown[:1]
    home = ground.generation.documents[best.passage.document]
    chips = ground.followups(query, home, shown) or _likely_meant(ground, query) or _starters(ground, query)
    return Answer("abstained", shown, reason, followups=chips)


def _likely_meant(ground: Ground, query: Query) -> tuple[str, ...]:
    """Known questions that the asked one may have meant, the likeliest first: each of these has an answer."""
    chooser = ground.chooser(query)
    if chooser.knows_nothing():
        return ()
    near = [m for m in chooser.known.best[:_CHIPS] if m.score >= LIKELY_MEANT]
    asked = (ground.generation.documents[m.document].questions[m.entry].asked[query.language] for m in near)
    return tuple(w[0] for w in asked if w)


def _topic_elsewhere(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> bool:
    """Whether another place's text would answer it, its place names aside."""
    names = {t for p in query.places for t in ground.place_tokens(p)}
    best = 0.0
    for hit in hits[:4]:
        document = ground.document(hit)
        words = set(words_of(f"{context(document, hit.passage)} {hit.passage.text}")) | names
        best = max(best, chooser.coverage(words))
    return best >= _LEAST_COVERAGE


def _of_the_own_place(query: Query) -> bool:
    """Whether the rules of the asked place are what is asked about; a firm's own place, of which nobody spoke, is not enough."""
    if query.places_from == "profile" and not asks_for_aid(f"{query.previous or ''} {query.text}"):
        return False
    about = query.plan.type in (*ABOUT_MONEY, "list", "fact") or asks_for_aid(query.text)
    return bool(query.places) and about


def _nearest(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> Candidate | None:
    """The place's own rule, else where the place is spoken of, else a rule above it, else the nearest sentence found."""
    case = bool(hits) and ground.document(hits[0]).kind == "case" and not asks_for_aid(query.text)
    of_a_case = case or bool(_THEY_PAID.search(query.text))
    if _of_the_own_place(query) and not of_a_case and (best := _of_the_place(ground, query, hits, chooser)):
        return best
    candidates = [c for c in chooser.candidates(hits)[:_POOL] if not ground.tells_of_elsewhere(query, c.text)]
    named = ground.lexicon.things(query.text)
    nearest = known_answers(ground, query, RESEMBLES)
    known = next((c for c in nearest if not query.dwelt or c.passage.document in query.dwelt), None)
    if known and not ground.tells_of_elsewhere(query, known.text) and named <= ground.things_of(known.passage):
        return known
    of_it = {c: bool(named & ground.things_of(c.passage)) for c in candidates[:_FIRST] if is_not_known(c.passage)}
    gaps = sorted(
        (c for c, own in of_it.items() if own or c.passage.document == hits[0].passage.document),
        key=lambda c: not of_it[c],
    )
    told = [c for c in candidates if not speaks_of_itself(c.text)]
    best = next(iter([*gaps, *told, *candidates]), None)
    return best if best and (best.coverage >= _LEAST_NEAR or named & ground.things_of(best.passage)) else None


def known_answers(ground: Ground, query: Query, least: float) -> Iterator[Candidate]:
    """The sentences that answer the likeliest few known questions, where these are at least that likely."""
    chooser = ground.chooser(query)
    for match in (m for m in chooser.known.best[:_CHIPS] if m.score >= least):
        passages = ground.generation.by_document.get((match.document, query.language), ())
        every = chooser.candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)])
        spans = chooser.known.answers(match, query.language)[:1]
        yield from (c for c in every for a, b in spans if a <= c.start < b)


def _of_the_place(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> Candidate | None:
    """What its own rules do not say, else where it stands among others, else what reaches it from above."""
    if own := ground.rules_of(query):
        every = chooser.candidates(own)
        found = [c for c in every if not ground.tells_of_elsewhere(query, c.text)] or every
        return next(iter([*(c for c in found if is_not_known(c.passage)), *found]), None)
    names = _place_names(ground, query)
    told = [c for c in chooser.candidates(_mentions(ground, query, names)) if any(n in c.text for n in names)]
    told = [c for c in told if not is_not_known(c.passage) and not ground.stale(query, c.passage.document)]
    listed = [c for c in told if len(ground.lexicon.places.find(c.text)) >= _SEVERAL]
    above = [c for c in chooser.candidates(_above(ground, query, hits)) if not is_not_known(c.passage)]
    above = [c for c in above if not ground.tells_of_elsewhere(query, c.text) and not speaks_of_itself(c.text)]
    if query.plan.type in ("status", "deadline"):
        told = sorted(told, key=lambda c: not _ENDS.search(c.text))
        above = sorted(above, key=lambda c: not _ENDS.search(c.text))
    return next(iter([*listed, *told, *above]), None)


def _place_names(ground: Ground, query: Query) -> list[str]:
    entries = [e for p in query.places if (e := ground.lexicon.places.entries.get(p))]
    return [n for e in entries for n in (e.name.zh, e.name.en, *e.other) if n and len(n) > 1]


def _mentions(ground: Ground, query: Query, names: Sequence[str]) -> list[Hit]:
    """Passages in the question's language that speak of a place of which no rule is held."""
    found: list[Passage] = []
    for (_, language), passages in ground.generation.by_document.items():
        if language == query.language:
            found += [p for p in passages if any(n in p.text for n in names)]
    return [Hit(p, 1.0, i + 1) for i, p in enumerate(found[:_MENTIONS])]


def _above(ground: Ground, query: Query, hits: Sequence[Hit]) -> list[Hit]:
    """Of what was found, the rules that reach the place from above: its province's, its country's, the union's."""
    covers = ground.lexicon.places.covers
    return [
        h
        for h in hits
        if (home := ground.document(h).jurisdiction)
        and home not in ("INTL", "OECD", "G7")
        and ground.document(h).kind in PLACE_BOUND
        and any(covers(home, p) for p in query.places)
        and (query.plan.type == "status" or not ground.stale(query, h.passage.document))
    ]
