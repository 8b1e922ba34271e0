"""What a scheme pays, by its funding records: which rows answer, and whether a figure of the asked kind is there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from advisor.ask.asks import wants
from advisor.ask.from_records import cite, fitting, funding_rows, funding_statement
from advisor.ask.ground import PLACE_BOUND, Ground
from advisor.ask.order import AMONG, NEAR, says_a_share
from advisor.ask.plan import asks_for_money
from advisor.ask.sentences import Candidate
from advisor.model import Document, Hit, Query, Statement
from advisor.records import Funding
from advisor.text import fold, quantities

_GRANTS = ("grant", "reward", "voucher")
_FAIRLY = 1.0  # log-odds above the bar up to which a figure has to stand near the best sentence
_FAR_OFF = 6.0  # points below the best sentence at which a figure no longer answers "how much"


def best_rows(ground: Ground, query: Query, document: Document, candidates: Sequence[Candidate]) -> list[Statement]:
    """The rows whose own sentences answer best; a row said in one sentence is quoted, one said in several is worded."""
    if query.plan.type != "amount" or not asks_for_money(query) or not candidates:
        return []
    rows = fitting(funding_rows(document), query)
    rows = [r for r in rows if r.status != "closed"] or rows
    near = [r for r, score in _rows(query, rows, candidates) if score > candidates[0].score - NEAR]
    return _distinct(s for r in near[:4] if (s := _of_row(ground, r, document, query)))


def row_of_the_level(ground: Ground, query: Query, hits: Sequence[Hit]) -> list[Statement]:
    """Money, one place and a level name one row of the place's rule, however long the story that is told around them."""
    if query.plan.type != "amount" or not asks_for_money(query) or len(query.places) != 1 or len(query.levels) != 1:
        return []
    rules = (d for d in ground.first_documents(hits, AMONG) if d.jurisdiction == query.places[0])
    for rule in (d for d in rules if d.kind in PLACE_BOUND and not ground.stale(query, d.id)):
        rows = [r for r in fitting(funding_rows(rule), query) if r.level in query.levels and r.status != "closed"]
        if len(rows) == 1 and (told := _of_row(ground, rows[0], rule, query)):
            return [told]
    return []


def _of_row(ground: Ground, row: Funding, document: Document, query: Query) -> Statement | None:
    if len(row.sentences) == 1 or row.instrument not in _GRANTS:
        # What a loan or a tax rule counts from is said in its own words better than in ours.
        citation = cite(row.sentences[0], document, ground.generation, query.language)
        return Statement(citation.quote, "quoted", (citation,)) if citation else None
    return funding_statement(row, document, ground.generation, query.language)


def with_sum(
    ground: Ground, query: Query, document: Document, statements: list[Statement], candidates: Sequence[Candidate]
) -> list[Statement]:
    """Who asks how much gets the sums of the scheme first, where only its conditions would have been shown."""
    if query.plan.type != "amount" or not asks_for_money(query) or "funding" not in query.plan.records:
        return statements
    if query.dwelt and "money" not in wants(query.text):
        return statements  # asked on about a sum that was told
    if query.levels and has_the_figure(query, statements[:1]):
        return statements  # what the level pays, where the rows tell of other things
    rows = [r for r in fitting(funding_rows(document), query) if r.status != "closed"]
    sentences = {w.get(query.language) for r in rows for w in r.sentences}
    quotes = {c.quote for s in statements for c in s.citations}
    fresh = [c for c in candidates if c.text not in query.told]
    near = [c for c in fresh[:AMONG] if c.passage.document == document.id and c.text in sentences]
    if not near and ground.is_the_rule_meant(query, document) and not has_the_figure(query, statements):
        near = [c for c in fresh if c.passage.document == document.id and c.text in sentences]
    if not near or {c.document for s in statements for c in s.citations} != {document.id}:
        return statements
    if quotes & sentences:
        told = [s for s in statements if any(c.quote in sentences for c in s.citations)]
        return [*told, *(s for s in statements if s not in told)]
    sums = sums_of(ground, query, document, near)
    return [*sums, *statements][: max(len(statements), query.plan.statements)] if sums else statements


def sums_of(ground: Ground, query: Query, document: Document, candidates: Sequence[Candidate]) -> list[Statement]:
    """The rows of a scheme whose sentences are among these, the best first, at most three."""
    if not asks_for_money(query) or "funding" not in query.plan.records:
        return []
    told = _rows(query, fitting(funding_rows(document), query), candidates)
    return _distinct(s for r, _ in told[:3] if (s := _of_row(ground, r, document, query)))


def _rows(query: Query, rows: Sequence[Funding], candidates: Sequence[Candidate]) -> list[tuple[Funding, float]]:
    """Those of which a sentence is among these, with its score, the best first."""
    score = {c.text: c.score for c in candidates}
    said = [(r, [score[t] for w in r.sentences if (t := w.get(query.language)) in score]) for r in rows]
    return sorted(((r, max(s)) for r, s in said if s), key=lambda row: -row[1])


def near_by(
    ground: Ground,
    query: Query,
    first: Document,
    statements: list[Statement],
    candidates: Sequence[Candidate],
    sure: float,
) -> list[Statement]:
    """Those that are not far behind the best sentence, where no rule of the asked place was found and little is sure: a
    figure farther below is of something else."""
    if sure > _FAIRLY or ground.is_the_rule_meant(query, first):
        return statements
    score = {c.text: c.score for c in candidates}
    return [s for s in statements if score.get(s.text, math.inf) > candidates[0].score - _FAR_OFF]


def has_the_figure(query: Query, statements: Sequence[Statement]) -> bool:
    """ "How much" without a sum, or a share, is no answer; to what else it costs, the kinds of costs are one."""
    if _WHAT_ELSE.search(query.text):
        return True
    kinds = {q.kind for s in statements for q in quantities(fold(s.text))}
    if _SPENT.search(query.text) and "percent" not in wants(query.text):
        return "money" in kinds
    if any(says_a_share(s.text) for s in statements):
        return True
    return bool(kinds & {"money", "percent"} if asks_for_money(query) else kinds)


def lacks_the_figure(ground: Ground, query: Query, statements: Sequence[Statement]) -> bool:
    """Whether "how much" is asked and no figure of the kind stands there."""
    asked = query.plan.type == "amount" and bool({"money", "percent", "count"} & wants(query.text))
    return asked and not has_the_figure(query, statements)


def _distinct(statements: Iterable[Statement]) -> list[Statement]:
    return list({s.text: s for s in statements}.values())


# What somebody laid out is no share.
_SPENT = re.compile(
    r"(?:花|投|砸|掏)(?:了|进去|下去|入)?(?:多少|几)(?:钱|万|本钱)|多少钱(?:投|花|砸)|"
    r"\bhow much (?:money |cash )?(?:did|has|have|went|was (?:spent|invested|put))\b(?!.{0,40}\b(?:save|fall|drop|rise|grow|go (?:up|down))\b)|\b(?:shell(?:ed)?|la(?:y|id)) out\b",
    re.I,
)
_WHAT_ELSE = re.compile(
    r"除了|之外|以外|还有(?:啥|什么|哪些)|\b(?:besides|apart from|on top of|other than|hidden|extra costs?)\b", re.I
)
