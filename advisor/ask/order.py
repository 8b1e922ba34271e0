"""In which order sentences answer: by the chooser's score, and by what speaks for or against each beyond it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from advisor.ask.asks import wants
from advisor.ask.circumstances import MAKES, fit, limits, told_now, told_of_the_firm
from advisor.ask.command import letters_only
from advisor.ask.features import goes_on, speaks_of_itself, step
from advisor.ask.ground import ABOUT_MONEY, PLACE_BOUND, Ground
from advisor.ask.plan import asks_for_aid, asks_for_money, asks_of_the_past
from advisor.ask.sentences import Candidate, shares_words
from advisor.model import Passage, Query
from advisor.ports import CrossEncoder, Vectors
from advisor.reading import last_heading, under_its_heading
from advisor.text import Quantity, fold, quantities

# Points of the chooser's score.
_GUIDE = 0.15  # what a guide gains on how to do something, as a share of the best score
_RULE = 4.0  # what a rule of the asked place gains
_NAMES_IT = 10.0  # what advice gains that names the asked place
_TOLD = 20.0  # what a sentence of an earlier answer loses: who asks on has read it
_TOLD_FIGURE = 6.0  # the same of one with a figure of the kind that is asked for: it may be wanted again
_DWELT = 4.0  # what a sentence gains of a document that the last answer quoted
_PAST = 6.0  # what a rate of years ago loses against today's
_OTHER_BATCH = 10.0
_WHOLE_POT = 12.0  # what the money of a whole scheme loses where the share of one firm is asked
_ON_TOP = 4.0  # what a sum that only some get on top loses where no level was told
_PAINS = 30.0  # a problem restated comes last where somebody asks what to do about it
_WITHIN, _BEYOND = 4.0, 6.0  # what a limit counts that lets the firm in, that shuts it out
_SCORED = 8.0  # the same besides, where this turn tells the points of a test
_OTHER_TRADE = 12.0  # what a class of another trade loses beside the one of the firm's own
_ANOTHER_THING = 8.0  # what is about one system loses where somebody asks how to begin at all
_FIRST_STEP = 8.0  # what the first step gains there, of all or with the system that was named
_LATER_STEP = 6.0  # what a later step loses where somebody asks how to begin
_GLOSSARY = 4.0  # what a definition loses where no meaning is asked
_GOES_ON = 3.0  # what a sentence loses that goes on from the one before it
_OTHER_RANK = 6.0  # what a sentence about another named rank loses that only mentions the asked one
_OTHER_LEVEL = 15.0  # what the money of another level loses: what holds for all is read before it
_ELSEWHERE = 6.0  # what a rule or advice of other places only loses where the question names its own
_HAS_IT = 6.0  # what a sentence loses that is for those who have what the asker lacks
_PAYS_OUT = 8.0  # what a sentence gains that tells how money is paid out, where somebody asks when it comes
_CORRECTS = 6.0  # what a sentence gains that tells as changed a figure which the question takes for granted
_READ = 2.0  # what one log-odds of the cross-encoder counts
ANSWERS = 0.5  # log-odds from which a sentence that was read together with the question answers it
READS_SO = 2.0  # the same, from which what leads is sure enough to say which figure was asked for
NEARLY = 2.0  # the same, by which a gap, or a figure of the same kind, may read worse than what leads
AMONG = 8  # sentences among which a figure or an admitted gap counts as near
NEAR = 3.0  # points below the best sentence at which another answers nearly as well
FAR = 9.0  # the same, at which another is no longer worth its line
_FROM_ANYWHERE = ("case", "catalogue", "statistics")
_POOL = 40
_READ_FIRST, _WITHIN_REACH = 6, 6.0  # sentences, and points below the best, that are read together with the question
_CLOSED_THERE = 6.0  # what a rule loses that has ended in a town nobody spoke of
_FURTHER = 10.0  # the same of a further turn, of which the turns before it say what is far


def odds_of(candidate: Candidate) -> float:
    """Log-odds that a sentence answers, by what was read of it; what was not read answers nothing."""
    return -math.inf if candidate.odds is None else candidate.odds


def in_order(ground: Ground, query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:
    """By score and what speaks for a sentence beyond it: guides on how to, rules of the firm's own place, news."""
    if not candidates:
        return []
    weigh = _Weighed(ground, query, candidates)
    lifted = [replace(c, score=c.score + weigh.lift(c)) for c in candidates]
    return as_read(ground, query, _best_first(lifted))


def _best_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: (-c.score, c.passage.document, c.start))


def as_read(ground: Ground, query: Query, candidates: list[Candidate]) -> list[Candidate]:
    """The nearest read together with the question, and more of them where none of these answers; those behind them count as
    the least fitting of these."""
    if ground.cross_encoder is None or not candidates:
        return candidates
    reach = _FURTHER if query.told else _WITHIN_REACH
    near = [c for c in candidates[:_READ_FIRST] if c.score > candidates[0].score - reach]
    odds = read_with(ground.cross_encoder, query, near)
    if odds.max() < 0.0 and len(near) < len(candidates[:_READ_FIRST]):
        near = candidates[:_READ_FIRST]
        odds = read_with(ground.cross_encoder, query, near)
    lost = _READ * (odds.max() - odds)
    least = float(lost.max())
    read = [replace(c, score=c.score - float(d), odds=float(o)) for c, d, o in zip(near, lost, odds, strict=True)]
    return _best_first([*read, *(replace(c, score=c.score - least) for c in candidates[len(near) :])])


def read_with(cross_encoder: CrossEncoder, query: Query, candidates: Sequence[Candidate]) -> Vectors:
    """Log-odds that each sentence answers: the question is read without the turns before, which would be answered again."""
    asked = query.text if query.told else query.semantic
    return cross_encoder.scores(asked, [under_its_heading(c.passage, c.text) for c in candidates])


class _Weighed:
    """What one question wants of its sentences, found out once."""

    def __init__(self, ground: Ground, query: Query, candidates: Sequence[Candidate]) -> None:
        self._ground, self._query = ground, query
        kind, text = query.plan.type, query.text
        said = f"{query.previous or ''} {text}"
        self._guide = _GUIDE * abs(candidates[0].score) if kind == "how_to" else 0.0
        self._rules = bool(query.places) and (kind in ABOUT_MONEY or asks_for_aid(said))
        self._told = "" if query.command else letters_only(query.told)
        self._dwelt = query.dwelt if query.places_from != "question" and not query.command else ()
        self._now = kind == "amount" and not query.years and not asks_of_the_past(text)
        self._own_share = kind == "amount" and asks_for_money(query) and not _OF_THE_POT.search(text)
        self._of_all = self._own_share and not query.levels and not _EXTRA.search(text)
        self._batches = batches_in(text)
        self._advice = kind in ("how_to", "procedure", "fact", "list") and not query.levels
        self._meaning = asks_for_a_meaning(query)
        self._wished = wants(text)
        self._begins = "start" in self._wished
        self._things = ground.lexicon.things(said)  # none: "how do we start?" means digital work at all
        self._ranks = _ranks(text)
        self._of_a_level = _asks_of_a_level(query)
        self._lacks = lacked(text)
        self._when_paid = bool(_WHEN_PAID.search(text))
        sums = {(sort, q.value) for q in quantities(fold(text)) if (sort := _sort_of_sum(q))}
        self._presumed = sums if _TAKES_FOR_GRANTED.search(text) else set()
        cured = self._advice and not self._begins
        self._pains = {c.passage.id: c.score for c in reversed(candidates) if cured and _PAIN.search(c.text)}
        self._limits = _Limits(ground, query, candidates[:_POOL])

    def lift(self, c: Candidate) -> float:
        text = c.text
        return (
            self._guide * (is_guide(self._ground, c) and not speaks_of_itself(text))
            + (_of_the_firms_place(self._ground, self._query, c) if self._rules else 0.0)
            + self._limits.count(c)
            - self._read_before(text)
            + _DWELT * (c.passage.document in self._dwelt)
            - _PAST * (self._now and is_history(text, self._query))
            - _OTHER_BATCH * bool(self._batches and (of := batches_in(text)) and not of & self._batches)
            - _WHOLE_POT * (self._own_share and bool(_POT.search(text)))
            - _ON_TOP * (self._of_all and bool(_EXTRA.search(text)))
            + self._of_the_pain(c)
            + (self._of_the_steps(c) if self._begins else 0.0)
            - _GLOSSARY * (not self._meaning and defines(self._ground, c))
            - _OTHER_RANK * (bool(self._ranks) and _is_of_another_rank(text, self._ranks))
            - _OTHER_LEVEL * (self._of_a_level and _of_another_level(self._query, text))
            - _ELSEWHERE * self._is_elsewhere(c)
            - _CLOSED_THERE * self._is_closed_elsewhere(c)
            - _GOES_ON * goes_on(text)
            + _PAYS_OUT * (self._when_paid and bool(_PAID_OUT.search(text)))
            + _CORRECTS * self._puts_right(text)
            - _HAS_IT * has_what_is_lacked(text, self._lacks)
        )

    def _read_before(self, text: str) -> float:
        """Points against what was told already."""
        if not self._told or letters_only(text) not in self._told or self._limits.is_asked_again(text):
            return 0.0
        return _TOLD_FIGURE if has_a_figure(self._wished, text) else _TOLD

    def _of_the_pain(self, c: Candidate) -> float:
        """Whoever tells a trouble and asks what to do gets the cure of its section in its place, the trouble itself last."""
        if _PAIN.search(c.text):
            return -_PAINS * self._advice
        pain = self._pains.get(c.passage.id, c.score) if _CURE.search(c.text) else c.score
        return max(pain - c.score, 0.0)

    def _puts_right(self, text: str) -> bool:
        """Whether a figure that the question takes for granted is told as changed: "it is still 1.75 %, right?"."""
        if not self._presumed or not _CHANGED.search(text):
            return False
        told = {(q.kind, q.value) for q in quantities(fold(text))}
        return bool({k for k, _ in told - self._presumed} & {k for k, _ in self._presumed})

    def _is_elsewhere(self, c: Candidate) -> bool:
        """Whether a rule or advice names only other places than the question does; a case may come from anywhere."""
        kind = self._ground.generation.documents[c.passage.document].kind
        bound = self._query.places_from == "question" and kind not in _FROM_ANYWHERE
        return bound and self._ground.names_only_others(self._query, c.text)

    def _is_closed_elsewhere(self, c: Candidate) -> bool:
        """Whether a rule has ended in a town or region of which nobody spoke."""
        document = self._ground.generation.documents[c.passage.document]
        return self._ground.nobody_spoke_of(self._query, document) and self._ground.stale(self._query, document.id)

    def _of_the_steps(self, c: Candidate) -> float:
        """The first step with what is to be begun leads; nobody begins at all with one system, or with a later step."""
        step, about = step_of(c.passage, c.text), self._ground.things_of(c.passage)
        fits = bool(about & self._things) if self._things else not about
        another = _ANOTHER_THING * bool(about and not self._things)
        return _FIRST_STEP * (step == 1 and fits) - another - _LATER_STEP * (step == 2)


# --- kinds of documents -------------------------------------------------------------------------------


def defines(ground: Ground, candidate: Candidate) -> bool:
    return ground.generation.documents[candidate.passage.document].kind == "term"


def is_guide(ground: Ground, candidate: Candidate) -> bool:
    return ground.generation.documents[candidate.passage.document].kind == "guide"


def step_of(passage: Passage, text: str) -> int:
    """1 where a sentence, or the heading right above it, tells the first step, 2 a later one, 0 none."""
    return step(text) or step(last_heading(passage))


def asks_for_a_meaning(query: Query) -> bool:
    return query.plan.type in ("definition", "comparison") or "meaning" in wants(query.text)


# --- places -------------------------------------------------------------------------------------------


def _of_the_firms_place(ground: Ground, query: Query, candidate: Candidate) -> float:
    """The lift of a rule of the asked place, and of advice that names it among general advice."""
    if is_rule_of(ground, query, candidate):
        return _RULE
    if not is_guide(ground, candidate):
        return 0.0
    told = {m.id for m in ground.lexicon.places.find(candidate.text)}
    return _NAMES_IT if told & set(query.places) else 0.0


def is_rule_of(ground: Ground, query: Query, candidate: Candidate) -> bool:
    document = ground.generation.documents[candidate.passage.document]
    home, covers = document.jurisdiction, ground.lexicon.places.covers
    return bool(home) and document.kind in PLACE_BOUND and any(covers(p, home or "") for p in query.places)


# --- the firm's own size and trade --------------------------------------------------------------------

_THE_REST = re.compile(
    r"其余|其他(?:企业|公司|商家)|\b(?:remaining|all other|other) (?:businesses|firms|companies|enterprises)\b", re.I
)
_ABOUT_IT = 5.0  # points below the best sentence from which a limit of another document is about something else
_SAME_FORM = 0.3  # share of words from which two limits of a document are the same of two trades


class _Limits:
    """Limits on people or turnover: one that lets the firm in leads, one that shuts it out falls behind the class of the
    same document that fits, and where none fits it is the answer. Of classes told trade by trade the firm's own counts."""

    def __init__(self, ground: Ground, query: Query, candidates: Sequence[Candidate]) -> None:
        self._industries = ground.lexicon.industries
        self._firm, self._now = told_of_the_firm(query), told_now(query)
        self._trades = query.industries or (("manufacturing",) if MAKES.search(query.text) else ())
        fitting = [c for c in candidates if self._firm and fit(self._firm, c.text)[0]]
        self._home, self._least = candidates[0].passage.document, candidates[0].score - _ABOUT_IT
        self._let_in = {c.passage.document for c in fitting}
        shut = [c for c in candidates if self._firm and fit(self._firm, c.text)[1]]
        self._shuts_out = {c.passage.document for c in shut} - self._let_in
        self._has_a_rest = any(self._is_of_the_rest(c) for c in candidates)
        self._own = [c for c in fitting if self._names_the_trade(c.text)]

    def count(self, candidate: Candidate) -> float:
        """Points for or against a sentence."""
        if not self._firm or (candidate.passage.document != self._home and candidate.score < self._least):
            return 0.0
        within, beyond = fit(self._firm, candidate.text)
        if limits(candidate.text) and self._is_of_another_trade(candidate):
            return -_OTHER_TRADE
        fits_elsewhere = candidate.passage.document in self._let_in or self._has_a_rest
        shut_out = -_BEYOND if fits_elsewhere else _WITHIN
        scored = _SCORED if "points" in self._now else 0.0
        return (_WITHIN + scored) * within + shut_out * beyond

    def is_asked_again(self, text: str) -> bool:
        """Whether a sentence limits what this turn tells of the firm: "and with 60?"."""
        return any(b.measure in self._now for b in limits(text))

    def _is_of_the_rest(self, candidate: Candidate) -> bool:
        """Whether it tells of all firms that a limit of the same document shuts out: "the remaining businesses"."""
        return candidate.passage.document in self._shuts_out and bool(_THE_REST.search(candidate.text))

    def _is_of_another_trade(self, candidate: Candidate) -> bool:
        """Whether the same document says the same of the firm's own trade, and this of another."""
        alike = (
            c.passage.document == candidate.passage.document and shares_words(c.text, candidate.text) > _SAME_FORM
            for c in self._own
        )
        return any(alike) and not self._names_the_trade(candidate.text)

    def _names_the_trade(self, text: str) -> bool:
        named = [m.id for m in self._industries.find(text)] if self._trades else []
        return any(self._industries.covers(n, t) for n in named for t in self._trades)


# --- figures and times --------------------------------------------------------------------------------

_LASTS = re.compile(
    r"\d\s*(?:个?(?:年|月|工作日|天|周|小时)|(?:years?|months?|weeks?|(?:working )?days?|hours?)\b)", re.I
)
_FIGURES = (("money", "money"), ("money", "percent"), ("percent", "percent"), ("when", "date"), ("count", "number"))


_SHARE = re.compile(r"一半|半数|[二三四五]分之[一二三四]|\b(?:half|a third|two thirds|a quarter)\b", re.I)


def says_a_share(text: str) -> bool:
    """Whether a share stands there in words: "pays half"."""
    return bool(_SHARE.search(text))


def has_a_figure(wished: Collection[str], text: str) -> bool:
    """Whether a figure of a kind that is asked for stands there: it is told again rather than left out."""
    kinds = {k for w, k in _FIGURES if w in wished}
    lasts = "when" in wished and bool(_LASTS.search(text))
    return (
        lasts
        or ("percent" in wished and says_a_share(text))
        or (bool(kinds) and any(q.kind in kinds for q in quantities(fold(text))))
    )


_MUCH = r"[\d.,]+ ?(?:百?万|亿|million|billion)"
_POT = re.compile(
    rf"预算(?:为|是|共|约|达)?{_MUCH}|\bbudget of (?:[A-Z]{{3}} )?{_MUCH}|{_MUCH}(?: [a-z]+)? budget\b|"
    rf"(?:had|set aside) (?:[A-Z]{{3}} )?{_MUCH}(?: [a-z]+)? for (?:about |some |over )?[\d,]+ (?:firms|SMEs)",
)
_EXTRA = re.compile(
    r"另外追加|追加奖|再追加|额外奖|\bon top\b|\badds (?:another )?\d|\ban extra \d|\bextra award", re.I
)
_OF_THE_POT = re.compile(
    r"预算|总共|一共|总额|总计|规模|盘子|整个|全国|\b(?:budget|total|altogether|overall|pot|whole|programme'?s|set aside)\b",
    re.I,
)

_WAS = re.compile(
    r"曾|当时|开办时|起初|原来|一度|降回|延长到|\b(?:was|were|had|gave|paid|at first|when it started|(?:later )?extended (?:to|until))\b",
    re.I,
)
_CURE = re.compile(r"办法是|\bthe (?:solution|remedy|cure) is\b", re.I)
_PAIN = re.compile(r"对应2024年版评测指标|(?:is|are) (?:the|an?) .{3,60}\bscenes?\b")


def is_history(text: str, query: Query) -> bool:
    """Whether a sentence tells what once was: all its years are over, and it says so."""
    years = {
        q.value[0] for q in quantities(fold(text)) if q.kind == "date" and isinstance(q.value, tuple) and q.value[0]
    }
    return bool(years) and max(years) < query.as_of.year - 1 and bool(_WAS.search(text))


def _sort_of_sum(q: Quantity) -> str | None:
    """Money or a share; a large number without a unit is money, as people say "ten million"."""
    if q.kind == "number" and isinstance(q.value, float | int) and q.value >= _LARGE:
        return "money"
    return q.kind if q.kind in ("money", "percent") else None


_LARGE = 10_000
_TAKES_FOR_GRANTED = re.compile(
    r"还是|仍是|仍然是|依然|吧|没错|对不对|对吗|是不是|不是说|\b(?:still|right|correct|isn't it|is it not|wasn't it|no)\s*[?.,]|\bstill\b|\bsurely\b|\bi (?:read|heard|thought|was told)\b",
    re.I,
)
_CHANGED = re.compile(
    r"(?:提高|上调|下调|降低|调高|调低|调整|增加|减少|改|升|降)(?:至|到|为)|(?:上调|下调|提高|降低)|不再|取代|\b(?:rais|increas|lower|reduc|chang|replac|cut|rose|fell)\w*\b.{0,80}\bto\b|\bno longer\b|\bfrom\b.{1,30}\bto\b",
    re.I,
)
_BATCH = re.compile(r"第([一二三四五六七八九十\d]+)批|\b(first|second|third|fourth|fifth)[ -]batch", re.I)
_ORDINALS = {
    "first": "一",
    "second": "二",
    "third": "三",
    "fourth": "四",
    "fifth": "五",
    **dict(zip("12345", "一二三四五", strict=True)),
}


def batch_in(text: str) -> str:
    """The first batch that a text names, as it stands there."""
    found = _BATCH.search(text)
    return found[0] if found else ""


def batches_in(text: str) -> frozenset[str]:
    """The batches that a text names, as Chinese numerals."""
    found = ((zh or en).lower() for zh, en in _BATCH.findall(text))
    return frozenset(_ORDINALS.get(f, f) for f in found)


# --- levels -------------------------------------------------------------------------------------------

_AND_ABOVE = re.compile(
    r"以上|或更高|至|(?<![达做评升拿])到.{0,3}级|or (?:above|higher|more|better)|at least|to level", re.I
)


def of_the_levels(query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same; where money is asked for at some levels, without what holds at others only."""
    told = [c for c in candidates if not (_asks_of_a_level(query) and _of_another_level(query, c.text))]
    return told or list(candidates)


def _asks_of_a_level(query: Query) -> bool:
    return bool(query.levels) and (query.plan.type in ABOUT_MONEY or asks_for_aid(query.text))


def _of_another_level(query: Query, text: str) -> bool:
    """Whether a sentence holds for one level only, which is none of those asked about."""
    levels = _levels_in(text)
    reached = bool(_AND_ABOVE.search(text)) and min(levels, default=0) <= max(query.levels)
    return len(levels) == 1 and not levels & set(query.levels) and not reached


def pays_from_below(query: Query, text: str) -> bool:
    """Whether a sentence tells what holds from a level on which the asked one has reached: "level 2 or above"."""
    levels = _levels_in(text)
    return len(levels) == 1 and min(levels) < min(query.levels) and bool(_AND_ABOVE.search(text))


def _levels_in(text: str) -> set[int]:
    return {int(q.value) for q in quantities(fold(text)) if q.kind == "level" and not isinstance(q.value, tuple)}


_RANK = re.compile(
    r"(基础|入门|初始|规范|集成|先进|卓越|领航|领军|引领|标杆|优化|协同)级|\b(\w+) (?:tier|rank)\b", re.I
)


@lru_cache(maxsize=20_000)
def _ranks(text: str) -> tuple[str, ...]:
    """Ranks called by name, in their order: 先进级, the advanced tier."""
    return tuple(zh or en.lower() for zh, en in _RANK.findall(text))


def _is_of_another_rank(text: str, asked: Sequence[str]) -> bool:
    """ "The top tier is chosen from the advanced one" is about the top tier."""
    named = [r for r in _ranks(text) if r.isascii() == asked[0].isascii()]
    return bool(named) and named[0] not in asked


# --- when money comes ---------------------------------------------------------------------------------

_WHEN_PAID = re.compile(
    r"到账|打款|拨款|(?:啥时候|什么时候|多久|几时|哪天).{0,6}(?:拿到钱|发钱|打钱|给钱)|(?:钱|剩下|余下|其余|尾款|另一半).{0,4}(?:啥时候|什么时候|多久|几时|哪天)"
    r"|\bwhen\b.{0,30}\b(?:money|cash|paid|payout|the rest|the remainder|the other (?:half|\d+))\b|\bhow long\b.{0,30}\b(?:money|cash|paid)\b",
    re.I,
)
_PAID_OUT = re.compile(
    r"先拨|预拨|拨付|到账|兑付|发放|\b(?:paid (?:out|after|in advance|once)|pays? (?:out|the rest)|advance payment)\b",
    re.I,
)

# --- what the asker lacks -----------------------------------------------------------------------------

_LACKS = re.compile(
    r"(?:没有?|(?<!毫)无|不带)(?:任何|什么)?([\u4e00-\u9fff]{2})|\b(?:no|without(?: an?y?)?|(?:have|has|had)n'?t(?: got)?(?: an?y?)?|don'?t have(?: an?y?)?) ([a-z]{4,})",
    re.I,
)
_DENIES = r"没有?|无|不带|缺|\bno\b|\bwithout\b|\bnone\b|n't\b"


def lacked(text: str) -> frozenset[str]:
    """What the asker says not to have.

    >>> sorted(lacked("老车床没有网口，怎么看开机率"))
    ['网口']
    """
    return frozenset(zh or en.lower() for zh, en in _LACKS.findall(text))


@lru_cache(maxsize=20_000)
def has_what_is_lacked(text: str, lacks: frozenset[str]) -> bool:
    """Whether a sentence is for those who have one of these: "controllers with a network port"."""
    if not lacks or re.search(_DENIES, text, re.I):
        return False
    return any(
        re.search(rf"(?:有|带).{{0,4}}{re.escape(w)}|\bwith\b.{{0,16}}\b{re.escape(w)}", text, re.I) for w in lacks
    )
