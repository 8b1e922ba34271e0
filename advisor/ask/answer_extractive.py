"""hits → answer without a language model: records first, then the sentences that say it; refusals say why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from advisor.ask import compare
from advisor.ask.answerable import as_read, in_field, names_the_unknown, signs, surplus, unknown_scheme, unserved
from advisor.ask.asks import wants
from advisor.ask.circumstances import fit, told_now
from advisor.ask.clarify import OF_ONES_OWN, alike_elsewhere, bare, clarify, where, whereabouts, wished
from advisor.ask.conflict import with_conflict
from advisor.ask.definition import definition, explained, leads_with_a_definition, without_a_definition_first
from advisor.ask.elsewhere import nobodys, of_the_country, other_region, whose_rules
from advisor.ask.ended import (
    end_of,
    of_the_past,
    over_first,
    rule_behind,
    still_open,
    wants_it_now,
    wants_what_is_over,
    with_end,
    with_ends,
)
from advisor.ask.from_records import funding_rows, score_told
from advisor.ask.gaps import left_open, tells_of_no_aid, with_gap, with_money_unsaid
from advisor.ask.ground import Ground
from advisor.ask.history import expired, means_edition, successor_found, superseded
from advisor.ask.known import RESEMBLES
from advisor.ask.levels import what_it_takes
from advisor.ask.lines import of_each_named, of_each_place, of_what_is_asked, with_condition, with_sentences
from advisor.ask.makers import asks_for_a_maker, names_a_maker
from advisor.ask.of_the_year import of_the_asked_year
from advisor.ask.order import (
    AMONG,
    ANSWERS,
    FAR,
    NEAR,
    in_order,
    odds_of,
    pays_from_below,
    step_of,
)
from advisor.ask.parts import MISSING, part_by_part, with_other_parts
from advisor.ask.plan import asks_for_aid, asks_for_money
from advisor.ask.query import bare_level
from advisor.ask.refuse import nothing_found, out_of_scope
from advisor.ask.sentences import Candidate, SentenceChooser, is_not_known
from advisor.ask.sums import best_rows, has_the_figure, near_by, row_of_the_level, with_sum
from advisor.model import Answer, Document, Hit, Query, Statement
from advisor.text import fold, quantities

_FOREIGN_MARGIN = 1.5
_QUITE_SURE = 2.0  # log-odds above the bar at which "how much" may be a wish for something else than a figure
_VERY_SURE = 3.0  # the same, where no known question resembles the asked one
_DOUBTFUL = 1.2  # log-odds below the bar of refusal down to which a document that admits a gap may still tell the rest
_HARDLY = 4.0  # the same, down to which the rule of the asked place tells what it pays
_UNLIKE = -1.7  # log-odds above the bar of refusal below which nothing found is worth a comparison
_FIRST = 3  # documents found first, one of which may be the rule that is meant
_CLEARLY = 0.2  # points by which another document's sentence must be better to take the place of the first
_THE_SAME = 0.7  # likelihood from which it counts as the very same


@dataclass(frozen=True)
class ExtractiveAnswerer(Ground):
    """Composes; never retrieves, never verifies."""

    def answer(self, query: Query, hits: Sequence[Hit]) -> Answer:
        """Statements in the order of the query's plan, or a refusal with its reason and the nearest fact."""
        if query.refusal:
            return out_of_scope(self, query, hits)
        chooser = self.chooser(query)
        here = self._with_first_steps(query, [h for h in hits if self.applies(query, h)])
        candidates = in_order(self, query, chooser.candidates(here))
        sure = as_read(surplus(signs(query, hits, here, chooser, self)), candidates)
        answer = self._by_plan(query, hits, here, chooser, sure)
        answer = with_conflict(self, query, here, with_money_unsaid(self, query, answer, candidates))
        answer = over_first(self, query, whose_rules(self, query, of_the_asked_year(self, query, answer)))
        return replace(answer, answerability=round(sure, 4))

    def _with_first_steps(self, query: Query, hits: list[Hit]) -> list[Hit]:
        """Who asks how to begin gets the first step of a guide that was found, whichever of its passages it was."""
        if "start" not in wants(query.text):
            return hits
        found = {h.passage.id for h in hits}
        steps = [
            replace(h, passage=p)
            for h in {h.passage.document: h for h in reversed(hits) if self.document(h).kind == "guide"}.values()
            for p in self.generation.by_document.get((h.passage.document, query.language), ())
            if step_of(p, "") == 1 and p.id not in found
        ]
        return [*hits, *steps]

    def _by_plan(
        self, query: Query, hits: Sequence[Hit], here: Sequence[Hit], chooser: SentenceChooser, sure: float
    ) -> Answer:
        if asked := bare(self, query, self._compose) or wished(self, query) or whereabouts(self, query):
            return asked
        of_there = self._tells_of_it(query, here, chooser, sure)
        several = query.plan.type == "comparison" and len(query.places) != 1
        if not several and nobodys(query, self) and not of_there:
            return other_region(self, query, hits, chooser)
        comparable = _compares(query) and sure > _UNLIKE
        if comparable and (answer := compare.comparison(self, query, hits, chooser, self._compose)):
            return with_other_parts(self, query, hits, with_ends(self, query, answer))
        if sure > 0.0 and not comparable and (answer := compare.side_by_side(self, query, hits, chooser)):
            return with_ends(self, query, answer)
        if query.plan.type == "definition" and not query.parts and (answer := definition(self, query, here, chooser)):
            return answer
        if not here or (self._nowhere_near(query) and not of_there) or self._is_gibberish(query, chooser):
            return self._nothing(query, hits, here, chooser)
        if asked := clarify(self, query, here):
            return asked
        if not self._is_answerable(query, here, sure) and not self._is_known(query, here, chooser, sure):
            if in_field(query) and (half := self._in_parts(query, here, 0.0)):
                return half
            candidates = in_order(self, query, chooser.candidates(here))
            if self._goes_on(query, candidates):
                return self._compose(query, here, chooser, sure)
            if part := left_open(self, query, candidates, sure):
                return part
            if not self._reads_as_an_answer(candidates):
                return explained(self, query, here, candidates, chooser) or self._nothing(query, hits, here, chooser)
        if asked := alike_elsewhere(self, query, in_order(self, query, chooser.candidates(here))):
            return asked
        return self._compose(query, here, chooser, sure)

    def _is_known(self, query: Query, here: Sequence[Hit], chooser: SentenceChooser, sure: float) -> bool:
        """Whether the very question, or nearly, stands beside a document that was found first, and is answered there."""
        best = chooser.known.best[:1]
        if not best or best[0].score < _THE_SAME or sure < -_DOUBTFUL:
            return False
        first = next(iter(chooser.candidates(here)), None)
        return first is not None and best[0].document == first.passage.document and not is_not_known(first.passage)

    @staticmethod
    def _goes_on(query: Query, candidates: Sequence[Candidate]) -> bool:
        """Whether a turn that only tells the firm's size or level is met by the class that fits in what was quoted last."""
        told = next((c for c in candidates if not is_not_known(c.passage)), None)
        if told is None or told.passage.document not in query.dwelt:
            return False
        levels = {q.value for q in quantities(fold(told.text)) if q.kind == "level"}
        return fit(told_now(query), told.text)[0] > 0 or bool(levels & {*query.levels} and bare_level(query.text))

    @staticmethod
    def _reads_as_an_answer(candidates: Sequence[Candidate]) -> bool:
        """Whether one of the best sentences, read together with the question, answers it, and none that admits a gap leads."""
        if not candidates or is_not_known(candidates[0].passage):
            return False
        near = [c for c in candidates[:AMONG] if c.score > max(FAR, candidates[0].score - NEAR)]
        return max(map(odds_of, near), default=-math.inf) > ANSWERS

    def _tells_of_it(self, query: Query, here: Sequence[Hit], chooser: SentenceChooser, sure: float) -> bool:
        """Whether what was found first lies in the asked place and surely answers, or is known to: a case there, though
        it has no rule."""
        first = self.document(here[0]) if here else None
        home = first.jurisdiction if first else None
        if first is None or not home or not any(self.lexicon.places.covers(p, home) for p in query.places):
            return False
        known = next((m for m in chooser.known.best[:1] if m.document == first.id), None)
        return sure >= _QUITE_SURE or bool(known and known.score >= RESEMBLES)

    def _is_answerable(self, query: Query, here: Sequence[Hit], sure: float) -> bool:
        """What training taught; a question without a word of the field must be matched much better."""
        if query.plan.type == "status" and any(
            self.is_the_rule_meant(query, d) for d in self.first_documents(here, _FIRST)
        ):
            return True
        over = (d for d in query.named if self.stale(query, d))
        if wants_it_now(query) and any(not of_the_past(query, self.generation.documents[d]) for d in over):
            return True
        if self._pays_from_a_level(query, here) or (sure > -_HARDLY and self._pays_there(query, here)):
            return True
        ours = in_field(query) or self.chooser(query).known.likely >= RESEMBLES
        if names_the_unknown(query.text, self.chooser(query)):
            return sure >= _QUITE_SURE
        return sure >= (0.0 if ours else _FOREIGN_MARGIN)

    def _pays_there(self, query: Query, here: Sequence[Hit]) -> bool:
        """Whether somebody asks what he gets, and the rule of the asked place that was found first has open sums."""
        if query.plan.type != "amount" or not asks_for_money(query) or not OF_ONES_OWN.search(query.text):
            return False
        first = self.document(here[0])
        return self.is_the_rule_meant(query, first) and any(r.status == "open" for r in funding_rows(first))

    def _pays_from_a_level(self, query: Query, here: Sequence[Hit]) -> bool:
        """Whether money is asked for at a level, and the rule of the asked place that was found first pays from one below."""
        if not (query.levels and query.places and asks_for_money(query)):
            return False
        rules = [h for h in here[:AMONG] if self.is_the_rule_meant(query, self.document(h))]
        return any(pays_from_below(query, s) for h in rules[:_FIRST] for s in h.passage.text.split("\n"))

    @staticmethod
    def _is_gibberish(query: Query, chooser: SentenceChooser) -> bool:
        """Whether no document holds any word of the question: what resembles it does so by its letters only."""
        return not query.places and not in_field(query) and chooser.knows_nothing()

    def _nowhere_near(self, query: Query) -> bool:
        """A scheme that nobody has heard of, or money of a place of which no rule is held."""
        if unknown_scheme(query, self):
            return True
        aid = asks_for_aid(query.text)
        sums = [p for p in (query, *query.parts) if p.plan.type == "amount" and (aid or asks_for_money(p))]
        wanted = query.plan.type == "procedure" or bool(sums)
        return wanted and not query.named and not of_the_country(query) and unserved(query, self)

    # --- answers --------------------------------------------------------------------------------

    def _compose(self, query: Query, hits: Sequence[Hit], chooser: SentenceChooser, sure: float = 0.0) -> Answer:
        candidates = in_order(self, query, chooser.candidates(hits))
        if rows := self._of_its_level(query, hits, candidates):
            return self.answered(query, rows[: query.plan.statements + 2], self.cited(rows[0]))
        first = rule_behind(self, query, self._first_document(query, hits, candidates), candidates)
        if first.validity(query.as_of) == "superseded":
            if means_edition(self, query, first) or not (today := successor_found(self, first, candidates)):
                return superseded(self, query, first, candidates, chooser)
            first = today
            candidates = [c for c in candidates if not self.stale(query, c.passage.document)]
        head = self._head(query, first, hits, candidates)
        if wants_what_is_over(self, query, first, candidates):
            return where(self, query) or expired(self, query, first, head, candidates, chooser)
        if query.parts:
            return self._in_parts(query, hits, -MISSING) or self._nothing(query, hits, hits, chooser)
        statements = with_sentences(self, query, first, head, candidates, chooser)
        statements = with_sum(self, query, first, statements, candidates)
        statements = of_each_named(self, query, of_what_is_asked(self, query, statements, candidates), candidates)
        statements = of_each_place(self, query, statements, candidates)
        if not any(s.kind != "notice" for s in statements) or (
            query.plan.type == "amount"
            and sure < _QUITE_SURE
            and not has_the_figure(query, near_by(self, query, first, statements, candidates, sure))
            and (asks_for_money(query) or not self._reads_as_an_answer(candidates))
        ):
            return self._nothing(query, hits, hits, chooser)
        if tells_of_no_aid(self, query, statements) or (
            asks_for_a_maker(query) and not names_a_maker(self, query, statements)
        ):
            return self._nothing(query, hits, hits, chooser)
        if leads_with_a_definition(self, query, statements) and (asked := where(self, query)):
            return asked
        if sure < (_QUITE_SURE if chooser.known.likely >= RESEMBLES else _VERY_SURE):
            statements = without_a_definition_first(self, query, statements, candidates)
        if not statements:
            return explained(self, query, hits, candidates, chooser) or self._nothing(query, hits, hits, chooser)
        statements = with_end(self, query, with_condition(self, query, statements, candidates))
        return with_gap(self, query, self.answered(query, statements, first), candidates)

    def _in_parts(self, query: Query, hits: Sequence[Hit], bar: float) -> Answer | None:
        answer = part_by_part(self, query, hits, bar)
        return None if answer and tells_of_no_aid(self, query, answer.statements) else answer

    def _of_its_level(self, query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> list[Statement]:
        """What the asked level takes, or the level that a told score reaches."""
        of_levels = bool(query.levels) or score_told(query.text) is not None
        asks_for_it = of_levels and not query.parts and not asks_for_money(query)
        return what_it_takes(self, query, hits, candidates) if asks_for_it else []

    def _first_document(self, query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> Document:
        """The one found first, or the one whose sentence is clearly better than any of its; farther where it was named."""
        first = self.document(hits[0])
        own = max((c.score for c in candidates if c.passage.document == first.id), default=0.0)
        better = candidates and candidates[0].score > own + (NEAR if query.named == (first.id,) else _CLEARLY)
        return self.generation.documents[candidates[0].passage.document] if better else first

    def _head(
        self, query: Query, first: Document, hits: Sequence[Hit], candidates: Sequence[Candidate]
    ) -> list[Statement]:
        """What records say: whether it runs, where that is asked or decides; and what it pays."""
        pays: list[Statement] = []
        if "funding" in query.plan.records:
            pays = best_rows(self, query, first, candidates) or row_of_the_level(self, query, hits)
        is_over = first.validity(query.as_of) == "expired" and first.id not in query.dwelt
        if query.plan.type != "status" and not (query.plan.type == "eligibility" and is_over):
            return pays
        runs = still_open(self, query, first, candidates)
        if not runs and query.plan.type == "status" and (over := end_of(self, query, first, ())):
            runs = [over]
        return [*runs, *pays]

    def _nothing(self, query: Query, hits: Sequence[Hit], here: Sequence[Hit], chooser: SentenceChooser) -> Answer:
        """The refusal; who wants money and tells no place is asked for it, unless a document admits what it lacks."""
        refused = nothing_found(self, query, hits, here, chooser)
        return refused if refused.statements[0].citations else where(self, query) or refused


def _compares(query: Query) -> bool:
    """Whether things are to be told side by side: who asks what several places pay wants it of each."""
    several = query.places_from == "question" and len(query.places) > 1
    return query.plan.type == "comparison" or (
        several and query.plan.type in ("amount", "fact", "list") and asks_for_money(query)
    )
