"""Several questions in one message: each gets its own best sentences, in turns, and what none answers is said."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest

from advisor.ask.answerable import as_read, signs, surplus
from advisor.ask.asks import wants
from advisor.ask.definition import definition
from advisor.ask.ended import rule_behind, still_open, tells_the_end, with_end
from advisor.ask.features import speaks_of_itself
from advisor.ask.gaps import admits, known_gap, left_unsaid, partial, speaks_to
from advisor.ask.ground import Ground
from advisor.ask.levels import what_it_takes
from advisor.ask.lines import in_step_order, of_what_is_asked, without_definitions
from advisor.ask.makers import asks_for_a_maker, names_a_maker
from advisor.ask.order import AMONG, ANSWERS, FAR, READS_SO, batch_in, has_a_figure, in_order, odds_of, of_the_levels
from advisor.ask.plan import asks_for_money
from advisor.ask.query import leans
from advisor.ask.sentences import Candidate, SentenceChooser, asked_words, is_not_known
from advisor.ask.sums import best_rows, lacks_the_figure, row_of_the_level, sums_of, with_sum
from advisor.ask.told_once import is_told
from advisor.model import Answer, Hit, Query, Statement
from advisor.reading import under_its_heading
from advisor.text import fold, quantities
from advisor.wording import say

_NEARLY_FIRST = 0.8  # of the best hit's score, from which a document counts as what was found
MISSING = 1.0  # log-odds below the bar of refusal at which one of several questions counts as not answered
_FAR_BELOW = 1.5  # log-odds below that bar at which what was read says so, though the words fit
_PLAINLY = 2.0  # points by which a sentence that admits a gap must lead to be the answer to one of several questions


def with_other_parts(ground: Ground, query: Query, hits: Sequence[Hit], answer: Answer) -> Answer:
    """A comparison, and what else was asked in the same message."""
    compared = [p for p in query.parts if p.plan.type == "comparison"]
    others = [p for p in query.parts if p.plan.type != "comparison"] if compared else []
    more, open_ = _in_turns(ground, others, hits, -MISSING)
    quotes = {c.quote for s in answer.statements for c in s.citations}
    more = [s for s in more if not any(c.quote in quotes for c in s.citations)]
    told = (*answer.statements, *more[: len(others) * 2])
    answer = replace(answer, statements=told)
    return partial(answer) if open_ else answer


def part_by_part(ground: Ground, query: Query, hits: Sequence[Hit], bar: float) -> Answer | None:
    """Several questions at once: the best sentence to each in turn, then the second best; what none answers is said."""
    chosen, open_ = _in_turns(ground, query.parts, hits, bar)
    if not any(s.citations for s in chosen):
        return None
    first = [s for s in chosen if s.citations][: query.plan.statements + 1]
    told = with_end(ground, query, first)
    missing = [s for s in chosen if not s.citations]
    if len(told) > len(first):  # that it is over, or that nobody says so, is what was asked for
        asked = {_missing(p) for p in query.parts if p.plan.type == "status"}
        missing = [s for s in missing if s not in asked]
    if whole := _answers_it_all(ground, query, hits):
        met = [p for p in query.parts if _meets(ground, p, whole)]
        if len(met) == len(query.parts):
            told = [s for s in told if not admits(ground, s)]
        told = _led_by(ground, whole, told)
        missing = [s for s in missing if s not in map(_missing, met)]
        open_ = bool(missing) or any(admits(ground, s) for s in told)
    answer = ground.answered(query, [*in_step_order(ground, told), *missing], ground.cited(told[0]))
    return partial(answer) if open_ else answer


def _meets(ground: Ground, part: Query, whole: Candidate) -> bool:
    """Whether what answers all of them has the figure that one of them asks for, and answers that one, too."""
    if not ground.cross_encoder or not has_a_figure(wants(part.text), whole.text):
        return False
    return bool(ground.cross_encoder.scores(part.semantic, [whole.text])[0] > ANSWERS)


def _led_by(ground: Ground, whole: Candidate, told: Sequence[Statement]) -> list[Statement]:
    """The same behind what answers all of them; what the first of them leaves open keeps its place."""
    open_ = [s for s in told[:1] if admits(ground, s)]
    rest = [s for s in told if s.text != whole.text and s not in open_]
    return [*open_, whole.quoted(), *rest][: len(told) + 1]


def _answers_it_all(ground: Ground, query: Query, hits: Sequence[Hit]) -> Candidate | None:
    """The sentence that reads as the answer to the whole of several questions."""
    best = next(iter(in_order(ground, query, ground.chooser(query).candidates(hits))), None)
    return best if best and not is_not_known(best.passage) and odds_of(best) > READS_SO else None


def _in_turns(ground: Ground, parts: Sequence[Query], hits: Sequence[Hit], bar: float) -> tuple[list[Statement], bool]:
    """(statements on several questions in turns, what is missing last; whether any is left open)."""
    columns: list[list[Statement]] = []
    missing, gaps = [], False
    for asked in parts:
        part = _of_the_batch(asked, [s for column in columns for s in column])
        homes = {c.document for column in columns for s in column for c in s.citations}
        of_these = [h for h in hits if h.passage.document in homes and ground.document(h).kind != "term"]
        of_these = of_these if leans(part.text) else []
        told, gap = _told_of(ground, part, of_these or hits, bar)
        if _says_nothing_new(ground, part, told, columns):
            told = []
        columns.append([gap.quoted(), *told] if gap else told)
        gaps = gaps or gap is not None
        if not told and gap is None and (len(columns) == 1 or _names_something(part.text)):
            missing.append(_missing(asked))
    met = (c for c, p in zip(columns, parts, strict=True) if p.told or not leans(p.text))
    if bar >= 0.0 and not any(met):
        columns = []  # what leans on a question that has no answer has none
    chosen: list[Statement] = []
    for statement in (s for row in zip_longest(*columns) for s in row if s):
        if not is_told(ground, statement, chosen):
            chosen.append(statement)
    return [*chosen, *missing], bool(missing) or gaps


def _of_the_batch(part: Query, told: Sequence[Statement]) -> Query:
    """ "This batch" is the one that was just told: "since when is Mianyang a pilot, and how long does that batch run?"."""
    named = next((b for s in told if (b := batch_in(s.text))), "")
    if not named or batch_in(part.text):
        return part
    text = _THAT_BATCH.sub(named, part.text)
    return replace(part, text=text, semantic=text) if text != part.text else part


_THAT_BATCH = re.compile(r"[这那该]一?批|\b(?:this|that|the same|their|its) (?:batch|round)\b", re.I)


def _told_of(ground: Ground, part: Query, hits: Sequence[Hit], bar: float) -> tuple[list[Statement], Candidate | None]:
    """(at most three statements on one of several questions, none where it is better refused; what says that it is not known)."""
    chooser = ground.chooser(part)
    near = _nearest_to(ground, _of_what_was_found(ground, hits) if leans(part.text) else hits, chooser)
    every = of_the_levels(part, in_order(ground, part, chooser.candidates(near)))
    if part.plan.type == "definition" and (exact := definition(ground, part, near, chooser)):
        return list(exact.statements[:2]), None
    if not every:
        return [], None
    second = next((c.score for c in every if not is_not_known(c.passage)), -math.inf)
    gap = every[0] if is_not_known(every[0].passage) and every[0].score > second + _PLAINLY else None
    if gap and speaks_to(ground, part, gap):
        return [], gap
    by_words = surplus(signs(part, hits, near, chooser, ground))
    read = as_read(by_words, every)
    # Where the whole message has no answer, that the words of a part fit is not enough.
    if gap or (read if bar >= 0.0 else max(by_words, read)) < bar or read < bar - _FAR_BELOW:
        rule = ground.document(near[0])
        of_it = part.plan.type in ("deadline", "status") and leans(part.text) and not gap
        dated = still_open(ground, part, rule, every) if of_it else []
        return dated, None if dated else known_gap(ground, part)
    if part.levels and not asks_for_money(part) and (levels := what_it_takes(ground, part, near, every)):
        return levels[:3], None
    documents = [ground.document(h) for h in near[:3] if h.score > 0.8 * near[0].score]
    rows = next(
        (r for d in documents if "funding" in part.plan.records and (r := best_rows(ground, part, d, every))), []
    )
    rows = row_of_the_level(ground, part, hits) or rows
    rule = rule_behind(ground, part, documents[0], every)
    head = still_open(ground, part, rule, every) if part.plan.type == "status" else []
    told = [c for c in every if not is_not_known(c.passage) and not ground.tells_of_elsewhere(part, c.text)]
    told = [c for c in told if not speaks_of_itself(c.text)] or told
    told = without_definitions(ground, part, told)
    sentences = [c.quoted() for c in told[:3] if c.score > told[0].score - FAR]
    sentences = of_what_is_asked(ground, part, sentences, every)
    sentences = with_sum(ground, part, documents[0], sentences, every) if documents else sentences
    said = [*head, *(rows if len(rows) == 1 else []), *sentences][:3]
    if part.plan.type == "status" and not tells_the_end(said) and (open_ := left_unsaid(ground, part, every)):
        return [], open_
    if asks_for_a_maker(part) and not names_a_maker(ground, part, said):
        return [], known_gap(ground, part)
    if not lacks_the_figure(ground, part, said):
        return said, None
    if documents and (sums := sums_of(ground, part, documents[0], every)):
        return sums, None
    return [], known_gap(ground, part) or left_unsaid(ground, part, every)


def _says_nothing_new(
    ground: Ground, part: Query, told: Sequence[Statement], before: Iterable[Sequence[Statement]]
) -> bool:
    """Whether what one of several questions got first another had got, and nothing that it got is what it asks for."""
    earlier = [s for column in before for s in column]
    if not told or not earlier or not is_told(ground, told[0], earlier):
        return False
    passage = ground.generation.passages[told[0].citations[0].passage]
    said = under_its_heading(passage, told[0].text)
    if ground.cross_encoder and ground.cross_encoder.scores(part.text, [said])[0] > ANSWERS:
        return False  # one sentence answers both
    texts = [(s.text, frozenset(q.kind for q in quantities(fold(s.text)))) for s in told]
    return ground.chooser(part).unmet(texts) == 1.0


def _of_what_was_found(ground: Ground, hits: Sequence[Hit]) -> list[Hit]:
    """Hits of the documents found first: "and the results?" is asked of these and of no other."""
    best = max(h.score for h in hits)
    first = {h.passage.document for h in hits[:AMONG] if h.score >= _NEARLY_FIRST * best}
    return [h for h in hits if h.passage.document in first]


def _nearest_to(ground: Ground, hits: Sequence[Hit], chooser: SentenceChooser) -> list[Hit]:
    """The hits in the order in which they speak to one part of the question."""
    best = max(h.score for h in hits) or 1.0
    scored = [(0.4 * h.score / best + ground.coverage(h, chooser), h) for h in hits]
    scored.sort(key=lambda row: (-row[0], row[1].rank))
    return [replace(h, score=score, rank=i) for i, (score, h) in enumerate(scored, 1)]


def _missing(part: Query) -> Statement:
    """That one of several questions is not answered."""
    return Statement(say("partial.missing", part.language, part=part.text.rstrip("?？ ")), "notice")


def _names_something(text: str) -> bool:
    """Whether a question has a word of its own: "how is that done?" is answered with what it follows."""
    return any(len(w) > 1 for w in asked_words(text))
