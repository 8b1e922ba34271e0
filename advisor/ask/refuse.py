"""Refusals that say why, with the nearest thing that is known and who would know the rest."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.ask.answerable import in_field, unserved
from advisor.ask.features import is_not_known, speaks_of_itself
from advisor.ask.ground import ABOUT_MONEY, PLACE_BOUND, Ground
from advisor.ask.sentences import Candidate, SentenceChooser, words_of
from advisor.model import Answer, Hit, Query, Statement, context
from advisor.wording import say, wording

_LEAST_COVERAGE = 0.14
_LEAST_NEAR = 0.3
_POOL = 40


def out_of_scope(ground: Ground, query: Query, hits: Sequence[Hit]) -> Answer:
    if query.refusal == "unsafe":
        return Answer("abstained", (Statement(say("refusal.unsafe", query.language), "notice"),), "unsafe")
    key = "refusal.product" if query.refusal == "product" else "refusal.out_of_scope"
    notice = Statement(say(key, query.language), "notice")
    rest: list[Statement] = []
    if query.refusal == "product":
        guides = [h for h in hits if ground.document(h).kind == "guide"]
        chooser = ground.chooser(query)
        told = [c for c in chooser.candidates(guides) if not is_not_known(c.passage) and not speaks_of_itself(c.text)]
        rest = [Statement(c.text, "quoted", (c.citation(),)) for c in told[:3]]
    starters = tuple(wording("starters", query.language)[:3])
    return Answer("abstained", (notice, *rest), "out_of_scope", followups=starters)


def nothing_found(
    ground: Ground, query: Query, hits: Sequence[Hit], here: Sequence[Hit], chooser: SentenceChooser
) -> Answer:
    """Why there is no answer, the nearest thing we do know, and who would know."""
    language = query.language
    if not in_field(query) and not query.previous:
        notice = Statement(say("refusal.out_of_scope", language), "notice")
        return Answer("abstained", (notice,), "out_of_scope", followups=tuple(wording("starters", language)[:3]))
    elsewhere = [h for h in hits if h not in here]
    if query.places and unserved(query, ground) and _topic_elsewhere(ground, query, elsewhere or hits, chooser):
        join = "、".join if language == "zh" else ", ".join
        place = join(ground.lexicon.places.name(p).get(language) for p in query.places)
        notices = (say("refusal.other_region", language, place=place), say("refusal.next_step", language))
        return Answer("abstained", tuple(Statement(n, "notice") for n in notices), "other_region")
    return Answer("abstained", _nearest_with_notices(ground, query, here or hits, chooser), "nothing_found")


def _nearest_with_notices(
    ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser
) -> tuple[Statement, ...]:
    """What the sources say of their own gap, or the nearest fact where it is near; then whom to ask."""
    language = query.language
    first = Statement(say("refusal.nothing_found", language), "notice")
    if query.places and query.plan.type in ABOUT_MONEY and (own := ground.rules_of(query)):
        hits = own
    best = _nearest(ground, query, hits, chooser)
    home = ground.generation.documents[best.passage.document] if best else None
    issuer = home.issuer if home and home.kind in PLACE_BOUND else None
    if issuer:
        step = Statement(say("refusal.next_issuer", language, issuer=issuer.get(language).rstrip(".")), "notice")
    else:
        step = Statement(say("refusal.next_step", language), "notice")
    if best is None:
        return first, step
    quoted = Statement(best.text, "quoted", (best.citation(),))
    if is_not_known(best.passage):
        return Statement(say("refusal.said_so", language), "notice"), quoted, step
    return first, Statement(say("refusal.nearest", language), "notice"), quoted, step


def _topic_elsewhere(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> bool:
    """Whether another place's text would answer it, its place names aside."""
    names = {t for p in query.places for t in ground.place_tokens(p)}
    best = 0.0
    for hit in hits[:4]:
        document = ground.document(hit)
        words = set(words_of(f"{context(document, hit.passage)} {hit.passage.text}")) | names
        best = max(best, chooser.coverage(words))
    return best >= _LEAST_COVERAGE


def _nearest(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> Candidate | None:
    """The sentence nearest to the question, a confessed gap of the first document before any other."""
    candidates = [c for c in chooser.candidates(hits)[:_POOL] if not ground.tells_of_elsewhere(query, c.text)]
    gaps = [c for c in candidates[:12] if is_not_known(c.passage) and c.passage.document == hits[0].passage.document]
    best = next(iter([*gaps, *candidates]), None)
    return best if best and best.coverage >= _LEAST_NEAR else None
