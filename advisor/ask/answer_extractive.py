"""hits → answer without a language model: records first, then the sentences that say it; refusals say why."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

from advisor.ask import compare
from advisor.ask.answerable import as_read, in_field, names_the_unknown, signs, surplus, unknown_scheme, unserved
from advisor.ask.asks import wants
from advisor.ask.circumstances import fit, told_of_the_firm
from advisor.ask.clarify import alike_elsewhere, bare, clarify, where, whereabouts, wished
from advisor.ask.conflict import with_conflict
from advisor.ask.elsewhere import nobodys, of_the_country, other_region, wants_aid, whose_rules
from advisor.ask.features import speaks_of_itself
from advisor.ask.from_records import cite, fitting, funding_rows, funding_statement, level_reached, score_told
from advisor.ask.ground import ABOUT_MONEY, PLACE_BOUND, WIDER, Ground
from advisor.ask.known import RESEMBLES
from advisor.ask.of_the_year import of_the_asked_year
from advisor.ask.order import (
    ANSWERS,
    asks_for_a_meaning,
    defines,
    has_a_figure,
    in_order,
    is_guide,
    is_history,
    is_rule_of,
    of_the_levels,
    pays_from_below,
    read_with,
    step_of,
)
from advisor.ask.plan import asks_for_aid, asks_for_money, asks_of_the_past
from advisor.ask.query import bare_level, leans
from advisor.ask.refuse import LIKELY_MEANT, known_answers, not_known, nothing_found, out_of_scope
from advisor.ask.sentences import Candidate, SentenceChooser, asked_words, is_not_known, shares_words
from advisor.ask.told_once import is_told, says_the_same
from advisor.model import Answer, Document, Hit, Profile, Query, Statement
from advisor.offers import tells_status
from advisor.records import Funding
from advisor.text import Kind, fold, quantities, tokens
from advisor.wording import say

_SIBLING = 0.5
_SAME_FORM = 0.25  # share of words from which two sentences of a document may say the same of two classes
_NAMED_CLASS = 0.08  # share of the question's words that only the first holds, from which it is the one asked for
_SUMS = {"money", "percent", "number"}
_OF_ONE_RULE = ("amount", "eligibility", "procedure", "deadline", "status", "fact", "assessment")
_OF_ONE_CLASS = ("amount", "fact", "deadline", "eligibility")
_FOREIGN_MARGIN = 1.5
_GRANTS = ("grant", "reward", "voucher")
_POOL = 40
_FAIRLY = 1.0  # log-odds above the bar up to which a figure has to stand near the best sentence
_QUITE_SURE = 2.0  # log-odds above the bar at which "how much" may be a wish for something else than a figure
_VERY_SURE = 3.0  # the same, where no known question resembles the asked one
_DOUBTFUL = 1.2  # log-odds below the bar of refusal down to which a document that admits a gap may still tell the rest
_UNLIKE = -1.7  # log-odds above the bar of refusal below which nothing found is worth a comparison
_NEARLY_FIRST = 0.8  # of the best hit's score, from which a document counts as what was found
_AMONG = 8  # sentences among which a figure or an admitted gap counts as near
_BESIDE_A_GAP = 3  # sentences shown with what is not known
_MISSING = 1.0  # log-odds below the bar of refusal at which one of several questions counts as not answered
_FAR_BELOW = 1.5  # log-odds below that bar at which what was read says so, though the words fit
_PLAINLY = 2.0  # points by which a sentence that admits a gap must lead to be the answer to one of several questions
_SPEAKS_TO_IT = 0.25  # share of a question's words from which an admitted gap is about it
_NEAR = 3.0  # points below the best sentence at which a record still answers
_READS_SO = 2.0  # log-odds of the reading from which what leads is sure enough to say which figure was asked for
_NEARLY = 2.0  # the same, by which a gap, or a figure of the same kind, may read worse than what leads
_BY_FAR = 1.0  # the same, by which it must read better than what is told to lead
_OVERWHELMS = 3.0  # the same, where what leads holds a figure of the asked kind
_SEVERAL_STEPS = 3
_HISTORY = 3  # sentences told of what is over
_FIRST = 3  # documents found first, one of which may be the rule that is meant
_FAR = 9.0  # points below the best sentence at which another is no longer worth its line
_FAR_OFF = 6.0  # the same, at which its figure no longer answers "how much"
_NEW_WORDS = 1.6
_RARE = 4.5  # idf above which a word is none that everybody here uses: ERP has 3.4, OEE 6.3
_THE_SAME = 0.7  # likelihood from which it counts as the very same
_MOST_BESIDE_A_TERM = 0.4  # share of the question's words from which a term in it is not what it asks about


@dataclass(frozen=True)
class ExtractiveAnswerer(Ground):
    """Composes; never retrieves, never verifies."""

    def answer(self, query: Query, hits: Sequence[Hit]) -> Answer:
        """Statements in the order of the query's plan, or a refusal with its reason and the nearest fact."""
        if query.refusal:
            return out_of_scope(self, query, hits)
        chooser = self.chooser(query)
        here = self._with_first_steps(query, [h for h in hits if self.applies(query, h)])
        sure = as_read(
            surplus(signs(query, hits, here, chooser, self)), in_order(self, query, chooser.candidates(here))
        )
        answer = with_conflict(self, query, here, self._by_plan(query, hits, here, chooser, sure))
        answer = self._over_first(query, whose_rules(self, query, of_the_asked_year(self, query, answer)))
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
            return self._with_other_parts(query, hits, self._with_ends(query, answer))
        if query.plan.type == "definition" and not query.parts and (answer := self._definition(query, here, chooser)):
            return answer
        if not here or (self._nowhere_near(query) and not of_there) or self._is_gibberish(query, chooser):
            return self._nothing(query, hits, here, chooser)
        if asked := clarify(self, query, here):
            return asked
        if not self._is_answerable(query, here, sure) and not self._is_known(query, here, chooser, sure):
            if in_field(query) and (half := self._part_by_part(query, here, 0.0)):
                return half
            candidates = in_order(self, query, chooser.candidates(here))
            if self._goes_on(query, candidates):
                return self._compose(query, here, chooser, sure)
            if part := self._left_open(query, candidates, sure):
                return part
            if not self._reads_as_an_answer(candidates):
                return self._explained(query, here, candidates, chooser) or self._nothing(query, hits, here, chooser)
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
        firm = told_of_the_firm(replace(query, previous=None, profile=Profile()))
        return fit(firm, told.text)[0] > 0 or bool(levels & {*query.levels} and bare_level(query.text))

    @staticmethod
    def _reads_as_an_answer(candidates: Sequence[Candidate]) -> bool:
        """Whether one of the best sentences, read together with the question, answers it, and none that admits a gap leads."""
        if not candidates or is_not_known(candidates[0].passage):
            return False
        near = [c for c in candidates[:_AMONG] if c.score > max(_FAR, candidates[0].score - _NEAR)]
        return max(map(_odds, near), default=-math.inf) > ANSWERS

    def _explained(
        self, query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate], chooser: SentenceChooser
    ) -> Answer | None:
        """The definition of a rare word of the question, where it reads as the answer: "the boss keeps talking of OEE"."""
        first = next(iter(candidates), None)
        told = [self.lexicon.terms[id][1] for id in query.terms]
        meant = [t for t in told if first and t.definition and t.definition.get(query.language) == first.text]
        said = {w for t in meant for n in t.names(query.language) for w in tokens(n)} & {*tokens(query.text)}
        rarest = max(map(self.generation.lexical.idf, said), default=0.0)
        reads = first is not None and rarest > _RARE and _odds(first) > ANSWERS
        return self._definition(query, hits, chooser) if reads else None

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
            self._is_the_rule_meant(query, d) for d in self.first_documents(here, _FIRST)
        ):
            return True
        if self._pays_from_a_level(query, here):
            return True
        ours = in_field(query) or self.chooser(query).known.likely >= RESEMBLES
        if names_the_unknown(query.text, self.chooser(query)):
            return sure >= _QUITE_SURE
        return sure >= (0.0 if ours else _FOREIGN_MARGIN)

    def _pays_from_a_level(self, query: Query, here: Sequence[Hit]) -> bool:
        """Whether money is asked for at a level, and the rule of the asked place that was found first pays from one below."""
        if not (query.levels and query.places and asks_for_money(query)):
            return False
        rules = [h for h in here[:_AMONG] if self._is_the_rule_meant(query, self.document(h))]
        return any(pays_from_below(query, s) for h in rules[:_FIRST] for s in h.passage.text.split("\n"))

    def _is_the_rule_meant(self, query: Query, document: Document) -> bool:
        """Whether a document is named, or is a rule that reaches the place which the question names, but not all others."""
        home = document.jurisdiction
        if document.id in query.named:
            return True
        if query.places_from != "question" or document.kind not in PLACE_BOUND or home is None or home in WIDER:
            return False
        return any(self.lexicon.places.covers(home, p) for p in query.places)

    @staticmethod
    def _is_gibberish(query: Query, chooser: SentenceChooser) -> bool:
        """Whether no document holds any word of the question: what resembles it does so by its letters only."""
        return not query.places and not in_field(query) and chooser.knows_nothing()

    def _nowhere_near(self, query: Query) -> bool:
        """A scheme that nobody has heard of, or money of a place of which no rule is held."""
        if unknown_scheme(query, self):
            return True
        wanted = query.plan.type == "procedure" or (query.plan.type == "amount" and asks_for_money(query))
        return wanted and not query.named and not of_the_country(query) and unserved(query, self)

    # --- answers --------------------------------------------------------------------------------

    def _compose(self, query: Query, hits: Sequence[Hit], chooser: SentenceChooser, sure: float = 0.0) -> Answer:
        candidates = in_order(self, query, chooser.candidates(hits))
        of_levels = bool(query.levels) or score_told(query.text) is not None
        if (
            of_levels
            and not query.parts
            and not asks_for_money(query)
            and (rows := self._levels(query, hits, candidates))
        ):
            return self._answered(query, rows[: query.plan.statements + 2], self._cited(rows[0]))
        first = self.document(hits[0])
        if (
            candidates
            and candidates[0].passage.document != first.id
            and candidates[0].score > candidates_best(candidates, first.id) + 0.2
        ):
            first = self.generation.documents[candidates[0].passage.document]
        first = self._rule_behind(query, first, candidates)
        head: list[Statement] = []
        if first.validity(query.as_of) == "superseded":
            if self._means(query, first) or not (today := self._today(first, candidates)):
                return self._superseded(query, first, candidates, chooser)
            first = today
            candidates = [c for c in candidates if not self.stale(query, c.passage.document)]
        if "funding" in query.plan.records:
            head = self._funding(query, first, candidates) or self._row_of_the_level(query, hits)
        if query.plan.type == "status" or (
            query.plan.type == "eligibility"
            and first.validity(query.as_of) == "expired"
            and first.id not in query.dwelt
        ):
            told = self._still_open(query, first, candidates)
            if not told and query.plan.type == "status" and (over := self._end_of(query, first, ())):
                told = [over]
            head = [*told, *head]
        if (
            first.validity(query.as_of) == "expired"
            and first.kind in PLACE_BOUND
            and (self._is_the_rule_meant(query, first) or not candidates or candidates[0].passage.document == first.id)
            and {query.plan.type, *(p.plan.type for p in query.parts)}
            & (
                {"amount", "procedure", "eligibility", "deadline"}
                | ({"fact", "list"} if asks_for_aid(query.text) or _APPLIES.search(query.text) else set())
                | ({"how_to"} if _APPLIES.search(query.text) else set())
            )
            and not self._of_the_past(query, first)
        ):
            return where(self, query) or self._expired(query, first, head, candidates, chooser)
        if query.parts:
            return self._part_by_part(query, hits, -_MISSING) or self._nothing(query, hits, hits, chooser)
        statements = self._with_sentences(query, first, head, candidates, chooser)
        statements = self._of_each_named(query, self._with_sum(query, first, statements, candidates), candidates)
        statements = self._of_what_is_asked(query, statements, candidates)
        if not any(s.kind != "notice" for s in statements) or (
            query.plan.type == "amount"
            and sure < _QUITE_SURE
            and not self._has_the_figure(query, self._near_by(query, first, statements, candidates, sure))
            and (asks_for_money(query) or not self._reads_as_an_answer(candidates))
        ):
            return self._nothing(query, hits, hits, chooser)
        if self._leads_with_a_definition(query, statements) and (asked := where(self, query)):
            return asked
        doubtful = sure < (_QUITE_SURE if chooser.known.likely >= RESEMBLES else _VERY_SURE)
        if doubtful and self._leads_with_a_definition(query, statements):
            others = [s for s in statements if not self._leads_with_a_definition(query, [s])]
            answers = any(_odds(c) > ANSWERS for c in candidates[:_AMONG] if c.text in {s.text for s in others})
            statements = others if answers else []
        if not statements or (doubtful and self._reads_like_none(query, candidates)):
            return self._explained(query, hits, candidates, chooser) or self._nothing(query, hits, hits, chooser)
        statements = self._with_end(query, self._with_condition(query, statements, candidates))
        return self._with_gap(query, self._answered(query, statements, first), candidates)

    def _nothing(self, query: Query, hits: Sequence[Hit], here: Sequence[Hit], chooser: SentenceChooser) -> Answer:
        """The refusal; who wants money and tells no place is asked for it, unless a document admits what it lacks."""
        refused = nothing_found(self, query, hits, here, chooser)
        return refused if refused.statements[0].citations else where(self, query) or refused

    def _rule_behind(self, query: Query, document: Document, candidates: Sequence[Candidate]) -> Document:
        """Whether a scheme still runs, and how to apply, is told by its rule, where that was found or named beside a case of it."""
        of_the_rule = query.plan.type in ("status", "procedure") or bool(_APPLIES.search(query.text))
        if not of_the_rule or document.kind != "case":
            return document
        told = list(dict.fromkeys(c.passage.document for c in candidates))
        near = (self.generation.documents[i] for i in (*told[:_FIRST], *query.named))
        return next((d for d in near if d.kind in PLACE_BOUND and d.jurisdiction == document.jurisdiction), document)

    def _today(self, document: Document, candidates: Sequence[Candidate]) -> Document | None:
        """What replaced a rule, where it was found, too, and says as much of it."""
        successor = document.superseded_by or ""
        near = (c for c in candidates[:_AMONG] if c.passage.document == successor)
        return self.generation.documents[successor] if any(near) else None

    def _reads_like_none(self, query: Query, candidates: Sequence[Candidate]) -> bool:
        """Whether nobody asked for a meaning, a definition is among the best, and nothing that was read answers."""
        read = [c for c in candidates[:_AMONG] if c.odds is not None]
        if not read or asks_for_a_meaning(query) or max(map(_odds, read)) > 0.0:
            return False
        return any(defines(self, c) for c in read)

    def _leads_with_a_definition(self, query: Query, statements: Sequence[Statement]) -> bool:
        """Whether nobody asked for a meaning and a definition is the best that was found."""
        first = next((c for s in statements for c in s.citations), None)
        return (
            first is not None
            and self.generation.documents[first.document].kind == "term"
            and not asks_for_a_meaning(query)
        )

    def _left_open(self, query: Query, candidates: Sequence[Candidate], sure: float) -> Answer | None:
        """Where a document admits what it lacks and tells nearly as much: both, and that it is only a part."""
        gap = next((c for c in candidates[:_AMONG] if is_not_known(c.passage) and self._of_that_place(query, c)), None)
        if gap is None or not in_field(query):
            return None
        others = max((_odds(c) for c in candidates[:_AMONG] if not is_not_known(c.passage)), default=-math.inf)
        just_that = gap == candidates[0] and gap.score > _FAR and _odds(gap) > others + _BY_FAR
        if sure < -_DOUBTFUL and not just_that:
            return None
        told = [
            c
            for c in candidates[:_AMONG]
            if not is_not_known(c.passage)
            and not self.tells_of_elsewhere(query, c.text)
            and not speaks_of_itself(c.text)
            and not self.stale(query, c.passage.document)
            and not (query.plan.type == "amount" and is_history(c.text, query))
            and c.score > gap.score - _NEAR
            and (c.passage.document == gap.passage.document or is_guide(self, c))
        ]
        if not told:
            return not_known(self, query, gap) if just_that else None
        shown = sorted((gap, *told[:_BESIDE_A_GAP]), key=lambda c: -c.score)
        answer = self._answered(query, [c.quoted() for c in shown], self.generation.documents[gap.passage.document])
        return _partial(answer)

    def _of_that_place(self, query: Query, candidate: Candidate) -> bool:
        """Whether a document may tell of the money of the asked place: none that holds for no place does."""
        home = self.generation.documents[candidate.passage.document].jurisdiction
        return not (query.places and wants_aid(query)) or (home is not None and home not in WIDER)

    def _with_condition(
        self, query: Query, statements: list[Statement], candidates: Sequence[Candidate]
    ) -> list[Statement]:
        """A rule that pays comes with the clause that limits it: who may have it, and what comes first."""
        if query.plan.type not in ("amount", "eligibility", "procedure") or not statements:
            return statements
        cited = [c for s in statements for c in s.citations]
        home = self.generation.documents[cited[0].document] if cited else None
        if home is None or home.kind not in PLACE_BOUND or any(_LIMITS.search(c.quote) for c in cited):
            return statements
        quotes = {c.quote for c in cited}
        limits = [
            c
            for c in candidates
            if c.passage.document == home.id
            and _LIMITS.search(c.text)
            and _FOR_WHOM.search(c.passage.heading.rpartition(" › ")[2])
            and c.text not in quotes
            and not self.tells_of_elsewhere(query, c.text)
        ]
        return [*statements, *(c.quoted() for c in limits[:1])]

    def _with_gap(self, query: Query, answer: Answer, candidates: Sequence[Candidate]) -> Answer:
        """What the same document admits not to tell comes second where it reads nearly as much like the answer as what leads, and
        first, as a part that is missing, where it does by far more: farther where what leads has a figure of the asked kind."""
        lead = next((c for s in answer.statements for c in s.citations), None)
        read = {c.text: c for c in candidates[:_AMONG] if c.odds is not None}
        if answer.status != "answered" or lead is None or lead.quote not in read:
            return answer
        gaps = [c for c in read.values() if c.passage.document == lead.document and is_not_known(c.passage)]
        gap = max(gaps, key=_odds, default=None)
        told = _odds(read[lead.quote])
        if gap is None or _odds(gap) < told - _NEARLY:
            return answer
        rest = [s for s in answer.statements if s.text != gap.text]
        worded = answer.statements[0].kind == "record"  # "it is still valid" answers whether it is
        if told < 0.0 and _odds(gap) > told + _OVERWHELMS and not worded and not query.parts:
            return not_known(self, query, gap)
        least = _OVERWHELMS if told > 0.0 and has_a_figure(wants(query.text), lead.quote) else _BY_FAR
        if _odds(gap) > told + least and not worded:
            return _partial(replace(answer, statements=(gap.quoted(), *rest)))
        return replace(answer, statements=(*rest[:1], gap.quoted(), *rest[1:]))

    def _with_sum(
        self, query: Query, document: Document, statements: list[Statement], candidates: Sequence[Candidate]
    ) -> list[Statement]:
        """Who asks how much gets the sums of the scheme first, where only its conditions would have been shown."""
        if query.plan.type != "amount" or not asks_for_money(query) or "funding" not in query.plan.records:
            return statements
        if query.dwelt and "money" not in wants(query.text):
            return statements  # asked on about a sum that was told
        if query.levels and self._has_the_figure(query, statements[:1]):
            return statements  # what the level pays, where the rows tell of other things
        rows = [r for r in fitting(funding_rows(document), query) if r.status != "closed"]
        sentences = {w.get(query.language) for r in rows for w in r.sentences}
        quotes = {c.quote for s in statements for c in s.citations}
        fresh = [c for c in candidates[:_AMONG] if c.text not in query.told]
        near = [c for c in fresh if c.passage.document == document.id and c.text in sentences]
        if not near or {c.document for s in statements for c in s.citations} != {document.id}:
            return statements
        if quotes & sentences:
            told = [s for s in statements if any(c.quote in sentences for c in s.citations)]
            return [*told, *(s for s in statements if s not in told)]
        sums = self._sums(query, document, near)
        return [*sums, *statements][: max(len(statements), query.plan.statements)] if sums else statements

    def _sums(self, query: Query, document: Document, candidates: Sequence[Candidate]) -> list[Statement]:
        """The rows of a scheme whose sentences are among these, the best first, at most three."""
        if not asks_for_money(query) or "funding" not in query.plan.records:
            return []
        told = self._rows(query, fitting(funding_rows(document), query), candidates)
        return _distinct(s for r, _ in told[:3] if (s := self._of_row(r, document, query)))

    @staticmethod
    def _rows(query: Query, rows: Sequence[Funding], candidates: Sequence[Candidate]) -> list[tuple[Funding, float]]:
        """Those of which a sentence is among these, with its score, the best first."""
        score = {c.text: c.score for c in candidates}
        said = [(r, [score[t] for w in r.sentences if (t := w.get(query.language)) in score]) for r in rows]
        return sorted(((r, max(s)) for r, s in said if s), key=lambda row: -row[1])

    def _near_by(
        self,
        query: Query,
        first: Document,
        statements: list[Statement],
        candidates: Sequence[Candidate],
        sure: float,
    ) -> list[Statement]:
        """Those that are not far behind the best sentence, where no rule of the asked place was found and little is sure: a
        figure farther below is of something else."""
        if sure > _FAIRLY or self._is_the_rule_meant(query, first):
            return statements
        score = {c.text: c.score for c in candidates}
        return [s for s in statements if score.get(s.text, math.inf) > candidates[0].score - _FAR_OFF]

    def _lacks_the_figure(self, query: Query, statements: Sequence[Statement]) -> bool:
        """Whether "how much" is asked and no figure of the kind stands there."""
        asked = query.plan.type == "amount" and bool({"money", "percent", "count"} & wants(query.text))
        return asked and not self._has_the_figure(query, statements)

    def _with_end(self, query: Query, statements: list[Statement]) -> list[Statement]:
        """Where the text of a rule says that it is over, that sentence comes second."""
        cited = next((c for s in statements for c in s.citations), None)
        if cited is None or query.plan.type not in (*ABOUT_MONEY, "fact", "list"):
            return statements
        over = self._end_of(query, self.generation.documents[cited.document], statements)
        return [*statements[:1], *([over] if over else []), *statements[1:]]

    def _with_ends(self, query: Query, answer: Answer) -> Answer:
        """The same of each rule of a comparison, at its end."""
        homes = dict.fromkeys(c.document for s in answer.statements for c in s.citations)
        over = [self._end_of(query, self.generation.documents[d], answer.statements) for d in homes]
        return replace(answer, statements=(*answer.statements, *(s for s in over if s)))

    def _over_first(self, query: Query, answer: Answer) -> Answer:
        """The same; where what is not known of a rule leads, and the rule is over, its end comes before, unless history is
        asked for or the end was told already."""
        cited = next((c for s in answer.statements for c in s.citations), None)
        if cited is None or answer.reason == "expired" or not is_not_known(self.generation.passages[cited.passage]):
            return answer
        home = self.generation.documents[cited.document]
        if home.validity(query.as_of) != "expired" or home.kind not in PLACE_BOUND or self._of_the_past(query, home):
            return answer
        own = [s for s in answer.statements if any(c.document == home.id for c in s.citations)]
        said = next((s for s in own if _CLOSED.search(s.text) or _is_over(s.text, query.as_of)), None)
        over = said or self._end_of(query, home, answer.statements)
        if over is None or over == own[0] or over.text in query.told:
            return answer
        return replace(answer, statements=(over, *(s for s in answer.statements if s != over)))

    def _end_of(self, query: Query, home: Document, statements: Sequence[Statement]) -> Statement | None:
        """The sentence of a rule that says it is over, where none of these of the same rule does."""
        ended = home.validity(query.as_of)
        own = [s for s in statements if any(c.document == home.id for c in s.citations)]
        if home.kind not in PLACE_BOUND or ended not in ("unknown", "expired"):
            return None
        if any(_is_over(s.text, query.as_of) or _CLOSED.search(s.text) for s in own):
            return None
        passages = self.generation.by_document.get((home.id, query.language), ())
        every = self.chooser(query).candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)])
        told = [c for c in every if c.passage.document == home.id]
        over = [c for c in told if (_CLOSED.search(c.text) if ended == "expired" else _is_over(c.text, query.as_of))]
        day = home.in_force_to
        dated = [c for c in over if day and (day.year, day.month, day.day) in _dates(fold(c.text))]
        best = next(iter([*dated, *(c for c in over if _OVER.search(c.text)), *over]), None)
        return best.quoted() if best else None

    @staticmethod
    def _has_the_figure(query: Query, statements: Sequence[Statement]) -> bool:
        """ "How much" without a sum, or a share, is no answer; to what else it costs, the kinds of costs are one."""
        if _WHAT_ELSE.search(query.text):
            return True
        kinds = {q.kind for s in statements for q in quantities(fold(s.text))}
        return bool(kinds & {"money", "percent"} if asks_for_money(query) else kinds)

    @staticmethod
    def _of_the_past(query: Query, document: Document) -> bool:
        """Whether history is what was asked for: past tense, or the very years in which the scheme ran."""
        if asks_of_the_past(query.text):
            return True
        end = document.in_force_to.year if document.in_force_to else query.as_of.year - 1
        called = document.title.get(query.language)
        return bool(query.years) and all(y <= end or str(y) in called for y in query.years)

    def _with_sentences(
        self,
        query: Query,
        first: Document,
        head: list[Statement],
        candidates: Sequence[Candidate],
        chooser: SentenceChooser,
    ) -> list[Statement]:
        """The head, then sentences one by one: each the best by itself plus what it adds of the question's words."""
        room = max(query.plan.statements - len(head), 1)
        chosen = list(head)
        documents = dict.fromkeys(c.document for s in head for c in s.citations)
        told: frozenset[str] = frozenset(t for c in candidates if c.passage.document in documents for t in c.speaks_of)
        candidates = of_the_levels(query, candidates)
        pool = [
            c for c in candidates[:_POOL] if not is_not_known(c.passage) and not self.tells_of_elsewhere(query, c.text)
        ]
        pool = [c for c in pool if not speaks_of_itself(c.text)] or pool
        pool = self._without_definitions(query, self._of_today(query, first, pool))
        best = pool[0].score if pool else 0.0
        while pool and len(chosen) - len(head) < room:
            new = _NEW_WORDS if chosen else 0.0  # the best by itself leads
            value = {c: c.score + new * chooser.share(c.speaks_of - told) for c in pool}
            advises = query.plan.type == "how_to" and not chosen and pool[0].passage.document not in query.dwelt
            guides = self._guides(pool, best) if advises else []
            top = max(guides or pool, key=lambda c: (value[c], -c.start))
            pool.remove(top)
            if chosen and value[top] < best - (math.inf if query.command == "more" else _FAR):
                break
            if is_told(self, top.quoted(), chosen) or not self._adds(query, top, documents, told, chooser):
                continue
            documents[top.passage.document] = None
            told |= top.speaks_of
            chosen.append(top.quoted())
            if len(chosen) == 1:
                if query.plan.type in _OF_ONE_CLASS:
                    pool = [c for c in pool if not is_of_another_class(c, top, chooser)]
                others = read_together(top, candidates, chooser) or siblings(top, pool)
                for other in [c for c in others if c.text not in query.told][: room - 1]:
                    pool = [c for c in pool if c is not other]
                    chosen.append(other.quoted())
        return self._in_step_order(chosen)

    def _of_what_is_asked(
        self, query: Query, statements: list[Statement], candidates: Sequence[Candidate]
    ) -> list[Statement]:
        """The same without figures of something else: where what leads reads as the answer, a further line with a figure of its
        kind must read nearly as much like it, or the one would be taken for the other; and what is for firms of another size goes."""
        found = {c.text: c for c in candidates}
        lead, *more = [found.get(s.text) for s in statements if s.kind == "quoted"] or [None]
        if not self.cross_encoder or query.plan.type not in _OF_ONE_RULE or lead is None or _odds(lead) < _READS_SO:
            return statements
        kinds = _kinds_of_figures(lead)
        alike = [c for c in more if c and kinds & _kinds_of_figures(c)]
        unread = [c for c in alike if c.odds is None]
        odds = {c.text: _odds(c) for c in alike}
        if unread:
            odds |= zip((c.text for c in unread), read_with(self.cross_encoder, query, unread).tolist(), strict=True)
        firm = told_of_the_firm(query)
        of_the_firm = fit(firm, lead.text)[0] > 0
        other = {c.text for c in alike if odds[c.text] < _odds(lead) - _NEARLY}
        other |= {c.text for c in alike if of_the_firm and fit(firm, c.text)[1] == 1.0}
        return [s for s in statements if s.text not in other]

    def _of_each_named(
        self, query: Query, statements: list[Statement], candidates: Sequence[Candidate]
    ) -> list[Statement]:
        """The same; of two documents called by two names, the one that got no line gets its best as the second."""
        cited = {c.document for s in statements for c in s.citations}
        text = fold(query.text)
        called = {d: self.lexicon.names_in(d, text) for d in query.named}
        told = frozenset(n for d in cited & {*called} for n in called[d])
        unheard = [d for d, names in called.items() if names and told and not names & told and d not in cited]
        best = [
            next((c for c in candidates if c.passage.document == d and not is_not_known(c.passage)), None)
            for d in unheard
        ]
        return [*statements[:1], *(c.quoted() for c in best[:1] if c), *statements[1:]]

    def _of_today(self, query: Query, first: Document, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The same; sums of a rule that is over do not fill in for what the rule in force leaves open."""
        if query.plan.type not in ABOUT_MONEY or self.stale(query, first.id) or self._of_the_past(query, first):
            return list(candidates)
        return [c for c in candidates if c.passage.document in query.named or not self.stale(query, c.passage.document)]

    def _guides(self, candidates: Sequence[Candidate], best: float) -> list[Candidate]:
        """Sentences of guides that answer nearly as well as the best: who asks what to do gets advice before facts."""
        return [c for c in candidates if is_guide(self, c) and c.score > best - _NEAR]

    def _in_step_order(self, statements: list[Statement]) -> list[Statement]:
        """The same, with the numbered steps of each document in the order in which they are taken, where several are told."""
        passages = self.generation.passages
        steps: dict[str, list[int]] = {}
        for i, s in enumerate(statements):
            if s.citations and step_of(passages[s.citations[0].passage], s.text):
                steps.setdefault(s.citations[0].document, []).append(i)
        ordered = list(statements)
        for places in steps.values():
            if len(places) < _SEVERAL_STEPS:
                continue  # the one that answers leads
            taken = sorted((statements[i] for i in places), key=lambda s: s.citations[0].start)
            for i, step_ in zip(places, taken, strict=True):
                ordered[i] = step_
        return ordered

    def _adds(
        self,
        query: Query,
        candidate: Candidate,
        documents: dict[str, None],
        told: frozenset[str],
        chooser: SentenceChooser,
    ) -> bool:
        """A further document only where it brings words of the question, or the plan wants several."""
        document = candidate.passage.document
        if not documents or document in documents:
            return True
        if self.stale(query, document) or is_not_known(candidate.passage):
            return False
        kinds = [self.generation.documents[d].kind for d in documents]
        if query.plan.type in _OF_ONE_RULE and self._is_of_another_rule(next(iter(documents)), document, query):
            return False
        if is_guide(self, candidate) and kinds[0] in PLACE_BOUND and query.plan.type in ABOUT_MONEY:
            return False  # what a rule says is not made clearer by advice of our own on something near it
        brings = chooser.share(candidate.speaks_of - told)
        return len(documents) < (3 if brings > 0.12 else query.plan.documents)

    def _is_of_another_rule(self, first: str, other: str, query: Query) -> bool:
        """Whether a rule leads and this is one of other places, or counts what firms do: neither adds to it, unless named."""
        lead, more = self.generation.documents[first], self.generation.documents[other]
        if lead.kind not in PLACE_BOUND or lead.jurisdiction is None or more.id in query.named:
            return False
        if more.kind == "statistics":
            return True
        covers, home = self.lexicon.places.covers, more.jurisdiction
        asked = (lead.jurisdiction, *query.places)
        near = home is not None and any(covers(home, p) or covers(p, home) for p in asked)
        return more.kind in PLACE_BOUND and home is not None and not near

    def _funding(self, query: Query, document: Document, candidates: Sequence[Candidate]) -> list[Statement]:
        """The rows whose own sentences answer best; a row said in one sentence is quoted, one said in several is worded."""
        if query.plan.type != "amount" or not asks_for_money(query) or not candidates:
            return []
        rows = fitting(funding_rows(document), query)
        rows = [r for r in rows if r.status != "closed"] or rows
        near = [r for r, score in self._rows(query, rows, candidates) if score > candidates[0].score - _NEAR]
        return _distinct(s for r in near[:4] if (s := self._of_row(r, document, query)))

    def _row_of_the_level(self, query: Query, hits: Sequence[Hit]) -> list[Statement]:
        """Money, one place and a level name one row of the place's rule, however long the story that is told around them."""
        if query.plan.type != "amount" or not asks_for_money(query) or len(query.places) != 1 or len(query.levels) != 1:
            return []
        rules = (d for d in self.first_documents(hits, _AMONG) if d.jurisdiction == query.places[0])
        for rule in (d for d in rules if d.kind in PLACE_BOUND and not self.stale(query, d.id)):
            rows = [r for r in fitting(funding_rows(rule), query) if r.level in query.levels and r.status != "closed"]
            if len(rows) == 1 and (told := self._of_row(rows[0], rule, query)):
                return [told]
        return []

    def _of_row(self, row: Funding, document: Document, query: Query) -> Statement | None:
        if len(row.sentences) == 1 or row.instrument not in _GRANTS:
            # What a loan or a tax rule counts from is said in its own words better than in ours.
            citation = cite(row.sentences[0], document, self.generation, query.language)
            return Statement(citation.quote, "quoted", (citation,)) if citation else None
        return funding_statement(row, document, self.generation, query.language)

    def _still_open(self, query: Query, document: Document, candidates: Sequence[Candidate]) -> list[Statement]:
        """Yes or no first, worded from the document's dates, with the sentence that carries them."""
        validity = document.validity(query.as_of)
        if validity == "in_force" and _ALREADY.search(query.text):
            return []  # who has signed or paid asks whether that shuts him out, not whether the scheme runs
        dated = [c for c in candidates if c.passage.document == document.id and _has_date(c.text)]
        if not dated or validity not in ("in_force", "expired"):
            return []
        end = document.in_force_to
        exact = [c for c in dated if end and (end.year, end.month, end.day) in _dates(c.text)]
        exact.sort(key=lambda c: is_not_known(c.passage))
        near = [c for c in dated if c.score > candidates[0].score - _FAR]
        telling = [c for c in dated if _CLOSED.search(c.text)] if validity == "expired" else near
        best = next(iter([*exact, *telling]), None)
        if best is None:
            return []
        lead = self._lead(query, document, best.text)
        return [Statement(f"{lead}{best.text}", "record", (best.citation(),))]

    def _lead(self, query: Query, document: Document, text: str) -> str:
        """ "Valid" only where a row is open and the sentence says nothing of an end; "ended" where the dates say so."""
        if _CLOSED.search(text):
            return ""
        if document.validity(query.as_of) == "expired":
            return say("status.closed", query.language)
        opened = any(r.status == "open" for r in self.records(document).funding)
        return say("status.open", query.language) if opened else ""

    def _without_definitions(self, query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The same; where no meaning is asked for, a definition stands only where it is the best that was found."""
        meaning = asks_for_a_meaning(query)
        return [c for i, c in enumerate(candidates) if i == 0 or meaning or not defines(self, c)]

    def _levels(self, query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> list[Statement]:
        """What a level of an assessment in force takes, by its records, where these sentences are what was asked for, or
        where a score was told and its level asked for."""
        near = {c.text for c in candidates[:_AMONG]}
        score = score_told(query.text)
        for document in self.first_documents(hits, 4):
            rows = [i for i in self.records(document).indicator if i.type == "level"]
            if self.stale(query, document.id) or not rows or (query.named and document.id not in query.named):
                continue
            asked = query.levels if score is None else (level_reached(score, rows),)
            levels = [i for i in rows if i.level in asked]
            figures = [f for i in levels for f in (i.points, i.scenes, i.binding) if f]
            said = dict.fromkeys([*(i.said for i in levels if i.said), *(f.said for f in figures)])
            cited = [c for c in (cite(w, document, self.generation, query.language) for w in said) if c]
            if cited and (score is not None or any(c.quote in near for c in cited)):
                return [*self._no_longer(query, hits, document), *(Statement(c.quote, "quoted", (c,)) for c in cited)]
        return []

    def _no_longer(self, query: Query, hits: Sequence[Hit], successor: Document) -> list[Statement]:
        """Where the question's figures are those of the rule before, the sentence that says it was replaced."""
        before = [self.generation.documents[i] for i in successor.supersedes if i in self.generation.documents]
        meant = next((d for d in before if self._means(query, d)), None)
        replaced = self._replaced_sentence(meant, query) if meant else None
        return [replaced.quoted()] if replaced else []

    def _means(self, query: Query, document: Document) -> bool:
        """Whether a question means this edition: by name, by its year, or by figures that stand in it."""
        asked = {q.value for q in quantities(fold(query.text)) if q.kind == "number"}
        stated = {q.value for q in quantities(fold(document.texts.get(query.language, "")))}
        of_the_year = str(document.issued)[:4] in map(str, query.years)
        return document.id in query.named or of_the_year or bool(asked and asked <= stated)

    def _with_other_parts(self, query: Query, hits: Sequence[Hit], answer: Answer) -> Answer:
        """A comparison, and what else was asked in the same message."""
        compared = [p for p in query.parts if p.plan.type == "comparison"]
        others = [p for p in query.parts if p.plan.type != "comparison"] if compared else []
        more, open_ = self._in_turns(others, hits, -_MISSING)
        quotes = {c.quote for s in answer.statements for c in s.citations}
        more = [s for s in more if not any(c.quote in quotes for c in s.citations)]
        told = (*answer.statements, *more[: len(others) * 2])
        answer = replace(answer, statements=told)
        return _partial(answer) if open_ else answer

    def _part_by_part(self, query: Query, hits: Sequence[Hit], bar: float) -> Answer | None:
        """Several questions at once: the best sentence to each in turn, then the second best; what none answers is said."""
        chosen, open_ = self._in_turns(query.parts, hits, bar)
        if not any(s.citations for s in chosen):
            return None
        first = [s for s in chosen if s.citations][: query.plan.statements + 1]
        told = self._with_end(query, first)
        missing = [s for s in chosen if not s.citations]
        if len(told) > len(first):  # that it is over, or that nobody says so, is what was asked for
            asked = {_missing(p) for p in query.parts if p.plan.type == "status"}
            missing = [s for s in missing if s not in asked]
        if whole := self._answers_it_all(query, hits):
            told = self._led_by(whole, told)
            met = {_missing(p) for p in query.parts if has_a_figure(wants(p.text), whole.text)}
            missing = [s for s in missing if s not in met]
            open_ = bool(missing) or any(map(self._admits, told))
        answer = self._answered(query, [*self._in_step_order(told), *missing], self._cited(told[0]))
        return _partial(answer) if open_ else answer

    def _led_by(self, whole: Candidate, told: Sequence[Statement]) -> list[Statement]:
        """The same behind what answers all of them; what the first of them leaves open keeps its place."""
        admits = [s for s in told[:1] if self._admits(s)]
        rest = [s for s in told if s.text != whole.text and s not in admits]
        return [*admits, whole.quoted(), *rest][: len(told) + 1]

    def _admits(self, statement: Statement) -> bool:
        """Whether a document says there what it does not know."""
        return is_not_known(self.generation.passages[statement.citations[0].passage])

    def _answers_it_all(self, query: Query, hits: Sequence[Hit]) -> Candidate | None:
        """The sentence that reads as the answer to the whole of several questions."""
        best = next(iter(in_order(self, query, self.chooser(query).candidates(hits))), None)
        return best if best and not is_not_known(best.passage) and _odds(best) > _READS_SO else None

    def _in_turns(self, parts: Sequence[Query], hits: Sequence[Hit], bar: float) -> tuple[list[Statement], bool]:
        """(statements on several questions in turns, what is missing last; whether any is left open)."""
        columns: list[list[Statement]] = []
        missing, gaps = [], False
        for part in parts:
            homes = {c.document for column in columns for s in column for c in s.citations}
            of_these = [h for h in hits if h.passage.document in homes and self.document(h).kind != "term"]
            of_these = of_these if leans(part.text) else []
            told, gap = self._told_of(part, of_these or hits, bar)
            if self._says_nothing_new(part, told, columns):
                told = []
            columns.append([gap.quoted(), *told] if gap else told)
            gaps = gaps or gap is not None
            if not told and gap is None and (len(columns) == 1 or _names_something(part.text)):
                missing.append(_missing(part))
        chosen: list[Statement] = []
        for statement in (s for row in zip_longest(*columns) for s in row if s):
            if not is_told(self, statement, chosen):
                chosen.append(statement)
        return [*chosen, *missing], bool(missing) or gaps

    def _told_of(self, part: Query, hits: Sequence[Hit], bar: float) -> tuple[list[Statement], Candidate | None]:
        """(at most three statements on one of several questions, none where it is better refused; what says that it is not known)."""
        chooser = self.chooser(part)
        near = self._nearest_to(self._of_what_was_found(hits) if leans(part.text) else hits, chooser)
        every = of_the_levels(part, in_order(self, part, chooser.candidates(near)))
        if part.plan.type == "definition" and (exact := self._definition(part, near, chooser)):
            return list(exact.statements[:2]), None
        if not every:
            return [], None
        second = next((c.score for c in every if not is_not_known(c.passage)), -math.inf)
        gap = every[0] if is_not_known(every[0].passage) and every[0].score > second + _PLAINLY else None
        if gap and self._speaks_to(part, gap):
            return [], gap
        by_words = surplus(signs(part, hits, near, chooser, self))
        read = as_read(by_words, every)
        if gap or max(by_words, read) < bar or read < bar - _FAR_BELOW:
            rule = self.document(near[0])
            of_it = part.plan.type in ("deadline", "status") and leans(part.text) and not gap
            dated = self._still_open(part, rule, every) if of_it else []
            return dated, None if dated else self._known_gap(part)
        if part.levels and not asks_for_money(part) and (levels := self._levels(part, near, every)):
            return levels[:3], None
        documents = [self.document(h) for h in near[:3] if h.score > 0.8 * near[0].score]
        rows = next(
            (r for d in documents if "funding" in part.plan.records and (r := self._funding(part, d, every))), []
        )
        rows = self._row_of_the_level(part, hits) or rows
        rule = self._rule_behind(part, documents[0], every)
        head = self._still_open(part, rule, every) if part.plan.type == "status" else []
        told = [c for c in every if not is_not_known(c.passage) and not self.tells_of_elsewhere(part, c.text)]
        told = [c for c in told if not speaks_of_itself(c.text)] or told
        told = self._without_definitions(part, told)
        sentences = [c.quoted() for c in told[:3] if c.score > told[0].score - _FAR]
        sentences = self._with_sum(part, documents[0], sentences, every) if documents else sentences
        said = [*head, *(rows if len(rows) == 1 else []), *sentences][:3]
        if part.plan.type == "status" and not _tells_the_end(said) and (open_ := self._left_unsaid(part, every)):
            return [], open_
        if not self._lacks_the_figure(part, said):
            return said, None
        if documents and (sums := self._sums(part, documents[0], every)):
            return sums, None
        return [], self._known_gap(part) or self._left_unsaid(part, every)

    def _known_gap(self, query: Query) -> Candidate | None:
        """What a document says that it does not know, where one of the likeliest known questions leads to it."""
        gaps = (c for c in known_answers(self, query, LIKELY_MEANT) if is_not_known(c.passage))
        return next((c for c in gaps if self._of_that_place(query, c)), None)

    def _left_unsaid(self, query: Query, candidates: Sequence[Candidate]) -> Candidate | None:
        """What a document near the question says that it does not know, where that is what was asked."""
        gaps = (c for c in candidates[:_AMONG] if is_not_known(c.passage) and self._speaks_to(query, c))
        return next(gaps, None)

    def _speaks_to(self, query: Query, gap: Candidate) -> bool:
        """Whether what is not known is what was asked: by its words, of the very system that was named, or the money of the
        asked place."""
        named = self.lexicon.things(query.text) & self.things_of(gap.passage)
        of_money = wants_aid(query) and asks_for_aid(gap.text) and is_rule_of(self, query, gap)
        return gap.coverage >= _SPEAKS_TO_IT or bool(named) or of_money

    def _says_nothing_new(self, part: Query, told: Sequence[Statement], before: Iterable[Sequence[Statement]]) -> bool:
        """Whether what one of several questions got first another had got, and nothing that it got is what it asks for."""
        earlier = [s for column in before for s in column]
        if not told or not earlier or not is_told(self, told[0], earlier):
            return False
        if self.cross_encoder and self.cross_encoder.scores(part.text, [told[0].text])[0] > ANSWERS:
            return False  # one sentence answers both
        texts = [(s.text, frozenset(q.kind for q in quantities(fold(s.text)))) for s in told]
        return self.chooser(part).unmet(texts) == 1.0

    def _of_what_was_found(self, hits: Sequence[Hit]) -> list[Hit]:
        """Hits of the documents found first: "and the results?" is asked of these and of no other."""
        best = max(h.score for h in hits)
        first = {h.passage.document for h in hits[:_AMONG] if h.score >= _NEARLY_FIRST * best}
        return [h for h in hits if h.passage.document in first]

    def _nearest_to(self, hits: Sequence[Hit], chooser: SentenceChooser) -> list[Hit]:
        """The hits in the order in which they speak to one part of the question."""
        best = max(h.score for h in hits) or 1.0
        scored = [(0.4 * h.score / best + self.coverage(h, chooser), h) for h in hits]
        scored.sort(key=lambda row: (-row[0], row[1].rank))
        return [replace(h, score=score, rank=i) for i, (score, h) in enumerate(scored, 1)]

    def _superseded(
        self, query: Query, document: Document, candidates: Sequence[Candidate], chooser: SentenceChooser
    ) -> Answer:
        """The rule asked for is history: say so, quote it, and give what replaced it."""
        old = [c for c in candidates if c.passage.document == document.id]
        replaced = self._replaced_sentence(document, query)
        statements = [replaced.quoted()] if replaced else []
        statements += [c.quoted() for c in old[:2] if replaced is None or c.text != replaced.text]
        successor = self.generation.documents.get(document.superseded_by or "")
        if successor:
            passages = self.generation.by_document.get((successor.id, query.language), ())
            new = chooser.candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)])
            new = [c for c in new if not is_not_known(c.passage)]
            statements[1:1] = [c.quoted() for c in new[:2]]
        return self._answered(query, statements, successor or document)

    def _replaced_sentence(self, document: Document, query: Query) -> Candidate | None:
        chooser = self.chooser(query)
        passages = self.generation.by_document.get((document.id, query.language), ())
        every = chooser.candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)])
        return min((c for c in every if _REPLACED.search(c.text)), key=lambda c: c.start, default=None)

    def _expired(
        self,
        query: Query,
        document: Document,
        head: list[Statement],
        candidates: Sequence[Candidate],
        chooser: SentenceChooser,
    ) -> Answer:
        """Only history speaks to it: say so, show it as such."""
        notice = Statement(say("refusal.expired", query.language, title=document.title.get(query.language)), "notice")
        closing = self._still_open(query, document, candidates) if query.plan.type != "status" else []
        closing = [s for s in closing if s not in head]
        if document.id in query.dwelt and query.plan.type != "status":
            return self._expired_as_known(query, document, [notice, *head], closing, candidates, chooser)
        rest = self._with_sentences(query, document, [*closing, *head], candidates, chooser)[:4]
        # The day it closed is what was asked for; without it the notice has to say that it is over.
        told = [*rest[:1]] if closing or (head and query.plan.type == "status") else []
        history = [s for s in rest if s not in told]
        told += [s for s in self._what_follows(query, document, chooser) if s not in history]
        told += [notice, *history] if history or not told else []
        return Answer("abstained", tuple(told), "expired", followups=self.followups(query, document, rest))

    def _expired_as_known(
        self,
        query: Query,
        document: Document,
        head: list[Statement],
        closing: list[Statement],
        candidates: Sequence[Candidate],
        chooser: SentenceChooser,
    ) -> Answer:
        """Who asks on about what the last answer quoted wants the answer first, and its end again only where it was not told."""
        told = self._with_sentences(query, document, head, candidates, chooser)[: _HISTORY + len(head)]
        fresh = [s for s in closing if s.citations[0].quote not in query.told and s not in told]
        return Answer("abstained", (*told, *fresh), "expired", followups=self.followups(query, document, told))

    def _what_follows(self, query: Query, document: Document, chooser: SentenceChooser) -> list[Statement]:
        """What a document about something that is over says of what came after it, where it does not know."""
        passages = self.generation.by_document.get((document.id, query.language), ())
        open_ = [Hit(p, 1.0, i + 1) for i, p in enumerate(passages) if is_not_known(p)]
        told = [c for c in chooser.candidates(open_) if is_not_known(c.passage)] if open_ else []
        return [c.quoted() for c in told if _GOES_ON_AS.search(c.text)][:1]

    def _definition(self, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> Answer | None:
        """The term base answers exactly; what other documents say of it follows."""
        best = next(iter(chooser.candidates(hits)), None)
        defined = {id: self.lexicon.terms[id][1].definition for id in query.terms}
        leads = [id for id, d in defined.items() if best and d and d.get(query.language) == best.text]
        for id in dict.fromkeys((*leads, *query.terms)):
            home, term = self.lexicon.terms[id]
            document = self.generation.documents[home]
            if self._asks_of_more(query, home, term.names(query.language), chooser):
                continue
            if term.definition and (citation := cite(term.definition, document, self.generation, query.language)):
                head = [Statement(citation.quote, "quoted", (citation,))]
                more = [
                    c
                    for c in chooser.candidates([h for h in hits if h.passage.document != home])
                    if c.coverage > 0.6 and not is_not_known(c.passage) and not self.stale(query, c.passage.document)
                ]
                extra = [c.quoted() for c in more[:2]]
                return self._answered(query, [*head, *extra], document)
        return None

    def _asks_of_more(self, query: Query, home: str, names: Sequence[str], chooser: SentenceChooser) -> bool:
        """Whether a term is only part of what is asked about: "the plan for intelligent manufacturing" is none of it."""
        if any(_PLAN_FOR_IT.search(fold(query.text).partition(fold(n))[2]) for n in names):
            return True
        other = query.named and home not in query.named
        own = frozenset(t for n in names for t in tokens(n))
        clauses = [c for c in _PAUSE.split(query.text) if any(fold(n) in fold(c) for n in names)]
        asked = frozenset(asked_words(clauses[0])) if clauses else frozenset(chooser.weights)
        asked = frozenset(t for t in asked if t in own or not chooser.unknown(t))
        whole = chooser.share(asked)
        rest = chooser.share(asked - own) / whole if whole else 0.0
        return bool(other) and rest > _MOST_BESIDE_A_TERM

    def _cited(self, statement: Statement) -> Document:
        return self.generation.documents[statement.citations[0].document]

    def _answered(self, query: Query, statements: Iterable[Statement], document: Document) -> Answer:
        told = tuple(statements)
        return Answer("answered", told, followups=self.followups(query, document, told))


def _compares(query: Query) -> bool:
    """Whether things are to be told side by side: who asks what several places pay wants it of each."""
    several = query.places_from == "question" and len(query.places) > 1
    return query.plan.type == "comparison" or (
        several and query.plan.type in ("amount", "fact", "list") and asks_for_money(query)
    )


def _missing(part: Query) -> Statement:
    """That one of several questions is not answered."""
    return Statement(say("partial.missing", part.language, part=part.text.rstrip("?？ ")), "notice")


def _partial(answer: Answer) -> Answer:
    return replace(answer, status="partial", reason="nothing_found")


def _names_something(text: str) -> bool:
    """Whether a question has a word of its own: "how is that done?" is answered with what it follows."""
    return any(len(w) > 1 for w in asked_words(text))


def _kinds_of_figures(candidate: Candidate) -> set[Kind]:
    return {q.kind for q in quantities(fold(candidate.text)) if q.kind != "level"}


def _odds(candidate: Candidate) -> float:
    return -math.inf if candidate.odds is None else candidate.odds


def siblings(first: Candidate, pool: Sequence[Candidate]) -> list[Candidate]:
    """Sentences that say the same of another level, size or date: where we do not know which is asked, all are shown."""
    return [
        c
        for c in pool
        if c.passage.document == first.passage.document
        and shares_words(c.text, first.text) > _SIBLING
        and not says_the_same(c.text, first.text)
        and c.score > first.score - _FAR
    ]


def is_of_another_class(other: Candidate, first: Candidate, chooser: SentenceChooser) -> bool:
    """Whether a sentence says of another level, size or trade what the first says of the one that was asked for by name: its
    figure, shown beside, would only be taken for the asked one."""
    if other.passage.document != first.passage.document or shares_words(other.text, first.text) < _SAME_FORM:
        return False
    one, two = (quantities(fold(c.text)) for c in (first, other))
    if {q.value for q in one if q.kind == "level"} != {q.value for q in two if q.kind == "level"}:
        return False  # a level is asked for by its number, and all are told where it is not
    named = chooser.share(first.speaks_of - other.speaks_of)
    in_other_words = 2 * chooser.share(other.speaks_of - first.speaks_of)
    return bool({q.kind for q in one} & {q.kind for q in two} & _SUMS) and named > _NAMED_CLASS + in_other_words


def read_together(first: Candidate, candidates: Sequence[Candidate], chooser: SentenceChooser) -> list[Candidate]:
    """What whoever wrote down the question that this resembles put after its first sentence: its condition, the next step."""
    home = first.passage.document
    for match in (m for m in chooser.known.best if m.document == home and m.score >= RESEMBLES):
        spans = chooser.known.answers(match, first.passage.language)
        (start, end), *rest = spans or ((0, 0),)
        if start <= first.start < end:
            here = [c for c in candidates if c.passage.document == home]
            told = [c for a, b in rest for c in here if a <= c.start < b and not speaks_of_itself(c.text)]
            return [c for c in told if not says_the_same(c.text, first.text)]
    return []


_PAUSE = re.compile(r"[,，。;；.]\s*")
_WHAT_ELSE = re.compile(
    r"除了|之外|以外|还有(?:啥|什么|哪些)|\b(?:besides|apart from|on top of|other than|hidden|extra costs?)\b", re.I
)
_PLAN_FOR_IT = re.compile(
    r"^(?:发展|转型)?(?:规划|计划|方案|行动|政策|办法|补贴|补助|试点)|^ (?:plans?|program(?:me)?s?|grants?|subsid(?:y|ies)|action|polic(?:y|ies)|schemes?|pilots?)\b"
)
_LIMITS = re.compile(
    r"只有|只发|只给|仅限|仅|必须|须|不得|不能|不予|之前|以前|清单|\bonly\b|\bmust\b|\bbefore\b|may not|cannot|not eligible|at most|fewer than|no more than",
    re.I,
)
_FOR_WHOM = re.compile(r"适用于谁|怎么申请|要求|条件|who it is for|how to apply|requires|conditions", re.I)
_CLOSED = re.compile(
    r"截止|关闭|结束|停止|不能再|不再|closed|ended|over\b|no longer|cannot apply|stopped (?:taking|accepting)|no new applications",
    re.I,
)
_OVER = re.compile(
    r"(?:已经|已|现已)(?:结束|截止|关闭|停止|期满)|\b(?:is|are) over\b|\b(?:has|have) (?:ended|closed|expired)\b|\b(?:stopped|ceased) (?:taking|accepting) (?:new )?applications\b",
    re.I,
)
_ALREADY = re.compile(
    r"已经?(?:签|买|付|下单|订|开工|动工|装|做完|交)|(?:签|买|付|订|装|做)(?:完|好|过)?了|\balready\b|\b(?:have|had|we|i) (?:\w+ )?(?:signed|ordered|bought|paid|begun|started|installed)\b|\bdeposit\b",
    re.I,
)
_APPLIES = re.compile(
    r"申请|申报|报名|[入递交填]表|\bi want (?:that|those|my|the) (?:\d|money|grant|subsidy|voucher)|\bappl(?:y|ying|ications?)\b|\b(?:sign|get) (?:up|in)\b|\bforms?\b|\bhow do (?:we|i) get\b",
    re.I,
)
_GOES_ON_AS = re.compile(
    r"接续|接替|后续|之后|新一轮|继续|是否(?:已经|还|仍)|现行|\b(?:success\w+|replac\w+|new round|after|still|reopen\w*|continu\w+|goes? on)\b",
    re.I,
)
_LAST_DAY = re.compile(r"截止|为止|\bdeadlines?\b|\bclos(?:es?|ing)\b", re.I)
_REPLACED = re.compile(r"取代|替代|代替|废止|superseded|replaced|succeeded", re.I)


def _tells_the_end(statements: Iterable[Statement]) -> bool:
    """Whether a date, an end or a beginning is told: what "is it still open" wants to know."""
    return any(_has_date(s.text) or tells_status(s.text) for s in statements)


def candidates_best(candidates: Sequence[Candidate], document: str) -> float:
    return max((c.score for c in candidates if c.passage.document == document), default=0.0)


def _dates(text: str) -> set[tuple[int, int, int]]:
    return {q.value for q in quantities(text) if q.kind == "date" and isinstance(q.value, tuple)}


def _is_over(text: str, day: date) -> bool:
    """Whether a sentence says that something has ended, or names last days that have all passed."""
    if _OVER.search(text):
        return True
    dates = [d for d in _dates(fold(text)) if all(d)]
    return bool(dates and _LAST_DAY.search(text)) and max(dates) < (day.year, day.month, day.day)


def _has_date(text: str) -> bool:
    return bool(_dates(text))


def _distinct(statements: Iterable[Statement]) -> list[Statement]:
    return list({s.text: s for s in statements}.values())
