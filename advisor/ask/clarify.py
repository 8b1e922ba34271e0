"""One question back, where the rules that were found differ by a fact that is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from advisor.ask.asks import wants
from advisor.ask.circumstances import MAKES, limits
from advisor.ask.elsewhere import home_of, of_the_country
from advisor.ask.from_records import fitting, funding_rows, overlap
from advisor.ask.ground import PLACE_BOUND, WIDER, Ground
from advisor.ask.next_step import PROPER_NAME
from advisor.ask.order import ANSWERS, read_with
from advisor.ask.plan import PLANS, asks_for_aid, asks_for_money
from advisor.ask.sentences import Candidate, SentenceChooser, is_not_known
from advisor.model import Answer, Clarify, Document, Hit, Query, Statement
from advisor.records import Funding
from advisor.text import tokens
from advisor.wording import say, wording

Compose = Callable[[Query, Sequence[Hit], SentenceChooser], Answer]
_MOST_CHOICES = 5
_MOST_UNSAID = 0.35
_MOST_BESIDE = 0.45  # share of the words beside those of applying, up to which a question names nothing
_MOST_SHOWN = 4  # so many readings are simply shown; more are asked about
_LIMITS_LOOKED_AT = 30
_SIZE_CLASS = re.compile(
    r"(?:算|属于|是|勾|填|归)[^，,。？?]{0,12}(?:大型|中型|小型|微型)|(?:大型|中型|小型|微型)[^，,。？?]{0,6}(?:还是|或)|\b(?:are|is|am|do|does|would|still)\b[^.?!]{0,30}\b(?:small|medium|micro|large)(?:[- ](?:sized|or))?[^.?!]{0,12}\b(?:firm|company|business|enterprise|sme)\b",
    re.I,
)
_ABOUT_RULES = ("amount", "eligibility", "procedure", "list", "fact", "status", "deadline")


def clarify(ground: Ground, query: Query, hits: Sequence[Hit]) -> Answer | None:
    """The place, where the found rules differ by place; else the level, size or variant, where one rule has many."""
    if query.named or query.plan.type not in _ABOUT_RULES:
        return None
    if asked := _trade(ground, query, hits):
        return asked
    if not query.places:
        return _place(ground, query, hits)
    if set(query.places) <= {"EU"}:
        return None if _SELLS_THERE.search(query.text) else _country(ground, query, hits)
    return _row(ground, query, hits)


_SELLS_THERE = re.compile(
    r"(?:欧洲|欧盟)的?(?:客户|客人|买家|大厂|采购|市场)|(?:卖|出口|发货|供货)(?:到|给|往|去)?(?:欧洲|欧盟)|"
    r"\b(?:european|eu) (?:customers?|clients?|buyers?|market)|\b(?:sell|export|ship|deliver)\w*\b.{0,30}\b(?:europe|eu)\b",
    re.I,
)


def _ask(slot: str, query: Query, choices: Sequence[str], key: str | None = None) -> Answer:
    question = say(f"clarify.{key or slot}", query.language)
    return Answer("clarify", (Statement(question, "notice"),), "needs_fact", Clarify(slot, question, tuple(choices)))


def _trade(ground: Ground, query: Query, hits: Sequence[Hit]) -> Answer | None:
    """What the firm does, where its size is asked for and the limits that were found are told trade by trade."""
    if query.industries or not _SIZE_CLASS.search(query.text) or MAKES.search(query.text):
        return None
    told = [c for c in ground.chooser(query).candidates(hits)[:_LIMITS_LOOKED_AT] if limits(c.text)]
    trades = list(dict.fromkeys(m.id for c in told for m in ground.lexicon.industries.find(c.text)))
    if len(trades) < _MOST_SHOWN:
        return None
    names = [ground.lexicon.industries.name(t).get(query.language) for t in trades[: _MOST_CHOICES + 1]]
    return _ask("industry", query, names)


# --- where --------------------------------------------------------------------------------------


def _place(ground: Ground, query: Query, hits: Sequence[Hit]) -> Answer | None:
    """Where the firm is, only where public money is asked for in general and the found rules are of several places."""
    if of_the_country(query):
        return None
    local = [d for d in _paying(ground, query, hits, 10) if _is_local(d)]
    places = list(dict.fromkeys(d.jurisdiction for d in local if d.jurisdiction))
    own_aid = asks_for_aid(query.text) and bool(OF_ONES_OWN.search(query.text))
    wanted = query.plan.type in ("amount", "eligibility", "procedure") or (query.plan.type == "fact" and own_aid)
    leads = bool(hits) and ground.document(hits[0]) in local and wanted
    if _SHARED.search(query.text):
        places = [*places, *(p for p in _open_places(ground, query) if p not in places)]
    of_the_pilot = _is_of_the_pilot(ground, query, hits)
    one_of_many = of_the_pilot or leads
    if one_of_many and len(places) < 2 and ground.chooser(query).known.likely < _SURELY_ASKED:
        # What was found is one town's, or the country's about its towns.
        near = [p for p in _open_places(ground, query) if p.startswith("CN") or not of_the_pilot]
        places = [*places, *(p for p in near if p not in places)]
    if len(places) < 2 or _HOW_LONG.search(query.text) or not (one_of_many or _SUBSIDY.search(query.text)):
        return None
    return _ask_place(ground, query, places)


def _is_of_the_pilot(ground: Ground, query: Query, hits: Sequence[Hit]) -> bool:
    """Whether the national call for pilot cities was found first by who asks for himself: his city's rules decide."""
    first = ground.document(hits[0]) if hits else None
    if first is None or first.jurisdiction != "CN" or "city-pilot" not in first.topics:
        return False
    kinds = ("amount", "status", "deadline")
    own = OF_ONES_OWN.search(query.text) and (asks_for_aid(query.text) or _OF_A_CALL.search(query.text))
    return query.plan.type in kinds and bool(own)


_OF_A_CALL = re.compile(
    r"申请|申报|报名|还能报|赶得上|来得及|\bappl(?:y|ied|ying|ications?)\b|\btoo late\b|\bmoney\b|\bin time\b", re.I
)


def _ask_place(ground: Ground, query: Query, places: Sequence[str]) -> Answer:
    names = [ground.lexicon.places.name(p).get(query.language) for p in most_local(places)[:_MOST_CHOICES]]
    return _ask("region", query, (*names, say("clarify.other_place", query.language)))


def _paying(ground: Ground, query: Query, hits: Sequence[Hit], n: int) -> list[Document]:
    return [
        d
        for d in ground.first_documents(hits, n)
        if d.kind in PLACE_BOUND and ground.records(d).funding and not ground.stale(query, d.id)
    ]


def _is_local(document: Document) -> bool:
    return bool(document.jurisdiction and "/" in document.jurisdiction)


def _open_places(ground: Ground, query: Query) -> list[str]:
    """Places whose rules pay today, those of the reader's own part of the world first."""
    documents = [d for d in ground.generation.documents.values() if d.kind in PLACE_BOUND and d.jurisdiction]
    paying = [
        d.jurisdiction
        for d in documents
        if d.jurisdiction not in WIDER
        and d.validity(query.as_of) in ("in_force", "unknown")
        and any(r.status == "open" and r.instrument in ("grant", "voucher") for r in ground.records(d).funding)
    ]
    found = sorted({p for p in paying if p})
    home = [p for p in found if p.startswith("CN")]
    return home if query.language == "zh" else [*(p for p in found if p not in home), *home]


def _country(ground: Ground, query: Query, hits: Sequence[Hit]) -> Answer | None:
    """Which country of the union: where several members' rules, or one text's sentences about several, were found."""
    members = ground.lexicon.places
    inside = [
        d.jurisdiction
        for d in ground.first_documents(hits, 10)
        if d.jurisdiction and d.jurisdiction not in WIDER and members.covers("EU", d.jurisdiction)
        if ground.records(d).funding and asks_for_money(query)
    ]
    places = list(dict.fromkeys(p for p in inside if p))
    if not places and query.plan.type in ("deadline", "amount"):
        told = ground.chooser(query).candidates(hits)[:12]
        of_one = [m for c in told if len(m := {m.id for m in members.find(c.text)} - set(WIDER)) == 1]
        places = list(dict.fromkeys(p for m in of_one for p in m if members.covers("EU", p)))
    return _ask_place(ground, query, places) if len(places) > 2 else None


# --- which row ----------------------------------------------------------------------------------


def _row(ground: Ground, query: Query, hits: Sequence[Hit]) -> Answer | None:
    """Level, size or variant, where the first rule has more rows than can be shown and nothing picks one."""
    if not hits or query.plan.type != "amount" or not asks_for_money(query) or query.parts:
        return None
    document = ground.document(hits[0])
    if document.kind not in PLACE_BOUND or ground.stale(query, document.id):
        return None
    rows = [r for r in fitting(funding_rows(document), query) if r.status != "closed"]
    best = max((overlap(r, query) for r in rows), default=0)
    rows = [r for r in rows if overlap(r, query) == best]
    if len({_worth(r) for r in rows}) <= _MOST_SHOWN or len({r.scheme.zh for r in rows}) > 1:
        return None
    levels = sorted({r.level for r in rows if r.level is not None})
    language = query.language
    if len(levels) > 1 and not query.levels:
        return _ask("level", query, [say("record.level", language, level=_numeral(n, language)) for n in levels])
    segments = list(dict.fromkeys(r.segment.get(language) for r in rows if r.segment))
    if _says_which(ground, query, rows):
        return None
    sized = all(_SIZE.search(s) for s in segments)
    return _ask("size" if sized else "variant", query, segments[:6]) if len(segments) > 1 else None


def _says_which(ground: Ground, query: Query, rows: Sequence[Funding]) -> bool:
    """Whether the question says more than the place and the scheme: then its words may well name one of them."""
    known = {t for p in query.places for t in ground.place_tokens(p)}
    known |= {t for r in rows for t in tokens(r.scheme.get(query.language))}
    known |= set(tokens(_GENERIC))
    chooser = ground.chooser(query)
    return chooser.share(frozenset(t for t in chooser.weights if t not in known)) > _MOST_UNSAID


_GENERIC = "补贴 补助 奖补 奖励 资金 数字化 企业 能补 最高 subsidy grant voucher support funding firm digital digitalisation digitalization pay most highest"
_SIZE = re.compile(r"员工|人|staff|employees", re.I)


def _numeral(level: int, language: str) -> str | int:
    return "一二三四五六七八九"[level - 1] if language == "zh" else level


def _worth(row: Funding) -> tuple[float | None, ...]:
    return tuple(f.highest if f else None for f in (row.rate, row.cap, row.amount))


# --- bare questions -----------------------------------------------------------------------------

_HOW_MUCH = re.compile(r"多少|几成|how much", re.I)
_BARE = re.compile(
    r"^(?:\W*(?:那么?|请问|你好|您好|老板|我们?|咱们?|俺们?|我们?(?:厂|公司|企业)|这样的?|这种|像我们这样的?|so|and|ok|well|then|hi|hello|but|please|[,，。.!！?？\s])*"
    r"(?:(?:能不能|可不可以|可以|能否|能|可否|是否|够不够|符不符合|符合|有没有|还能|还可以|怎么|如何)(?:再)?(?:申请|申报|报|享受|领|拿|条件|资格|资格申请|够条件|符合条件)(?:补贴|补助|钱|资金|政策)?|(?:能|可以|可)?(?:再)?(?:补|拿|领|给)(?:到)?多少(?:钱|补贴|补助)?|(?:有|想要?|需要|要|求|想申请|想拿|申请)?(?:什么|啥|点|个|一?些)?(?:补贴|补助)|有(?:没有)?资格|够(?:不够)?条件|算不算数|"
    r"(?:(?:i|we) )?(?:(?:need|want(?: to (?:get|apply for))?|look(?:ing)? for|get|would like) )?(?:any |a |some )?(?:subsid(?:y|ies)|grants?|funding|vouchers?)|(?:what|which|are there any|is there any|any) (?:subsid(?:y|ies)|grants?|funding|vouchers?|money|support)(?: (?:is|are) there)?(?: (?:is|are) (?:available|possible))?(?: for (?:us|me|my firm|our firm|my company|our company))?|(?:what|which) (?:subsid(?:y|ies)|grants?|funding|money|support) can (?:i|we) get|how much (?:(?:subsid(?:y|ies)|money|funding|support|of a grant) )?(?:(?:can|do|will|would|could) )?(?:i|we) get|how much (?:do(?:es)?|will|would) (?:it|they|this|that) (?:pay|give)|(?:am|are|is|do|does|would|could|can|may) (?:i|we|my firm|my company|our firm|our company|my business) (?:be )?(?:eligible|qualify|entitled|apply|allowed|get (?:it|anything|something|money))(?: (?:for (?:it|this|that|(?:a|any|the) (?:subsidy|subsidies|grants?|funding|support|money))|to apply))?)"
    r"(?:吗|么|不|呢|吧|了|的)?\W*)+$",
    re.I,
)


def bare(ground: Ground, query: Query, compose: Compose) -> Answer | None:
    """ "Am I eligible?" and nothing else: for which scheme, or where; the scheme's own answer where there is only one."""
    if query.previous or query.named or not _BARE.search(query.text):
        return None
    if not query.places:
        return _ask_place(ground, query, _open_places(ground, query))
    homes = {h for p in query.places if (h := home_of(p, ground))}
    documents = [
        d
        for d in ground.generation.documents.values()
        if d.jurisdiction in homes and d.kind in PLACE_BOUND and not ground.stale(query, d.id)
    ]
    paying = [d for d in documents if any(r.status == "open" for r in funding_rows(d))] or [
        d for d in documents if funding_rows(d)
    ]
    if len(paying) > 1:
        names = [(d.aliases.get(query.language) or (d.title.get(query.language),))[0] for d in paying]
        return _ask("scheme", query, names[:_MOST_CHOICES])
    if not paying:
        return None
    own = ground.generation.by_document.get((paying[0].id, query.language), ())
    money = _HOW_MUCH.search(query.text)
    said = say("clarify.how_much" if money else "clarify.who", query.language)
    plan = PLANS["amount" if money else "eligibility"]
    wish = replace(query, named=(paying[0].id,), plan=plan, semantic=said, text=said)
    return compose(wish, [Hit(p, 1.0 / (i + 1), i + 1) for i, p in enumerate(own)], ground.chooser(wish))


def whereabouts(ground: Ground, query: Query) -> Answer | None:
    """ "Is it too late to apply?" and not a word of what: where, for every place has a day of its own."""
    known = query.previous or query.named or query.places or query.industries
    if known or query.plan.type not in ("status", "deadline") or of_the_country(query):
        return None
    chooser = ground.chooser(query)
    said = chooser.share(frozenset(t for t in chooser.weights if t not in _OF_APPLYING))
    if said > _MOST_BESIDE or (said and chooser.known.likely > _SURELY_ASKED) or PROPER_NAME.search(query.text):
        return None
    return _ask_place(ground, query, _open_places(ground, query))


_OF_APPLYING = frozenset(
    tokens(
        "申请 申报 报名 报 材料 截止 来得及 赶得上 时间 现在 今年 明年 年前 年底 提交 交 补贴 补助 资金 政策 名额 晚了 "
        "apply applying application applications late hand papers documents submit deadline open closed close still time "
        "before after new year end month week money grant grants subsidy funding round call now today yet"
    )
)


def where(ground: Ground, query: Query) -> Answer | None:
    """Public money wished for, no place told and nothing named: before it is refused, or an ended scheme is shown, the place
    is asked for."""
    if query.places or query.named or query.previous or query.plan.type not in ("amount", "eligibility", "list"):
        return None
    if "when" in wants(query.text) or not OF_ONES_OWN.search(query.text):
        return None
    if not asks_for_aid(query.text) or of_the_country(query):
        return None
    return None if PROPER_NAME.search(query.text) else _ask_place(ground, query, _open_places(ground, query))


def wished(ground: Ground, query: Query) -> Answer | None:
    """The same of who wishes to know what there is for his firm, whatever else is told of it: what was found is some place's."""
    if query.places or query.named or query.previous or of_the_country(query) or not _WISHED.search(query.text):
        return None
    if (
        PROPER_NAME.search(query.text)
        or not OF_ONES_OWN.search(query.text)
        or ground.chooser(query).known.likely > _SURELY_ASKED
    ):
        return None
    return _ask_place(ground, query, _open_places(ground, query))


def alike_elsewhere(ground: Ground, query: Query, candidates: Sequence[Candidate]) -> Answer | None:
    """No place told or named, one town's rule leads and another's reads as nearly the same answer: "level 3, how much?"."""
    known = query.places or query.named or query.previous or query.dwelt or of_the_country(query)
    if known or query.plan.type not in _ABOUT_RULES or not ground.cross_encoder:
        return None
    near = [c for c in candidates if c.score > candidates[0].score - _WORTH_READING and not is_not_known(c.passage)]
    best: dict[str, Candidate] = {}
    for c in near:
        if home := _holds_in(ground, query, c):
            best.setdefault(home, c)
    places, said = list(best), list(best.values())
    if len(most_local(places)) < 2 or not (said[0] is near[0] or _is_of_the_union(ground, query, near[0])):
        return None
    odds = read_with(ground.cross_encoder, query, said)
    alike = [p for p, o in zip(places, odds, strict=True) if o > max(ANSWERS, odds[0] - _AS_NEARLY)]
    return _ask_place(ground, query, alike) if len(most_local(alike)) > 1 else None


def _holds_in(ground: Ground, query: Query, candidate: Candidate) -> str | None:
    """The place whose rule a sentence tells: its document's, or the one member that it names where that is a union's."""
    document = ground.generation.documents[candidate.passage.document]
    home = document.jurisdiction
    if document.kind not in PLACE_BOUND or not home:
        return None
    if home not in WIDER:
        return home
    told = {m.id for m in ground.lexicon.places.find(candidate.text)} - {home}
    inside = [p for p in told if home == "EU" and ground.lexicon.places.covers(home, p)]
    return inside[0] if len(inside) == 1 and query.plan.type in _RULED_BY_MEMBERS else None


def _is_of_the_union(ground: Ground, query: Query, candidate: Candidate) -> bool:
    document = ground.generation.documents[candidate.passage.document]
    return document.jurisdiction == "EU" and query.plan.type in _RULED_BY_MEMBERS


_RULED_BY_MEMBERS = ("deadline", "eligibility", "procedure", "status")
_WORTH_READING = 12.0  # points below the best sentence within which another place's rule is read
_AS_NEARLY = 1.5  # log-odds by which it may read worse than the one that leads
_SURELY_ASKED = 0.6  # likelihood above which a known question is the one that was asked
_WISHED = re.compile(
    r"\bhow much (?:money |funding |support |of a (?:grant|subsidy) )?(?:can|could|would|will|do|might) (?:we|i|my \w+|our \w+) (?:get|receive|claim)\b"
    r"(?! (?:from|under|with|by|through|via|back|out of)\b)"
    r"|\bis there (?:any )?(?:money|funding|subsid\w+|grants?)\b[^.?!,]{0,30}\b(?:for us|for me|in (?:it|that)|for (?:my|our) (?:firm|company|business|shop|plant|factory))\b"
    r"|(?:能|可以)(?:拿|领|补|得)(?:到)?(?:多少|几)(?:钱|补贴|补助|万)(?![个家])"
    r"|(?:补贴|补助)[^。？?]{0,12}(?:够不够|符不符合|有没有)(?:条件|资格)",
    re.I,
)
OF_ONES_OWN = re.compile(r"我|咱|俺|本[厂店]|\b(?:i|we|us|our|my)\b", re.I)


# --- what was chosen ----------------------------------------------------------------------------


def chosen(question: str, last_answer: str, text: str) -> str | None:
    """Our question back and the reader's few words make one question, as if they had stood in the first."""
    slots = ("region", "level", "size", "variant", "scheme", "industry", "year")
    asked = {say(f"clarify.{s}", language) for s in slots for language in ("zh", "en") if _has(s)}
    if not any(q in last_answer for q in asked) or len(set(tokens(text))) > 14 or re.search(r"[?？]", text):
        return None
    return f"{question}（{text}）" if re.search(r"[\u4e00-\u9fff]", question) else f"{question} ({text})"


def _has(slot: str) -> bool:
    return slot in wording("clarify", "en")


_SHARED = re.compile(
    r"(?:政府|国家|公家|市里|区里|财政).{0,4}(?:出|补|给|掏|贴|承担)(?:多少|几)|how much (?:does|will|would) the (?:government|state|city|public) pay",
    re.I,
)
_HOW_LONG = re.compile(
    r"多久|多长时间|(?:几|多少)个?(?:天|工作日|星期|月)|\bhow (?:long|many (?:working )?(?:days|weeks|months))\b", re.I
)
_SUBSIDY = re.compile(
    _SHARED.pattern
    + r"|(?:补贴|补助|奖补|奖励|资金|政策).{0,12}(?:多少|吗|么|哪些|怎么|能|有没有|什么)|(?:能|可以|有没有|怎么|想).{0,10}(?:补贴|补助|奖补|补多少|拿多少|申请资金)|"
    r"(?:subsid\w+|grants?|vouchers?|funding|money|support)\b.{0,60}\b(?:we|us|our|my|i)\b|\b(?:we|us|our|my|i)\b.{0,60}\b(?:subsid\w+|grants?|voucher|funding|money)\b",
    re.I,
)


def most_local(places: Sequence[str]) -> list[str]:
    """A province beside its own city is no choice."""
    return [p for p in places if not any(q != p and q.startswith(f"{p}/") for q in places)]


__all__ = ["alike_elsewhere", "bare", "chosen", "clarify", "most_local", "where", "whereabouts", "wished"]
