"""Figures with what they count and which way they bound, and whether one stands for another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from advisor.text import Kind, Quantity, chinese_number, fold, quantities

Bound = Literal["upper", "lower"]
Value = float | tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in folded text; a range's first number may be meant in the scale of its second, hence several values."""

    kind: Kind
    values: tuple[Value, ...]
    unit: str | None
    bound: Bound | None
    shown: str
    start: int


_UNITS: dict[str, str] = {
    "working_day": r"个?工作日|(?:working|business) days?",
    "day": r"天|日(?![元本圆])|(?:calendar )?days?",
    "week": r"个?(?:周(?!年)|星期)|weeks?",
    "month": r"个月|月|months?",
    "quarter": r"个?季度|quarters?\b",
    "hour": r"个?小时|hours?",
    "minute": r"分钟|minutes?",
    "year": r"周?年|years?",
    "person": r"人(?!次|民|均)|名|位(?:员工|职工)?|员工|职工|(?:full-time |part-time )?(?:staff|employees?|people|workers?|persons?)",
    "firm": r"[家户](?!用)|个?企业|(?:[a-z-]+ ){0,2}?(?:firms?|compan(?:y|ies)|enterprises?|smes?|businesses|manufacturers?)",
    "city": r"个?[试点]*(?:城市|市)|(?:pilot )?cit(?:y|ies)",
    "times": r"倍|times\b|-?fold",
    "score": r"分(?![之钟批期别为])|points?\b",
    "item": r"项|(?:items?|projects?|indicators?|questions?|scenarios?|scenes?)",
    "piece": r"[台套]|(?:units?|machines?)\b",
    "ton": r"吨|tonnes?|tons?\b",
    "area": r"平方米|㎡|square met(?:er|re)s?",
    "mu": r"亩|mu\b",
    "energy": r"千瓦时|度电|kwh",
    "energy_big": r"兆瓦时|mwh|gwh",
    "volume": r"立方米|㎥|m³|cubic met(?:er|re)s?",
    "mm": r"毫米|mm\b|millimet(?:er|re)s?",
    "cm": r"厘米|cm\b|centimet(?:er|re)s?",
    "metre": r"米|met(?:er|re)s?\b|m\b",
    "km": r"公里|千米|km\b|kilomet(?:er|re)s?",
    "kg": r"公斤|千克|kg\b|kilograms?|kilos?\b",
    "gram": r"克(?!服)|grams?\b",
    "litre": r"升(?![级])|lit(?:er|re)s?",
    "franc": r"瑞士法郎|法郎|francs?|chf\b",
    "zloty": r"兹罗提|zlot(?:y|ys|ych)|pln\b",
    "mark": r"马克|marks?\b",
    "crown": r"克朗|krone[rn]?|kron[ao]r?|koruna\w*|sek\b|dkk\b|czk\b",
    "rupee": r"卢比|rupees?|inr\b",
    "rouble": r"卢布|roubles?|rubles?",
}
_UNIT = re.compile(r"\s*(?:多|余|来|-)?\s*(?:" + "|".join(f"(?P<{k}>{v})" for k, v in _UNITS.items()) + r")(?![a-z])")

_UPPER_BEFORE = r"不(?:得|能|可|应|许|会|再|准)?(?:超过|高于|大于|多于|突破)|(?:[未没别勿]|没有|从未|并未)(?:超过|高于|多于|突破|到)|最(?:高|多|长|大)|至多|顶多|撑死|上限|封顶|the limit of|as (?:much|many) as|(?:not|never|nor) (?:go )?(?:beyond|past|tops?)|cannot top|stops at|(?:shorter|smaller) than|低于|少于|小于|不足|不到|不满|longest|up to|at most|(?:no|not|nor) (?:more|longer|higher|greater) than|(?:not|never) (?:to )?exceed(?:ing)?|\bmax(?:imum|\.)?\b|\bcap(?:ped|s)?\b(?: at| of)?|(?<!not )(?<!never )(?<!nothing )below|(?<!not )(?<!never )(?<!nothing )under|(?<!no )(?<!not )less than|(?<!no )(?<!not )fewer than|within|ceiling"
_LOWER_BEFORE = r"不(?:得|能|可|应|许|会|再|准)?(?:低于|少于|小于)|不下\s*$|至少|起码|下限|底线|最(?:低|少)|(?<![不未没别勿])(?<!没有)超过|(?<![不得能未没])突破|[逾超]\s*$|not (?:under|below)|upwards of|in excess of|a floor of|surpass(?:es|ed|ing)?|(?<!not )(?<!go )beyond|(?<!never )(?<!cannot )\btops\b|(?:larger|bigger) than|(?<!不)高于|(?<!不)多于|(?<!不)大于|年?满(?!分)|at least|(?:no|not) (?:less|fewer|lower) than|\bmin(?:imum|\.)?\b|(?<!no )(?<!not )more than|\bover\b|(?<!not )above|(?<!not )(?<!never )(?<!not to )exceed(?:s|ing|ed)?"
_BEFORE = re.compile(rf"(?P<upper>{_UPPER_BEFORE})|(?P<lower>{_LOWER_BEFORE})")
_AFTER = re.compile(
    r"[^，。；;,.\d]{0,6}?(?:(?P<upper>以下|以内|之内|(?<=[日天月年时钟周])内(?![容部])|封顶|为限|为上限|到顶|就到头|是(?:上限|顶)|或更(?:少|低|短|小))|(?P<lower>(?:及|含|或)?以上|[及或]更[高多长大]|打底|是(?:下限|底线)|往上|开外|出头|起(?!来)|(?<=[\d十百千万亿])[多余](?=[元人家个项名户台年天次])))"
    r"|\s*(?:[a-z]+ )?(?:(?P<most>at (?:the )?most|at best\b|(?:is|are) the (?:limit|maximum|ceiling|most|highest|upper limit)\b|tops\b|max\b|(?:or|and) (?:less|fewer|below|under|lower|smaller|shorter|earlier)|maximum\b)|(?P<least>at (?:the )?least|(?:is|are) the (?:minimum|floor|least|lowest)\b|upwards?\b|or better\b|minimum\b|(?:or|and) (?:more|above|over|higher|greater|longer|upwards?|later)))"
)
_DATE_BEFORE = re.compile(
    r"(?P<upper>截至|截止到?|(?:\bby|\bbefore|\buntil|no later than|\bto)\s*(?:the end of)?)\s*$|(?P<lower>(?:自从?|从|\bfrom|\bafter|\bsince|\bstarting|\bas of)\s*(?:the end of)?)\s*$"
)
_DATE_AFTER = re.compile(r"\s*(?:(?P<upper>之?前|以前|为止|截止|止)|(?P<lower>起|之?后|以后))")
_NO_LONGER = re.compile(
    r"[，,]?\s*(?:就|便|则|都|均|一律)?(?:不|停止|无法|no longer)|[^，。；,.;]{0,8}?(?:失效|作废|终止|结束|截止|关闭|没有|取消)|[^,.;，。；]{0,24}?\b(?:no longer|not|nothing|ends?|expires?|lapses?|closed|closes|stops?|over)\b"
)
_NOT_YET = re.compile(r"\b(?:not|never|n't|no\w*)\b[^,.;]{0,24}\b(?:until|before|after)\s*(?:the end of)?\s*$")
_DENIED = re.compile(
    r"(?:\b(?:no|not|nothing|none|never|without|nor|cannot|exempt\w*|exclud\w+|spare[sd]?|except\w*|refuse[sd]?)\b|n't\b)[^,.;]{0,24}$|(?:不接受|不收|不补|不支持|没有|不能|不会|绝不|豁免|免除|放过|不含|排除)[^，。；]{0,6}$"
)
_REFUSED = re.compile(
    r"[^，。；;,.]{0,10}?[，,]?(?:不行|不可以|不可(?![少避])|不能|不得|不予|不算|不收|不补|不给|不合格|不达标|不符合|不够|不受理|不考虑|不在|没有?资格|拿不到|免谈|没戏|排除|豁免|免[开缴税交于]|可免|除外|例外)"
    r"|[^,.;，。；]{0,24}?\b(?:(?:is|are|do|does|will|would|may|can|could) ?not|isn't|aren't|don't|doesn't|won't|can't|never|too (?:small|little|few|low|late|short)|exempt\w*|excluded|refused|rejected|turned away|ruled out|left out)\b"
)
_BREAK = re.compile(r"[，。；;、!?？！\n]|,(?!\d)|\.(?!\d)|\band\b|\bor\b|[和及或与]")

_EN_WORDS = {
    w: float(i)
    for i, w in enumerate(
        [
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
        ],
        2,
    )
}
_EN_WORDS |= {
    "twenty": 20.0,
    "thirty": 30.0,
    "forty": 40.0,
    "fifty": 50.0,
    "sixty": 60.0,
    "seventy": 70.0,
    "eighty": 80.0,
    "ninety": 90.0,
    "dozen": 12.0,
}
_SPELT = re.compile(
    rf"(?P<half_year>(?:(?<![上下一二两三四五六七八九十\d])|(?<=原则上)|(?<=基本上)|(?<=实际上))半年|\bhalf (?:a|of a) year\b)|(?<![一二两三四五六七八九十\d])(?P<within>一)(?=(?:年|个月|周|天)[之以]?内)|(?<=[满够足])(?P<full>一)(?=年|个月|周|天)"
    r"|(?<![一二三四五六七八九十个\d])(?P<month>十[一二]?|[一二三四五六七八九])月"
    rf"|(?<![a-z-])(?P<halves>one|{'|'.join(_EN_WORDS)}) and a half(?![a-z])(?: (?P<scale>thousand|million|billion|trillion))?"
    rf"|(?<![a-z-])(?P<fold>{'|'.join(_EN_WORDS)})(?=fold\b)"
    r"|(?<![a-z-])(?P<dozens>two|three|four|five|six) dozen(?![a-z])"
    r"|(?<![a-z-])(?P<tens>twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ](?P<ones>one|two|three|four|five|six|seven|eight|nine)(?![a-z])"
    rf"|(?<![a-z-])(?P<hundreds>one|a|{'|'.join(_EN_WORDS)}) hundred(?![a-z])|(?<![a-z-])(?P<en>{'|'.join(_EN_WORDS)})(?![a-z])"
    r"|(?<![第几数好十百千万一二两三四五六七八九\d])(?P<zh>[两三四五六七八九]|[一二三四五六七八九]?十[一二三四五六七八九]?)(?=个|年|天|日(?!常)|周|批|次|家|倍|人|名|类|种|条|步|轮|期|项|台|分钟|小时|轴|档|层|所|座|张|份|套|级(?!市))"
)
# Set phrases in which a numeral counts nothing: by all means, shop around, accordingly, off and on.
_IDIOM = re.compile(
    r"千万(?=[别不要得记勿莫小])|货比三家|(?<=[相这那])[应一]?一块(?!钱|多)|三天两头|再三|接二连三|四舍五入|一五一十|三三两两"
)
_SHARES = re.compile(
    rf"(?P<top>one|{'|'.join(_EN_WORDS)}|\d{{1,2}})(?: [a-z]+)? (?:in|in every|out of|out of every|of every) (?P<whole>a hundred|{'|'.join(_EN_WORDS)}|\d{{1,3}})(?![a-z\d.,%]|,\d| (?:years?|months?|weeks?|days?|hours?|cit|countr|steps|stages|rounds|batches|of))"
    r"|每?(?P<all>[两三四五六七八九十])(?:家|个|人|名|户)(?:企业|公司|工厂|小厂)?(?:里|中|当中|之中)?就?有(?P<few>[一两二三四五六七八九])(?:家|个|人|名|户)"
    r"|(?P<half>一半|半数|(?<!first )(?<!second )(?<!other )(?<!and a )\bhalf\b(?![ -](?:an?|day|year|yearly|hour|month|dozen|million|billion|point)\b))|(?P<a>[一二三四五六七八九]|\d)分之(?!百)(?P<b>[一二两三四五六七八九十]|\d{1,2})|(?P<en>(?:one|a|two|three|four|five|six|seven|eight|nine)[ -](?:third|quarter|fifth|sixth|eighth|tenth)s?)\b|(?P<off>[一二三四五六七八九])折(?![扣旧叠线腾磨射算合返断])|(?P<twice>翻了?一?[番倍]|\bdoubl(?:e[sd]?|ing)\b|\btwice\b)|(?P<thrice>\b(?:tripl|trebl)(?:e[sd]?|ing)\b)|(?P<fourfold>\bquadrupl(?:e[sd]?|ing)\b)"
)
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_ORDINAL = re.compile(
    r"第\s*(?P<zh>[一二三四五六七八九十]+|\d+)\s*(?P<unit>批|期|轮|次|季度|届|阶段|步|代|名|位)|(?P<lead>首)(?=[批期轮次届])|(?<!原则)(?<!基本)(?<!理论)(?<!实际)(?P<year>[上下])半年|\b(?P<en>first|second|1st|2nd)[\s-]+(?!(?:two|three|four|five|six|ten|\d+)\b)(?:\w+\s+){0,2}?(?P<enunit>batch|round|call|phase|stage|step|quarter|instal?lment|half)"
    r"|(?<!two )(?<!a )(?<!one )\b(?P<later>third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|3rd|4th|5th|6th|7th|8th|9th|10th)(?=[\s-]+[a-z0-9])(?![\s-]+(?:of |part|countr))"
)
_EN_ORDINALS = {
    w: i for i, w in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)
}
_RANGE_NEXT = re.compile(r"\s*(?:[—–~～至到-]|to\b|and\b)+\s*$")
_SCALES = re.compile(r"(万亿|亿|千万|百万|万|千|trillion|billion|million|thousand)")
_SCALE_VALUES = {
    "万亿": 1e12,
    "亿": 1e8,
    "千万": 1e7,
    "百万": 1e6,
    "万": 1e4,
    "千": 1e3,
    "trillion": 1e12,
    "billion": 1e9,
    "million": 1e6,
    "thousand": 1e3,
}


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """`fold`, once a text: a verdict looks at the same sentences many times."""
    return fold(text)


@lru_cache(maxsize=4096)
def figures(text: str) -> tuple[Figure, ...]:
    """All figures of a folded text, spelt-out ones and shares included."""
    text = _IDIOM.sub(lambda m: "□" * len(m[0]), text)
    shares = [m.span() for m in _SHARES.finditer(text) if m["whole"]]  # "6 out of 10" is one figure
    found = [q for q in quantities(text) if not any(a <= q.start < b for a, b in shares)]
    out: list[Figure] = []
    for i, q in enumerate(found):
        values: tuple[Value, ...] = (_whole(text, q),)
        kind, unit = q.kind, q.unit
        if kind == "money" and text[q.start] in "¥￥":
            unit = None  # yuan or yen
        after = found[i + 1] if i + 1 < len(found) else None
        if kind == "number":
            unit = "ordinal" if _COUNTED_OFF.search(text[: q.start]) else _unit(text, q.end)
        if kind == "percent" and re.search(r"个百分点|percentage point", text[q.start : q.end]):
            unit = "point"
        if (
            kind in ("number", "money")
            and after
            and isinstance(q.value, float)
            and _RANGE_NEXT.fullmatch(text[q.end : after.start])
        ):
            if kind == "number" and after.kind in ("money", "number", "percent"):
                kind, unit = after.kind, after.unit or _unit(text, after.end)
            scale = _SCALES.search(text[after.start : after.end])
            if scale:
                values = (q.value * _SCALE_VALUES[scale[1]], q.value)
        out.append(
            Figure(
                kind,
                values,
                unit,
                _bound(text, q.start, q.end, q.kind == "date"),
                text[q.start : q.end].strip(),
                q.start,
            )
        )
    taken = [(q.start, q.end) for q in found]
    out += [f for f in _spelt(text) if not any(a < f.start + len(f.shown) and f.start < b for a, b in taken)]
    return tuple(sorted(out, key=lambda f: f.start))


_COUNTED_OFF = re.compile(r"(?:第|\b(?:batch|phase|round|call|stage|wave|step)(?: (?:no\.?|number))?)\s*$")
_REST_OF_TENTHS = re.compile(r"([一二三四五六七八九])(?![个家年月日天项名万千百成])")


def _whole(text: str, figure: Quantity) -> Value:
    """九成五 is 95 %, and 1.2tn a million million."""
    value = figure.value
    if isinstance(value, tuple):
        return value
    if text[figure.end - 1] == "成" and (rest := _REST_OF_TENTHS.match(text, figure.end)):
        return value + (chinese_number(rest[1]) or 0)
    return value * 1e12 if re.match(r"\s?tn\b", text[figure.end :]) else value


def _unit(text: str, end: int) -> str | None:
    match = _UNIT.match(text, end)
    return match.lastgroup if match else None


def _bound(text: str, start: int, end: int, is_date: bool) -> Bound | None:
    lead = text[max(0, start - 28) : start]
    breaks = list(_BREAK.finditer(lead))
    lead = lead[breaks[-1].end() :] if breaks else lead
    # The window ends at an earlier figure: its bound is not ours.
    lead = re.split(r"\d[\d.,]*\s*(?:%|万?元|人|家)?(?=[^\d])", lead)[-1] if re.search(r"\d", lead) else lead
    before = list((_DATE_BEFORE if is_date else _BEFORE).finditer(lead))
    lasts = before and before[-1][0] == "over" and _unit(text, end) in ("day", "week", "month", "year", "hour")
    if before and not lasts and len(lead) - before[-1].end() <= 14:
        if is_date:
            return None if _NOT_YET.search(lead) or _NO_LONGER.match(text, end) else _way(bool(before[-1]["upper"]))
        # 少于500万元不行, "no project below 5 million"
        refused = bool(_REFUSED.match(text, end)) or bool(_DENIED.search(lead[: before[-1].start()]))
        return _way(bool(before[-1]["upper"]) != refused)
    after = (_DATE_AFTER if is_date else _AFTER).match(text, end)
    if after is None:
        return None
    found = {name for name, said in after.groupdict().items() if said}
    if is_date and _NO_LONGER.match(text, after.end()):
        return None  # what no longer goes afterwards goes until then
    refused = not is_date and bool(_REFUSED.match(text, after.end()) or _DENIED.search(lead))
    return _way(bool(found & {"upper", "most"}) != refused)


def _way(upper: bool) -> Bound:
    return "upper" if upper else "lower"


def _spelt(text: str) -> Iterable[Figure]:
    shares = [m.span() for m in _SHARES.finditer(text)]
    for match in _SPELT.finditer(text):
        if any(a < match.end() and match.start() < b for a, b in shares):
            continue
        if match["month"]:
            date = ((0, int(chinese_number(match["month"]) or 0), 0),)
            yield Figure("date", date, None, None, match[0], match.start())
            continue
        if match["half_year"]:
            yield Figure("number", (6.0,), "month", _bound(text, *match.span(), False), match[0], match.start())
            continue
        value = 1.0 if match["within"] or match["full"] else _spelt_value(match)
        if value is not None and (
            per := re.match(r" (?:per ?cent\b|(?P<points>percentage points?\b))", text[match.end() :])
        ):
            unit = "point" if per["points"] else None
            yield Figure("percent", (value,), unit, _bound(text, *match.span(), False), match[0], match.start())
        elif value is not None:
            yield Figure(
                "number",
                (value,),
                "ordinal" if _COUNTED_OFF.search(text[: match.start()]) else _unit(text, match.end()),
                _bound(text, match.start(), match.end(), False),
                match[0],
                match.start(),
            )
    for match in _SHARES.finditer(text):
        if multiple := next((n for n, name in enumerate(("twice", "thrice", "fourfold"), 2) if match[name]), None):
            yield Figure("number", (float(multiple),), "times", None, match[0], match.start())
            continue
        if match["half"]:
            share = 50.0
        elif match["off"]:
            share = 10 * (chinese_number(match["off"]) or 0.0)
        elif match["whole"] or match["all"]:
            few, whole = _count(match["top"] or match["few"]), _count(match["whole"] or match["all"])
            if not 0 < few < whole:
                continue
            share = 100 * few / whole
        elif match["a"]:
            share = (
                100
                * (chinese_number(match["b"]) or float(match["b"]))
                / (chinese_number(match["a"]) or float(match["a"]))
            )
        else:
            top, part = re.split(r"[ -]", match["en"])
            share = 100 * (1.0 if top in ("a", "one") else _EN_WORDS[top]) / _PARTS[part.rstrip("s")]
        yield Figure("percent", (share,), None, _bound(text, *match.span(), False), match[0], match.start())
    for match in _ORDINAL.finditer(text):
        english = match["en"] or match["later"]
        word = match["zh"] or english or ("一" if match["lead"] else "") or {"上": "一", "下": "二"}[match["year"]]
        value = (
            chinese_number(word)
            if not english and not word.isdigit()
            else float(_EN_ORDINALS.get(word) or re.sub(r"\D", "", word))
        )
        if value is not None:
            yield Figure("number", (value,), "ordinal", None, match[0], match.start())


def _count(word: str) -> float:
    if word == "a hundred":
        return 100.0
    return float(word) if word.isdigit() else _EN_WORDS.get(word) or chinese_number(word) or 1.0


def _spelt_value(match: re.Match[str]) -> float | None:
    if match["halves"]:
        return (_EN_WORDS.get(match["halves"], 1.0) + 0.5) * _SCALE_VALUES.get(match["scale"] or "", 1.0)
    if match["fold"]:
        return _EN_WORDS[match["fold"]]
    if match["dozens"]:
        return 12 * _EN_WORDS[match["dozens"]]
    if match["tens"]:
        return _EN_WORDS[match["tens"]] + _EN_WORDS.get(match["ones"], 1.0)
    if match["hundreds"]:
        return 100 * _EN_WORDS.get(match["hundreds"], 1.0)
    return _EN_WORDS[match["en"]] if match["en"] else chinese_number(match["zh"])


# Units of time that are whole multiples of one another; a month is no number of days.
_SPANS = {"hour": ("hour", 1), "day": ("hour", 24), "week": ("hour", 168), "month": ("month", 1), "quarter": ("month", 3), "year": ("month", 12)}  # fmt: skip


def _same_span(one: Figure, two: Figure) -> bool:
    """Whether both last equally long in different units: 24 months are two years."""
    if one.unit == two.unit or one.unit not in _SPANS or two.unit not in _SPANS:
        return False
    (base, size), (other, length) = _SPANS[one.unit], _SPANS[two.unit]
    a, b = one.values[0], two.values[0]
    return base == other and isinstance(a, float) and isinstance(b, float) and _close(a * size, b * length)


def _same_growth(one: Figure, two: Figure) -> bool:
    """Whether "doubled" stands for a rise of 100 %, or the other way round."""
    times, share = (one, two) if one.unit == "times" else (two, one)
    a, b = times.values[0], share.values[0]
    return (
        times.unit == "times"
        and share.kind == "percent"
        and isinstance(a, float)
        and isinstance(b, float)
        and _close(100 * (a - 1), b)
    )


def _half_of_a_year(one: Figure, two: Figure) -> bool:
    """Half a year's sales are 50 % of them."""
    return one.shown.startswith(("半年", "half ")) and two.kind == "percent" and two.values == (50.0,)


def _at_a_discount(one: Figure, two: Figure) -> bool:
    """What goes for 一折 costs 10 %, so it is 90 % cheaper."""
    off, share = (one, two) if one.shown.endswith("折") else (two, one)
    a, b = off.values[0], share.values[0]
    return (
        off.shown.endswith("折")
        and share.kind == "percent"
        and isinstance(a, float)
        and isinstance(b, float)
        and _close(100 - a, b)
    )


def same(one: Figure, two: Figure) -> bool:
    """Whether `two`, in a quote, carries `one`: value, kind and unit; a quote may say a date more exactly."""
    if "date" in (one.kind, two.kind):
        return one.kind == two.kind and _within(one.values[0], two.values[0])
    if _same_span(one, two) or _same_growth(one, two) or _half_of_a_year(one, two):
        return True
    if _at_a_discount(one, two):
        return True
    if not any(_close(a, b) for a in one.values for b in two.values):
        return False
    if one.kind == two.kind:
        if "ordinal" in (one.unit, two.unit) or one.kind == "percent":
            return one.unit == two.unit
        return one.unit is None or two.unit is None or one.unit == two.unit
    kinds = {one.kind, two.kind}
    if kinds == {"number", "percent"}:
        return {one.unit, two.unit} == {"score", "point"}  # "7 points more" of percentage points
    if "number" not in kinds or "percent" in kinds:
        return False
    return (one if one.kind == "number" else two).unit is None


def _within(one: Value, two: Value) -> bool:
    return (
        isinstance(one, tuple)
        and isinstance(two, tuple)
        and any(one)
        and all(a in (0, b) for a, b in zip(one, two, strict=True))
    )


def _close(a: Value, b: Value) -> bool:
    if isinstance(a, tuple) or isinstance(b, tuple):
        return False
    third = a % 1 and abs(3 * a - round(3 * a)) < 1e-9  # "a third" may stand for 33 % or 33.3 %
    return abs(a - b) <= (0.4 if third else 1e-6 * max(abs(a), abs(b), 1.0))


def carried(figure: Figure, cited: Iterable[Figure]) -> list[Figure]:
    """The cited figures that carry this one; a year-less date may take its year from another cited date."""
    cited = list(cited)
    found = [c for c in cited if same(figure, c)]
    if found or figure.kind != "date":
        return found
    (value,) = figure.values
    if isinstance(value, tuple) and value[0] and value[1]:
        years = any(c.kind == "date" and isinstance(c.values[0], tuple) and c.values[0][0] == value[0] for c in cited)
        rest = Figure("date", ((0, value[1], value[2]),), None, None, figure.shown, figure.start)
        yearless = [
            c
            for c in cited
            if c.kind == "date" and isinstance(c.values[0], tuple) and c.values[0][0] == 0 and same(rest, c)
        ]
        return yearless if years else []
    return []


def figure_faults(text: str, quotes: Iterable[str], bounds: Literal["all", "opposite", "none"] = "all") -> list[str]:
    """Codes for figures of the text that the quotes do not carry, or carry with another bound."""
    quotes = tuple(quotes)
    cited = [f for q in quotes for f in figures(folded(q))]
    own = figures(folded(text))
    counted = any(c.kind == "number" and c.unit not in _SPANS and not carried(c, own) for c in cited)
    listed = set() if counted else {n for q in quotes for n in _listed(folded(q))}
    faults = []
    for figure in own:
        carriers = carried(figure, cited)
        if not carriers and (
            _about(figure, cited, folded(text))
            or _rounded(figure, cited, folded(text))
            or _between_years(figure, cited)
            or _ratio(figure, cited)
        ):
            continue
        if not carriers and _mere_count(figure):
            if figure.values[0] in listed and _LISTING.match(folded(text), figure.start + len(figure.shown)):
                continue  # the writer counted them off, and no count of the quote gave way to his
            faults.append(f"count_not_cited:{figure.shown}")
        elif not carriers:
            near = any(any(_close(a, b) for a in figure.values for b in c.values) for c in cited)
            faults.append(f"{'unit_differs' if near else 'figure_not_cited'}:{figure.shown}")
        elif bounds != "none" and not any(_agree(figure, c, bounds) for c in carriers):
            faults.append(f"bound_differs:{figure.shown}")
    return faults


_ROUGHLY = re.compile(
    r"(?:超过|超|近|将近|接近|约|大约|差不多|逾|不到|不足|over|about|around|nearly|almost|roughly|more than|just under|some|well over|close to)\W*$"
)

_ROUGHLY_AFTER = re.compile(r"多|左右|上下|出头|[及或]?以上|[及或]更[高多]| or (?:so|more)\b")


def _about(figure: Figure, cited: Iterable[Figure], text: str) -> bool:
    """Whether "over a third" stands for 36 %."""
    rough = _ROUGHLY.search(text[: figure.start]) or _ROUGHLY_AFTER.match(text, figure.start + len(figure.shown))
    if not rough or (figure.kind, figure.unit) not in (("percent", None), ("number", "times")):
        return False
    value = figure.values[0]
    if figure.kind == "number":  # "more than double" for 2.3 times
        return value == 2.0 and any(c.unit == "times" and _apart(figure, c) < 0.6 for c in cited)
    digits = figure.shown[0].isdigit()
    if digits and not (isinstance(value, float) and value % 10 == 0):
        return False
    return any(c.kind == "percent" and c.unit is None and _apart(figure, c) <= (2 if digits else 4) for c in cited)


def _rounded(figure: Figure, cited: Iterable[Figure], text: str) -> bool:
    """Whether "about 28,300" stands for 28,296.50: a figure called rough is the cited one at its own precision."""
    digits = re.match(r"\D{0,4}?(\d[\d,]*)(?:\.(\d+))?", figure.shown)
    if not digits or figure.kind == "date" or not _ROUGHLY.search(text[: figure.start]):
        return False
    written = float(digits[1].replace(",", "") + (f".{digits[2]}" if digits[2] else ""))
    value = figure.values[0]
    if not isinstance(value, float) or not written:
        return False
    shown = (digits[1].replace(",", "").rstrip("0") if not digits[2] else digits[1] + digits[2]).lstrip("0,")
    step = (
        value / written * 10.0 ** (len(digits[1].replace(",", "")) - len(shown) if not digits[2] else -len(digits[2]))
    )
    near = (c for c in cited if c.kind == figure.kind and None in (c.unit, figure.unit) or c.unit == figure.unit)
    return len(shown) > 1 and any(_apart(figure, c) <= 0.5 * step for c in near if c.kind == figure.kind)


def _apart(one: Figure, two: Figure) -> float:
    a, b = one.values[0], two.values[0]
    return abs(a - b) if isinstance(a, float) and isinstance(b, float) else float("inf")


def _between_years(figure: Figure, cited: Iterable[Figure]) -> bool:
    """Whether "five years earlier" lies between 2025 and 2020."""
    years = {c.values[0][0] for c in cited if isinstance(c.values[0], tuple) and c.values[0][0]}
    return figure.unit == "year" and figure.values[0] in {
        float(a - b + both) for a in years for b in years if a > b for both in (0, 1)
    }


def _ratio(figure: Figure, cited: Sequence[Figure]) -> bool:
    """Whether "halved" or "a fifth" is how two cited figures of one kind stand to each other."""
    wanted = figure.values[0]
    if (
        figure.shown[0].isdigit()
        or not isinstance(wanted, float)
        or (figure.kind, figure.unit) not in (("percent", None), ("number", "times"))
    ):
        return False
    share = wanted / 100 if figure.kind == "percent" else wanted
    pairs = ((a, b) for a in cited for b in cited if a is not b and (a.kind, a.unit) == (b.kind, b.unit))
    values = ((a.values[0], b.values[0]) for a, b in pairs)
    return any(
        isinstance(a, float) and isinstance(b, float) and b and abs(a / b - share) < 0.005 * share for a, b in values
    )


_LISTING = re.compile(
    r"\s*(?:[a-z-]+ )?(?:steps|ways|things|kinds|types|areas|groups|parts|points|stages|tiers|grades|levels|conditions|criteria|sources|parties|sides)\b|个?(?:步|档|类|种|条|点|方面|环节|层|组|家|样|头|来源|来头|方|边|级)"
)
_ITEM = re.compile(r"、|[，,;；](?!\d)|\band\b|\bor\b|[和及与或]")


@lru_cache(maxsize=4096)
def _listed(text: str) -> frozenset[float]:
    """How many things the sentences of a text list; two where any "and" joins them."""
    pair = frozenset({2.0}) if _ITEM.search(text) else frozenset[float]()
    return pair | frozenset(
        float(len(items))
        for part in (*re.split(r"[。!?！？:：]|\. ", text), *re.split(r"[，,;；。:：“”]", text))
        if len(items := [i for i in _ITEM.split(part) if i.strip()]) > 2
    )


def _mere_count(figure: Figure) -> bool:
    """A small number in words that counts nothing we know: a writer may have counted it off himself."""
    value = figure.values[0]
    return (
        figure.kind == "number"
        and figure.unit in (None, "item", "firm")
        and not figure.shown[0].isdigit()
        and isinstance(value, float)
        and value <= 10
    )


def repeated(text: str, quote: str) -> list[str]:
    """Figures that the text says more often than the quote while it leaves out another of their kind: one was overwritten."""
    own, cited = figures(folded(text)), figures(folded(quote))
    faults = []
    for figure in own:
        more = sum(same(figure, f) for f in own) - sum(same(figure, f) for f in cited)
        left_out = [
            f for f in cited if f.kind in (figure.kind, "money", "percent") and not any(same(f, o) for o in own)
        ]
        if more > 0 and sum(same(figure, f) for f in own) > 1 and left_out:
            faults.append(f"figure_repeated:{figure.shown}")
    return list(dict.fromkeys(faults))


def _agree(one: Figure, two: Figure, bounds: str) -> bool:
    if one.kind == "date" or bounds == "opposite":
        return one.bound is None or two.bound is None or one.bound == two.bound
    return one.bound == two.bound
