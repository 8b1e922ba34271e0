"""Words, sentences and quantities of Chinese and English text: pure, and ignorant of documents and answers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import opencc
import snowballstemmer

CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAS_CJK = re.compile(f"[{CJK}]")


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


# CJK radical forms that NFKC leaves alone but PDF text layers use for whole words.
RADICALS = str.maketrans("⺠⻚⻓⻛⻔⻢⻋⻅⻆⻉⻜⻝⻥⻦⻩⻰⻬⺟⻄⻘", "民页长风门马车见角贝飞食鱼鸟黄龙齐母西青")


def fold(text: str) -> str:
    """Text for comparing: NFKC, simplified characters, lower case. Its length may differ from the input's.

    >>> fold("數位轉型 ＥＲＰ")
    '数位转型 erp'
    """
    return _fold_again(text) if len(text) <= _SENTENCE else _fold(text)


_SENTENCE = 400  # characters of what is remembered: a question and its sentences are folded many times


@lru_cache(maxsize=4096)
def _fold_again(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(RADICALS)
    if _HAS_CJK.search(text):
        text = str(_to_simplified().convert(text))
    return text.lower()


def detect_language(text: str) -> Literal["zh", "en"]:
    """Chinese as soon as a quarter of the letters are Chinese: people mix English terms into Chinese, not the reverse.

    >>> detect_language("我们厂想上 ERP 和 MES，多少钱")
    'zh'
    >>> detect_language("What does 小快轻准 mean for my firm?")
    'en'
    """
    chinese = len(_HAS_CJK.findall(text))
    words = len(re.findall(r"[A-Za-z]+", text))
    return "zh" if chinese and chinese >= 0.8 * words else "en"


_SENTENCE_END = re.compile(r"(?<=[。！？!?])[”’」』）)\"']*|(?<=[.!?])[\"')]*(?=\s+[\"'(]?[A-Z0-9\u3400-\u9fff])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:No|Nos|Art|Fig|approx|incl|max|min|e\.g|i\.e|etc|vs|Inc|Ltd|Co|Dr|Mr|Ms|St|U\.S|p|pp|Reg)\.)$"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Offsets (start, end) of the sentences, without surrounding blanks; a heading or bullet line is one of its own.

    >>> s = "补50%。最高25万元！"
    >>> [s[a:b] for a, b in sentences(s)]
    ['补50%。', '最高25万元！']
    >>> s = "It pays 50 %. The cap (approx. 3 m) is EUR 7.5."
    >>> [s[a:b] for a, b in sentences(s)]
    ['It pays 50 %.', 'The cap (approx. 3 m) is EUR 7.5.']
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.end() <= start or (
            match.group(0).strip() == ""
            and "\n" not in match.group(0)
            and _ABBREVIATION.search(text[start : match.start()])
        ):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    trimmed = []
    for a, b in spans:
        chunk = text[a:b]
        lead = len(chunk) - len(chunk.lstrip())
        bullet = re.match(r"(?:[-*•]\s+|\d+[.)、]\s+)", chunk[lead:])
        a, b = a + lead + (bullet.end() if bullet else 0), b - (len(chunk) - len(chunk.rstrip()))
        if a < b and not re.fullmatch(r"[\W_]*", text[a:b]):
            trimmed.append((a, b))
    return trimmed


# --- quantities ---------------------------------------------------------------------------------

Kind = Literal["money", "percent", "date", "level", "number"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure in text: `value` in units of `unit` (a currency code for money); dates are (year, month, day) with 0 for unknown."""

    kind: Kind
    value: float | tuple[int, int, int]
    unit: str | None
    start: int
    end: int

    @property
    def key(self) -> tuple[str, object]:
        """What must agree for two figures to be the same; money without a stated currency agrees by value only."""
        return (self.kind, self.value if isinstance(self.value, tuple) else round(float(self.value), 6))


_SCALE = {
    "万亿": 1e12, "千亿": 1e11, "百亿": 1e10, "十亿": 1e9, "亿": 1e8, "千万": 1e7, "百万": 1e6, "十万": 1e5, "万": 1e4, "千": 1e3, "百": 1e2,
    "trillion": 1e12, "billion": 1e9, "bn": 1e9, "million": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6, "m": 1e6, "thousand": 1e3, "k": 1e3, "w": 1e4,
}  # fmt: skip
_CURRENCY = {
    "人民币": "CNY", "元": "CNY", "块钱": "CNY", "块": "CNY", "rmb": "CNY", "cny": "CNY", "yuan": "CNY", "¥": "CNY", "￥": "CNY",
    "欧元": "EUR", "欧": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "€": "EUR",
    "美元": "USD", "usd": "USD", "us$": "USD", "$": "USD", "dollar": "USD", "dollars": "USD", "us dollars": "USD",
    "英镑": "GBP", "gbp": "GBP", "£": "GBP", "pound": "GBP", "pounds": "GBP",
    "新元": "SGD", "新加坡元": "SGD", "新币": "SGD", "sgd": "SGD", "s$": "SGD",
    "港元": "HKD", "港币": "HKD", "hkd": "HKD", "hk$": "HKD",
    "澳门元": "MOP", "澳门币": "MOP", "mop": "MOP", "日元": "JPY", "日圆": "JPY", "jpy": "JPY", "yen": "JPY",
    "韩元": "KRW", "krw": "KRW", "won": "KRW", "令吉": "MYR", "林吉特": "MYR", "马币": "MYR", "myr": "MYR", "rm": "MYR", "ringgit": "MYR",
    "列伊": "RON", "ron": "RON",
}  # fmt: skip
_MONTHS = {
    m: i
    for i, m in enumerate(
        "january february march april may june july august september october november december".split(), 1
    )
}
_MONTHS |= {m[:3]: i for m, i in _MONTHS.items()} | {"sept": 9}
_ENGLISH = {word: float(i) for i, word in enumerate(("one", "two", "three", "four", "five"), 1)}
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def chinese_number(word: str) -> float | None:
    """Value of a Chinese numeral up to 万亿, or None.

    >>> chinese_number("二十五万"), chinese_number("三百"), chinese_number("十"), chinese_number("一千二百亿")
    (250000.0, 300.0, 10.0, 120000000000.0)
    """
    total = section = digit = 0
    for char in word:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in "十百千":
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = 0
        elif char in "万亿":
            unit = 10**4 if char == "万" else 10**8
            total = (total + section + digit) * unit if char == "亿" else total + (section + digit) * unit
            section = digit = 0
        else:
            return None
    return float(total + section + digit)


_NUM = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_CNUM = r"[零〇一二两三四五六七八九十百千万亿]+"
_ZH_SCALE = "万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千(?!瓦|克|米)|百"
_EN_SCALE = r"trillion|billion|million|thousand|bn|mln\b|mio\b|mn|m(?![a-z0-9²³/%])|k(?![a-z0-9/])|w(?![a-z0-9/])"
_CUR_BEFORE = r"us\$|hk\$|s\$|[$€£¥￥]|\b(?:rmb|cny|eur|usd|gbp|sgd|hkd|mop|jpy|krw|myr|rm|ron)\b"
_CUR_AFTER = (
    "澳门元|澳门币|新加坡元|人民币|欧元|欧(?![\u4e00-\u9fff])|美元|英镑|新元|新币|港元|港币|日元|日圆|韩元|令吉|林吉特|马币|列伊|块钱|块(?![钱\u4e00-\u9fff])|元|"
    + (
        r"(?:rmb|cny|eur|usd|gbp|sgd|hkd|mop|jpy|krw|myr|yuan|euros?|us dollars|dollars?|pounds?|yen|won|ringgit)\b|[€£]"
    )
)
_DOC_NUMBER = re.compile(
    r"[\[〔（(](?:19|20)\d\d[\]〕）)]\s*第?\s*\d+(?:-\d+)?\s*号?|附件\s*\d+|第\s*\d+(?:/\d+)?\s*[号条款]|(?<![A-Za-z])(?:No\.|Nos\.|Nr\.|No\s)\s?\d+(?:/\d+)?|(?<![A-Za-z])(?:articles?|art\.|annex|section)\s\d+(?:\(\d+\))?(?:(?:,|\sand|\sto|,\sand)\s\d+)*|(?<![A-Za-z])(?:GB/T|GB|ISO|IEC|EN|ISA|IEEE|NIST|SP)[\s/-]*(?:IEC[\s/-]*)?\d[\d.\-–:/]*|\(EU\)\s*(?:No\s*)?\d+/\d+|(?<![A-Za-z])(?:COM|ETD|OPC|CELEX)\s?[:/(]\s?\S+",
    re.I,
)
_LEVEL = re.compile(
    r"(?:第\s*)?([一二三四五六七八1-8])\s*级(?!市|别)|(?:level|lvl|grade|tier)s?\s*([1-8]|one|two|three|four|five)\b|\bL([1-5])\b",
    re.I,
)
_LEVEL_EN_MORE = re.compile(
    r"\blevels?\s+([1-8])(?:\s*(?:,|to|and|or|–|-|/)\s*([1-8])(?![\d.,]*\d|\s*(?:million|thousand|%|months?|years?)))?(?:\s*(?:,|and|or)\s*([1-8])(?![\d.,]*\d|\s*(?:million|thousand|%|months?|years?)))?\b",
    re.I,
)
_DATES = [
    re.compile(r"(?P<y>(?:19|20)\d\d)\s*年\s*(?P<m>\d{1,2})\s*月(?:\s*(?P<d>\d{1,2})\s*[日号])?"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<![\d.])(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?,?\s+(?P<y>(?:19|20)\d\d)", re.I),
    re.compile(r"\b(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?\s+(?:(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<y>(?:19|20)\d\d)", re.I),
    re.compile(r"(?P<m>\d{1,2})\s*月(?:份|\s*(?P<d>\d{1,2})\s*[日号])?(?!\d)"),
    re.compile(r"(?<![\d.])(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?P<mon>january|february|march|april|may|june|july|august|september|october|november|december)\b", re.I),
    re.compile(r"\b(?P<mon>january|february|march|april|may|june|july|august|september|october|november|december)\s+(?P<d>\d{1,2})(?!\d)(?:st|nd|rd|th)?", re.I),
    re.compile(r"(?<!\d)(?<!\d[.,])(?P<y>(?:19|20)\d\d)(?:\s*年(?:度|版)?)?(?!\d)(?![.,]\d{3}(?!\d))(?!\.\d)(?!\s*(?:多|余|来|%|％|元|欧元|美元|英镑|港元|日元|韩元|新元|令吉|万|亿|家|个|项|名|人|户|台|staff|firms|yuan|euro))"),
]  # fmt: skip
_PERCENT = re.compile(
    rf"({_NUM})\s*(?:[—–~～至到-]|to|and)?\s*(?:%|％|percent\b|per cent\b|个百分点|percentage points?)|百分之\s*({_NUM}|{_CNUM})|({_NUM}|[一二两三四五六七八九])\s*成(?!立|本|果|为|员|功|都|效|长|品|套)",
    re.I,
)
_RANGE_PERCENT = re.compile(
    rf"({_NUM})\s*(?:%|％)?\s*(?:[—–~～至到-]|\bto\b|\band\b|、)\s*(?=(?:{_NUM})\s*(?:%|％|percent|per cent))", re.I
)
_MONEY = re.compile(
    rf"(?P<before>{_CUR_BEFORE})\s*(?P<n1>{_NUM})\s*(?P<s1>{_ZH_SCALE}|{_EN_SCALE})?(?:\s*(?P<after1>{_CUR_AFTER}))?"
    rf"|(?P<n2>{_NUM}|(?![百千万亿]){_CNUM})\s*多?\s*(?P<s2>{_ZH_SCALE}|{_EN_SCALE})?\s*(?P<after>{_CUR_AFTER})",
    re.I,
)
_NUMBER = re.compile(
    rf"(?P<n>{_NUM})\s*多?\s*(?P<s>{_ZH_SCALE}|{_EN_SCALE})?|(?P<c>[一二两三四五六七八九十百千]+[万亿](?!一|能|元)|[一二两三四五六七八九]?十[一二三四五六七八九]?(?=[家个项人名户台天万元])|[一二三四五六七八九][百千][零〇一二三四五六七八九十百]*(?=[家个项人名户台条天]))",
    re.I,
)


# Every figure holds one of these (a level may be told in words), every date a digit: most sentences hold none and need not be searched for any.
_FIGURE = re.compile(r"[\d零〇一二两三四五六七八九十百千万亿]|(?i:level|lvl|grade|tier)")
_DIGIT = re.compile(r"\d")


def _value(number: str, scale: str | None) -> float | None:
    if number[0] in "零〇一二两三四五六七八九十百千万亿":
        value = chinese_number(number)
    else:
        value = float(number.replace(",", "").replace("，", ""))
    return None if value is None else value * _SCALE[(scale or "").lower()] if scale else value


@lru_cache(maxsize=20_000)
def quantities(text: str) -> tuple[Quantity, ...]:
    """All figures of a text in order; document and standard numbers are names, not figures.

    >>> [q.key for q in quantities("补助50%，最高25万元，2024年10月18日起，二级")]
    [('percent', 50.0), ('money', 250000.0), ('date', (2024, 10, 18)), ('level', 2.0)]
    >>> [q.key for q in quantities("up to 50 % and EUR 7,500 by 31 December 2027 for 49 staff")]
    [('percent', 50.0), ('money', 7500.0), ('date', (2027, 12, 31)), ('number', 49.0)]
    >>> quantities("工信厅企业〔2024〕56号")
    ()
    """
    if not _FIGURE.search(text):
        return ()
    found: list[Quantity] = []
    taken = [False] * (len(text) + 1)

    def free(a: int, b: int) -> bool:
        return not any(taken[a:b])

    def take(kind: Kind, value: float | tuple[int, int, int], unit: str | None, a: int, b: int) -> None:
        found.append(Quantity(kind, value, unit, a, b))
        taken[a:b] = [True] * (b - a)

    for match in _DOC_NUMBER.finditer(text):
        taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    for pattern in _DATES if _DIGIT.search(text) else ():
        for match in pattern.finditer(text):
            if not free(*match.span()):
                continue
            parts = match.groupdict()
            month = (
                _MONTHS.get((parts.get("mon") or "").lower()[:3], 0) if parts.get("mon") else int(parts.get("m") or 0)
            )
            day = int(parts.get("d") or 0)
            if month <= 12 and day <= 31:
                take("date", (int(parts.get("y") or 0), month, day), None, *match.span())
    for match in _RANGE_PERCENT.finditer(text):
        if free(*match.span(1)):
            take("percent", float(match[1].replace(",", "")), None, *match.span(1))
    for match in _PERCENT.finditer(text):
        if not free(*match.span()):
            continue
        number = match[1] or match[2] or match[3]
        value = _value(number, None)
        if value is not None:
            take("percent", value * 10 if match[3] else value, None, *match.span())
    for match in _LEVEL_EN_MORE.finditer(text):
        for group in (1, 2, 3):
            if match[group] and free(*match.span(group)):
                take("level", float(match[group]), None, *match.span(group))
    for match in _LEVEL.finditer(text):
        if free(*match.span()):
            word = (match[1] or match[2] or match[3]).lower()
            take("level", float(word) if word.isdigit() else _DIGITS.get(word) or _ENGLISH[word], None, *match.span())
    for match in _MONEY.finditer(text):
        if not free(*match.span()):
            continue
        number, scale = match["n1"] or match["n2"], match["s1"] or match["s2"]
        value = _value(number, scale)
        if value is not None:
            unit = (match["before"] or match["after"]).lower()
            take("money", value, _CURRENCY.get(unit), *match.span())
    for match in _NUMBER.finditer(text):
        if not free(*match.span()):
            continue
        if match["n"] and match.start() and re.match(r"[A-Za-z_]", text[match.start() - 1]):
            continue
        value = _value(match["n"], match["s"]) if match["n"] else chinese_number(match["c"])
        if value is not None:
            take("number", value, None, *match.span())
    return tuple(sorted(found, key=lambda q: q.start))


# --- tokens -------------------------------------------------------------------------------------

_TOKEN = re.compile(rf"[{CJK}]+|[a-z0-9]+(?:[.&/+'-][a-z0-9]+)*")
STOP_EN = frozenset("a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my no not of on or our so such that the their them then there these they this to too us was we were what when where which who whom why will with would you your about any get there's please tell".split())  # fmt: skip
STOP_ZH = frozenset("的 了 吗 呢 吧 啊 呀 我 你 他 它 们 是 在 有 和 与 及 或 也 都 就 还 这 那 哪 个 么 什 怎 样 能 会 要 想 请 问 把 被 让 给 对 从 到 为 之 其 而 且".split())  # fmt: skip


def tokens(text: str) -> list[str]:
    """Index terms: Chinese character bigrams (a lone character stands alone), stemmed English words, figures by value.

    >>> tokens("数字化补贴")
    ['数字', '字化', '化补', '补贴']
    >>> tokens("40,000 grants = 4万")
    ['=40000', 'grant', '=40000']
    >>> tokens("50 % = 50")
    ['=50%', '=50']
    """
    return tokens_of_folded(fold(text))


@lru_cache(maxsize=20_000)
def terms(text: str) -> tuple[str, ...]:
    """The same of words and phrases that come again and again."""
    return tuple(tokens(text))


def tokens_of_folded(text: str) -> list[str]:
    """The index terms of a text that is folded already."""
    out: list[str] = []
    pieces: list[tuple[int, int, str]] = []
    last = 0
    for figure in quantities(text):
        if figure.kind in ("number", "money", "percent") and re.match(
            r"\d|[$€£¥]|[a-z]|[一二两三四五六七八九十百千]", text[figure.start]
        ):
            pieces.append((figure.start, figure.end, _figure_token(figure)))
    for start, end, figure_token in [*pieces, (len(text), len(text), "")]:
        for match in _TOKEN.finditer(text[last:start]):
            out.extend(_word_tokens(match[0]))
        if figure_token:
            out.append(figure_token)
        last = end
    return out


def _figure_token(figure: Quantity) -> str:
    """A share is no count: 50 workers do not meet 50 %."""
    value = 0.0 if isinstance(figure.value, tuple) else float(figure.value)
    return f"={value:g}%" if figure.kind == "percent" else f"={value:g}"


def _word_tokens(word: str) -> list[str]:
    if _HAS_CJK.match(word):
        kept = word
        return [kept] if len(kept) == 1 else [kept[i : i + 2] for i in range(len(kept) - 1)]
    parts = re.split(r"[.&/+'-]", word)
    stems = [stem(p) for p in parts if p and p not in STOP_EN]
    return stems if len(parts) == 1 else [word, *stems]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    return str(_stemmer().stemWord(word))
