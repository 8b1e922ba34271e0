"""Two or more places, levels or terms side by side: like with like only, the arithmetic shown, and what is not given said."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from itertools import combinations, zip_longest

from advisor.ask.answerable import unserved
from advisor.ask.asks import wants
from advisor.ask.circumstances import fit, told_of_the_firm
from advisor.ask.elsewhere import home_of
from advisor.ask.from_records import (
    cite,
    current,
    fitting,
    funding_rows,
    funding_statement,
    money,
    overlap,
    share,
    told_rate,
)
from advisor.ask.ground import PLACE_BOUND, Ground
from advisor.ask.next_step import next_step
from advisor.ask.order import ANSWERS, FAR, has_a_figure, in_order, odds_of
from advisor.ask.plan import PLANS, asks_for_money, asks_of_the_past
from advisor.ask.sentences import Candidate, SentenceChooser, is_not_known
from advisor.model import Answer, Citation, Document, Hit, Language, Query, Statement
from advisor.records import Figure, Funding
from advisor.text import fold
from advisor.wording import say

Compose = Callable[[Query, Sequence[Hit], SentenceChooser], Answer]
_STRANGE = -3.0  # log-odds of the reading below which the best sentence of a side is about something else
_FIRST = 6  # documents found first, two of which may be the sides
_OF_ITS_OWN = 0.03  # share of the question's words that a title alone must have
_BEHIND = 0.02  # share of the question's words that each of them found earlier outweighs
_FIGURE = 8.0  # points that a figure of the asked kind counts within a side
_MOST_ROWS = 3  # levels or variants shown of one side


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its rows, or none."""

    name: str
    place: str | None
    rows: tuple[tuple[Document, Funding], ...] = ()


def comparison(
    ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser, compose: Compose
) -> Answer | None:
    """Each side with its record, or else its best sentence; nothing where there are not two sides."""
    if answer := _terms(ground, query, hits, chooser):
        return answer
    paid = _money_of(ground, query, hits, chooser) if asks_for_money(query) else None
    if paid and paid.status != "abstained":
        return paid
    sides = _best_of_each(ground, query, hits)
    if paid and not (len(sides) > 1 and all(odds_of(side[0]) > ANSWERS for side in sides)):
        return paid
    if len(query.places) < 2 and len(query.named) < 2:
        # Nobody said what is compared: the second side has to be near it.
        sides = [s for i, s in enumerate(sides) if not i or s[0].odds is None or s[0].odds > _STRANGE]
    if len(sides) < 2:
        return _one_sided(ground, query, hits, chooser, compose)
    return _in_turns(ground, query, sides, query.plan.statements)


def side_by_side(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> Answer | None:
    """The best of two documents, where something is asked of each or of both, and it reads as the answer in both."""
    if query.parts or not ground.cross_encoder or not _OF_TWO.search(query.text):
        return None
    sides = _best_of_each(ground, query, hits)
    if len(sides) < 2 or not _each_is_meant(ground, query, sides):
        return None
    called = len(query.named) > 1 or len(query.places) > 1
    if any(odds_of(side[0]) < (_STRANGE if called else ANSWERS) for side in sides):
        return None
    return _in_turns(ground, query, sides, query.plan.statements + 1)


def _in_turns(ground: Ground, query: Query, sides: Sequence[Sequence[Candidate]], most: int) -> Answer:
    told = [c.quoted() for two in zip_longest(*sides) for c in two if c]
    return _answered(ground, query, told[:most], told[0])


def _each_is_meant(ground: Ground, query: Query, sides: Sequence[Sequence[Candidate]]) -> bool:
    """Whether two documents are called by name, or the question has words of each title that the other has not."""
    one, two = (ground.title_words(side[0].passage.document, query.language) for side in sides[:2])
    share = ground.chooser(query).share
    return len(query.named) > 1 or min(share(frozenset(one - two)), share(frozenset(two - one))) > _OF_ITS_OWN


_OF_TWO = re.compile(
    r"各(?!地|省[^了得好多下]|市|区|县|级|类|种|位|行|部门|方面|项|界|国|企业|环节|车间|岗|单位)|分别|[两俩](?:个|边|家|头|样|张|种|者|处)|前后|哪(?:个|家|边|头|张|样|种)[^，,。？?]{0,8}(?:更|[多少高低大小快狠细严](?:些|点|一点)?$)|[边邊](?:个|個)|"
    r"\b(?:each|both|either|neither|respectively|versus|vs|against|the two|the other|(?:who|which)\b.{1,30}\b(?:more|less|higher|lower|better))\b|\b(?:is|are|was|were)\b.{3,80}\bor\b",
    re.I,
)


def _answered(ground: Ground, query: Query, told: Sequence[Statement], first: Statement) -> Answer:
    document = ground.generation.documents[first.citations[0].document]
    return Answer("answered", tuple(told), followups=ground.followups(query, document, told))


# --- terms --------------------------------------------------------------------------------------

_DIFFERENCE = re.compile(
    r"区别|差别|差异|不同|有(?:什么|啥|何)不一样|差在?哪|一个东西|一回事|是不是一样|same thing|\b(?:differ\w*|vs\.?|versus|compared? (?:to|with))\b",
    re.I,
)


def _terms(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> Answer | None:
    """ "The difference between A and B": the definition of each, then what speaks of both."""
    if len(query.terms) < 2 or query.places or not _DIFFERENCE.search(query.text):
        return None
    defined: list[Statement] = []
    for id in query.terms[:3]:
        home, term = ground.lexicon.terms[id]
        document = ground.generation.documents[home]
        cited = term.definition and cite(term.definition, document, ground.generation, query.language)
        if cited and not any(c.quote == cited.quote for s in defined for c in s.citations):
            defined.append(Statement(cited.quote, "quoted", (cited,)))
    if len(defined) < 2:
        return None
    quotes = {c.quote for s in defined for c in s.citations}
    homes = dict.fromkeys(c.document for s in defined for c in s.citations)
    own = [p for d in homes for p in ground.generation.by_document.get((d, query.language), ())]
    every = chooser.candidates([*hits, *(Hit(p, 0.0, len(hits) + i) for i, p in enumerate(own, 1))])
    told = [c for c in every if not is_not_known(c.passage) and not ground.stale(query, c.passage.document)]
    apart = [c for c in told if c.text not in quotes and _names_each(ground, query, c.text)]
    if apart:
        return _answered(ground, query, [apart[0].quoted(), *defined], defined[0])
    both = [c for c in told[:12] if c.coverage > 0.7 and c.text not in quotes]
    return _answered(ground, query, [*defined, *(c.quoted() for c in both[:1])], defined[0])


def _names_each(ground: Ground, query: Query, text: str) -> bool:
    """Whether a sentence opens with one of the first two terms and speaks of the other: it says what sets them apart."""
    folded = fold(_ARTICLE.sub("", text))
    one, other = ([fold(n) for n in ground.lexicon.terms[id][1].names(query.language)] for id in query.terms[:2])
    opens = any(folded.startswith(n) for n in (*one, *other))
    return opens and all(any(n in folded for n in names) for names in (one, other))


_ARTICLE = re.compile(r"^(?:an?|the)\s+", re.I)


# --- money --------------------------------------------------------------------------------------


def _money_of(ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser) -> Answer | None:
    """A record a side, led by a derived statement where two caps can be compared; what a side does not give is quoted."""
    sides = _sides(ground, query, hits)
    given = [s for s in sides if s.rows]
    if len(sides) < 2 or (not given and len(query.places) < 2):
        return None
    language = query.language
    rows: list[tuple[Funding, Document, Statement]] = []
    for side in given:
        for document, row in side.rows:
            statement = funding_statement(row, document, ground.generation, language)
            if statement:
                rows.append((row, document, replace(statement, cells=_cells(side, row, language))))
    told: list[Statement] = []
    pairs = [(a, b) for i, a in enumerate(rows) for b in rows[i + 1 :] if _comparable(a, b)]
    if len(given) == 2 and len(pairs) == 1 and (derived := _derived(*pairs[0], query, ground)):
        told.append(derived)
    told += [s for _, _, s in rows]
    gaps = [s for side in sides for s in _gap(ground, query, side, sides, chooser)]
    told += gaps
    if not rows:
        return replace(_refused(ground, query, told)) if any(s.kind != "notice" for s in told) else None
    answer = _answered(ground, query, told, rows[-1][2])
    return replace(answer, status="partial", reason="nothing_found") if gaps else answer


def _comparable(one: tuple[Funding, Document, Statement], two: tuple[Funding, Document, Statement]) -> bool:
    """Rows of two sides at one level; of sides that are levels, any two."""
    (a, _, said_a), (b, _, said_b) = one, two
    return said_a.cells[0] != said_b.cells[0] and (a.level == b.level or None in (a.level, b.level) or one[1] is two[1])


def _refused(ground: Ground, query: Query, told: Sequence[Statement]) -> Answer:
    notice = Statement(say("refusal.nothing_found", query.language), "notice")
    step = Statement(next_step(ground, query, None), "notice")
    return Answer("abstained", (notice, *told, step), "nothing_found")


def _sides(ground: Ground, query: Query, hits: Sequence[Hit]) -> list[Side]:
    """A side a place; for one place or scheme and several levels, a side a level; for several schemes, a side a scheme."""
    order = list(dict.fromkeys(h.passage.document for h in hits))
    if len(query.places) > 1:
        return _alike([_side_of(ground, query, p, order) for p in query.places], query)
    if len(query.named) > 1 and not query.levels:
        documents = [ground.generation.documents[d] for d in query.named[:3]]
        sides = [Side(d.title.get(query.language), d.jurisdiction, _best_rows([d], query)) for d in documents]
        return [replace(s, rows=s.rows[:1]) for s in sides if s.rows]
    paying = [d for i in order if funding_rows(d := ground.generation.documents[i])]
    if len(query.levels) > 1 and paying:
        by_level = [(lv, fitting(funding_rows(paying[0]), replace(query, levels=(lv,)))) for lv in query.levels]
        return [Side(_level(lv, query.language), None, ((paying[0], r[0]),)) for lv, r in by_level if r]
    return []


def _side_of(ground: Ground, query: Query, place: str, order: Sequence[str]) -> Side:
    """All rows of the place that could be meant: its own or its region's rules, for a country also those of its parts."""
    home = home_of(place, ground) or place
    documents = list(ground.generation.documents.values())
    covers = ground.lexicon.places.covers
    own = [d for d in documents if d.jurisdiction in (place, home)]
    if "/" not in place and not any(funding_rows(d) for d in own):
        own = [d for d in documents if d.jurisdiction and covers(place, d.jurisdiction)]
    named = [d for d in own if d.id in query.named]
    rank = {d: i for i, d in enumerate(order)}
    own = sorted(named or own, key=lambda d: (rank.get(d.id, len(rank)), d.id))
    rows = _best_rows([d for d in own if d.kind in (*PLACE_BOUND, "case") and funding_rows(d)], query, ground)
    return Side(ground.lexicon.places.name(place).get(query.language), place, rows)


def _best_rows(
    documents: Sequence[Document], query: Query, ground: Ground | None = None
) -> tuple[tuple[Document, Funding], ...]:
    """Rows of one kind and one document: today's where there are any; what has ended only where the past was asked for."""
    kept: list[tuple[Document, Funding]] = []
    for document in documents:
        alike: dict[tuple[str | None, str], list[Funding]] = {}
        for row in funding_rows(document):
            if not (ground and _of_a_part(row, document, ground)):
                alike.setdefault(class_of(row), []).append(row)
        # What is open of one scheme says nothing about another: each is asked for its own.
        rows = [r for group in alike.values() for r in fitting(group, query)]
        if (
            _today(document, query)
            or asks_of_the_past(query.text)
            or document.id in query.named
            or _year_asked(document, query)
        ):
            kept += [(document, r) for r in rows]
    return tuple(kept)


def _today(document: Document, query: Query) -> bool:
    return document.validity(query.as_of) not in ("expired", "superseded")


def _year_asked(document: Document, query: Query) -> bool:
    end = document.in_force_to
    return bool(end) and any(y and y <= end.year for y in query.years if end)


_PART = re.compile(r"街道|镇|(?<![园地社景市])区(?!域)|县")


def _of_a_part(row: Funding, document: Document, ground: Ground) -> bool:
    """A district's reward does not stand for the city's scheme, though it stands in the city's document."""
    name = ground.lexicon.places.name(document.jurisdiction or "").get("zh")
    return bool(_PART.search(row.scheme.zh.replace(name, "").replace(name.rstrip("市省区县"), "")))


# What a scheme pays for; the first that fits. Levels belong to the last.
_KINDS = (
    ("factory", r"智能工厂|车间|灯塔|示范工厂|智能制造|smart[- ]factor|smart[- ]manufacturing|workshop|lighthouse|demonstration factor"),
    ("title", r"专精特新|小巨人|单项冠军|champion|little giant|specialised"),
    ("advice", r"咨询|辅导|顾问|consult|coach"),
    ("equipment", r"技术改造|技改|设备更新|technology[- ]upgrade|equipment"),
    ("upgrade", r"数字|数智|digital|试点|pilot|转型|级"),
)  # fmt: skip
_OF_LOANS = re.compile(r"贷|息|税|担保|融资|\b(?:loans?|interest|tax\w*|guarantee\w*|credit)\b", re.I)
_MONEY_IN_HAND = ("grant", "reward", "voucher")


def _kind(text: str) -> str | None:
    return next((kind for kind, words in _KINDS if re.search(words, text, re.I)), None)


def class_of(row: Funding) -> tuple[str | None, str]:
    words = f"{row.scheme.zh} {row.scheme.en} {row.segment.zh if row.segment else ''}"
    return _kind(words), "money" if row.instrument in _MONEY_IN_HAND else row.instrument


def _alike(sides: Sequence[Side], query: Query) -> list[Side]:
    """The sides with rows of one kind and instrument only: the kind asked for, else one that several sides have."""
    asked = _kind(query.text) or "upgrade"
    classes = [c for side in sides for c in dict.fromkeys(class_of(r) for _, r in side.rows)]
    wanted = [c for c in classes if c[0] == asked and (c[1] == "money" or _OF_LOANS.search(query.text))]
    if not wanted and not query.levels:
        wanted = [c for c in classes if classes.count(c) > 1]
    chosen = max(dict.fromkeys(wanted), key=lambda c: (classes.count(c), c[1] == "money"), default=(None, ""))
    return [replace(side, rows=_picked(side.rows, chosen, query)) for side in sides]


def _picked(
    rows: Sequence[tuple[Document, Funding]], chosen: tuple[str | None, str], query: Query
) -> tuple[tuple[Document, Funding], ...]:
    """The rows of that kind from the first document that has any; the one that the question's words fit, else one a level."""
    fit = [(d, r) for d, r in rows if class_of(r) == chosen or d.id in query.named]
    fit = [(d, r) for d, r in fit if d.id == fit[0][0].id]
    if not fit:
        return ()
    alone = [r for _, r in fit]
    live = current(alone, query.as_of)
    best = max(live or alone, key=lambda r: (overlap(r, query), _ends(r)))
    same = [r for r in (live or alone) if r.level is not None and overlap(r, query) == overlap(best, query)]
    levels = list({r.level: r for r in sorted(same, key=lambda r: (r.level or 0, _ends(r)))}.values())
    if best.level is not None and not query.levels and len(levels) > 1:
        return tuple((fit[0][0], r) for r in levels[:_MOST_ROWS])
    return ((fit[0][0], best),)


def _ends(row: Funding) -> date:
    return row.window.to if row.window and row.window.to else date.min


def _level(level: int, language: Language) -> str:
    return say("record.level", language, level="一二三四五六七八九"[level - 1] if language == "zh" else level)


def _cells(side: Side, row: Funding, language: Language) -> tuple[tuple[str, str], ...]:
    """What a table shows of a row: the side, then (heading, cell)."""
    join = say("record.comma", language)
    level = f"{join}{_level(row.level, language)}" if row.level is not None else ""
    cells = [("", side.name)]
    if row.rate:
        cells.append((say("compare.share", language) + level, told_rate(row.rate, language)))
    if row.cap:
        cells.append((say("compare.most", language) + level, money(row.cap.highest, row.currency, language)))
    if row.amount:
        cells.append((say("compare.sum", language) + level, money(row.amount.highest, row.currency, language)))
    if row.segment and row.status == "closed":
        cells.append((say("compare.only", language) + level, row.segment.get(language)))
    return tuple(cells)


# --- what is not given --------------------------------------------------------------------------

_OF_MONEY = re.compile(
    r"上限|比例|金额|多少|标准|额度|数额|cap\b|share|amount|rate|ceiling|maximum|figures?|how much", re.I
)


_OF_A_SHARE = re.compile(r"比例|几成|百分之几|几个点|\b(?:percent\w*|shares?|rates?)\b", re.I)


def _gap(ground: Ground, query: Query, side: Side, sides: Sequence[Side], chooser: SentenceChooser) -> list[Statement]:
    """For a side without a row, or without the cap that the others have, what its own document says of that gap."""
    of_the_share = _OF_A_SHARE.search(query.text) and all(r.rate for s in sides for _, r in s.rows)
    lacks_cap = (
        not of_the_share
        and any(r.cap for s in sides for _, r in s.rows)
        and not any(r.cap or r.amount for _, r in side.rows)
    )
    if side.rows and not lacks_cap:
        return []
    if side.place is None:
        return []
    homes = (side.place, home_of(side.place, ground))
    documents = [d for d in ground.generation.documents.values() if d.jurisdiction in homes and d.kind in PLACE_BOUND]
    documents = [d for d in documents if _today(d, query)] or documents
    passages = [p for d in documents for p in ground.generation.by_document.get((d.id, query.language), ())]
    open_ = [Hit(p, 1.0, i + 1) for i, p in enumerate(passages) if is_not_known(p)]
    told = [c for c in chooser.candidates(open_) if is_not_known(c.passage)] if open_ else []
    best = next((c for c in told if _OF_MONEY.search(c.text)), None)
    said = [c for c in chooser.candidates([Hit(p, 1.0, i + 1) for i, p in enumerate(passages)]) if c not in told]
    unproved = next((c for c in said if _UNPROVED.search(c.text) and has_a_figure({"money"}, c.text)), None)
    if best or unproved:
        return [c.quoted() for c in (unproved, best) if c]
    key = "compare.not_given" if documents else "compare.nothing"
    return [] if side.rows else [Statement(say(key, query.language, place=side.name), "notice")]


_UNPROVED = re.compile(r"尚未核实|\bnot verified\b", re.I)


def _derived(
    one: tuple[Funding, Document, Statement],
    two: tuple[Funding, Document, Statement],
    query: Query,
    ground: Ground,
) -> Statement | None:
    """Which cap is higher, and up to which spending the higher share pays more: cap of one ÷ share of the other."""
    (a, da, _), (b, db, _) = one, two
    language = query.language
    most_a, most_b = a.cap or a.amount, b.cap or b.amount

    def name(document: Document, row: Funding) -> str:
        if da.id == db.id and row.level is not None:
            return _level(row.level, language)
        return ground.lexicon.places.name(document.jurisdiction or "").get(language)

    if not (most_a and most_b):
        return _same_share(ground, one, two, (name(da, a), name(db, b)), language)
    if a.currency != b.currency or most_a.highest == most_b.highest:
        return None
    if most_a.highest < most_b.highest:
        (a, da), (b, db), most_a, most_b = (b, db), (a, da), most_b, most_a
    high, low = money(most_a.highest, a.currency, language), money(most_b.highest, b.currency, language)
    text = say("compare.cap", language, a=name(da, a), b=name(db, b), high=high, low=low)
    formula = f"{say('compare.most', language)}: {name(da, a)} {high} > {name(db, b)} {low}"
    used = [(most_a, da), (most_b, db)]
    if a.rate and b.rate and a.rate.value and b.rate.value and b.rate.value > a.rate.value:
        crossing = money(round(most_b.highest / a.rate.value, -3), a.currency, language)
        text += say("compare.crossing", language, a=name(da, a), b=name(db, b), at=crossing,
                    high=f"{b.rate.value * 100:g}", low=f"{a.rate.value * 100:g}")  # fmt: skip
        used += [(a.rate, da), (b.rate, db)]
        formula += f"; {low} ÷ {a.rate.value * 100:g} % ≈ {crossing}"
    return Statement(text, "derived", _said(ground, used, language), formula)


def _same_share(
    ground: Ground,
    one: tuple[Funding, Document, Statement],
    two: tuple[Funding, Document, Statement],
    names: tuple[str, str],
    language: Language,
) -> Statement | None:
    """Where one cap is not given, equal shares can still be said to be equal."""
    rate, other = one[0].rate, two[0].rate
    if not rate or not other or rate.value is None or rate.value != other.value:
        return None
    a, b = names
    text = say("compare.same", language, a=a, b=b, share=share(rate, language))
    formula = f"{a} {share(rate, language)} = {b} {share(other, language)}"
    return Statement(text, "derived", _said(ground, [(rate, one[1]), (other, two[1])], language), formula)


def _said(ground: Ground, used: Sequence[tuple[Figure, Document]], language: Language) -> tuple[Citation, ...]:
    """The sentences of the figures that the arithmetic uses, each once."""
    cited = (cite(figure.said, document, ground.generation, language) for figure, document in used)
    return tuple(dict.fromkeys(c for c in cited if c))


# --- sentences ----------------------------------------------------------------------------------


def _one_sided(
    ground: Ground, query: Query, hits: Sequence[Hit], chooser: SentenceChooser, compose: Compose
) -> Answer | None:
    """Two places were asked for and one has no rule here: half an answer, and which half is missing."""
    if len(query.places) < 2:
        return None
    lacking = [p for p in query.places if unserved(replace(query, places=(p,)), ground)]
    held = tuple(p for p in query.places if p not in lacking)
    if not lacking or not held:
        return None
    rest = replace(query, places=held, plan=PLANS["amount" if asks_for_money(query) else "fact"])
    answer = compose(rest, [h for h in hits if ground.applies(rest, h)] or hits, chooser)
    notices = [
        say("compare.nothing", query.language, place=ground.lexicon.places.name(p).get(query.language)) for p in lacking
    ]
    told = (*answer.statements, *(Statement(n, "notice") for n in notices))
    return replace(answer, status="partial", reason="nothing_found", statements=told)


def _documents(ground: Ground, query: Query, hits: Sequence[Hit]) -> list[list[str]]:
    """Documents of each side, best first: one side a place named, else one a document named."""
    order = list(dict.fromkeys(h.passage.document for h in hits if ground.applies(query, h)))
    places = query.places
    jurisdiction = {d: ground.generation.documents[d].jurisdiction or "" for d in order}
    local = [[d for d in order if ground.lexicon.places.covers(p, jurisdiction[d])] for p in places]
    if len(places) > 1:
        return local
    if places and _NATIONAL.search(query.text):
        return [*local, [d for d in order if jurisdiction[d] == "CN"]]
    named = [d for d in order if d in query.named] or list(query.named)
    if len(named) > 1:
        return [[d] for d in named[:3]]
    return [[d] for d in _pair(ground, query, order)]


def _pair(ground: Ground, query: Query, order: Sequence[str]) -> Sequence[str]:
    """The two of the first documents whose titles together say most of what was asked for: each is a side."""
    near = {d: ground.title_words(d, query.language) for d in order[:_FIRST]}
    rank = {d: i for i, d in enumerate(near)}
    said = ground.chooser(query).coverage
    pairs = [p for p in combinations(near, 2) if {*query.named} & {*near} <= {*p}]
    return max(
        pairs, key=lambda p: said(near[p[0]] | near[p[1]]) - _BEHIND * (rank[p[0]] + rank[p[1]]), default=order[:2]
    )


def _best_of_each(ground: Ground, query: Query, hits: Sequence[Hit]) -> list[list[Candidate]]:
    """The best sentences of each side, to the question without the names of the others."""
    sides = _documents(ground, query, hits)
    asked = [_without(ground, query, side, [d for s in sides if s is not side for d in s]) for side in sides]
    return [best for side, own in zip(sides, asked, strict=True) if (best := _best_of(ground, side, query, own))]


def _without(ground: Ground, query: Query, side: Sequence[str], others: Sequence[str]) -> Query:
    """The question as it is asked of one side: what the others are called, where they lie and when they ran is left out."""
    documents, covers = ground.generation.documents, ground.lexicon.places.covers
    homes = {d: documents[d].jurisdiction or "" for d in (*side, *others)}
    text = fold(query.text)
    years = {d: {str(y) for y in query.years if str(y) in documents[d].title.get(query.language)} for d in homes}
    own = set().union(*(years[d] for d in side), *(ground.lexicon.names_in(d, text) for d in side))
    for mention in reversed(ground.lexicon.places.find(query.text)):
        theirs = any(covers(mention.id, homes[d]) for d in others)
        if theirs and not any(covers(mention.id, homes[d]) for d in side):
            text = text[: mention.start] + text[mention.end :]
    called = {
        d: ground.lexicon.names_in(d, text) or _called(text, documents[d].title.get(query.language)) for d in others
    }
    titles = fold(" ".join(documents[d].title.get(query.language) for d in side))
    for name in set().union(*(years[d] | called[d] for d in others)) - own:
        text = text if name in titles else text.replace(name, "")
    return replace(query, text=text, semantic=text)


def _called(text: str, title: str) -> frozenset[str]:
    """What a folded question takes of a title: the longest run of whole words, or of characters."""
    found = SequenceMatcher(None, text, fold(title), autojunk=False).find_longest_match()
    run = re.sub(r"^[a-z]+(?=\W)|(?<=\W)[a-z]+$", "", text[found.a : found.a + found.size]).strip(" ,.，。")
    return frozenset({run} if len(run) >= _A_NAME else ())


_A_NAME = 5  # characters


def _best_of(ground: Ground, side: Sequence[str], query: Query, own: Query) -> list[Candidate]:
    """The two best sentences of a side's first documents, to the whole question and to what it asks of that side; a figure
    that is asked for leads."""
    passages = [p for d in side[:2] for p in ground.generation.by_document.get((d, query.language), ())]
    hits = [Hit(p, 1.0, i + 1) for i, p in enumerate(passages)]
    told = {c.text: c for c in _told(ground, query, hits)}
    alone = _told(ground, own, hits) if own.text != query.text else []
    both = [
        replace(c, score=c.score + t.score, odds=max((o for o in (c.odds, t.odds) if o is not None), default=None))
        for c in alone
        if (t := told.get(c.text))
    ]
    wished = wants(query.text) | ({"money"} if _HOW_MUCH.search(query.text) else set())
    ordered = sorted(both or told.values(), key=lambda c: -c.score - _FIGURE * has_a_figure(wished, c.text))
    firm = told_of_the_firm(query)
    of_the_firm = bool(ordered) and fit(firm, ordered[0].text)[0] > 0
    near = [c for c in ordered[1:] if c.score > ordered[0].score - FAR * (2 if both else 1)]
    return [*ordered[:1], *(c for c in near if not (of_the_firm and fit(firm, c.text)[1]))][:2]


_HOW_MUCH = re.compile(r"多少|几[钱万]|\bhow much\b|\bworth\b", re.I)


def _told(ground: Ground, query: Query, hits: Sequence[Hit]) -> list[Candidate]:
    every = ground.chooser(query).candidates(hits)
    told = [c for c in every if not is_not_known(c.passage) and not ground.tells_of_elsewhere(query, c.text)]
    return in_order(ground, query, told)


_NATIONAL = re.compile(r"国家|全国|中央|national", re.I)
