"""Names that a sentence uses and its sources do not: capitalised words, abbreviations, titles, bodies, document numbers, places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from advisor.ask.figures import folded
from advisor.ask.words import Word, beside, held, is_common, likeness, words
from advisor.gazetteer import Gazetteer
from advisor.text import CJK, STOP_EN, detect_language, tokens

WORD = re.compile(r"(?<![A-Za-z0-9À-ž])[A-Za-zÀ-ž][A-Za-z0-9À-ž&'’+-]*(?:[._/][A-Za-z0-9]+)*")
COMMON = frozenset(
    "level levels article annex section no nos january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday i yuan eur rmb cny usd sgd gbp hkd jpy krw myr rm million billion sme smes "
    "it kw kwh mwh km kg mb gb ok".split()
)

_TELLS, _OTHER = 3.0, 0.2  # rarity from which a word tells things apart, likeness below which it is another
_EVERYWHERE = frozenset(["INTL"])


def is_name(word: str, text: str, words: Sequence[re.Match[str]], i: int, chinese: bool) -> bool:
    if chinese:
        return len(word) > 1
    if not word[0].isupper() or len(word) < 2:
        return False
    if any(c.isupper() or c.isdigit() for c in word[1:]):
        return True
    start = words[i].start()
    opens = start == 0 or re.search(r"[.!?:;\n•]\W*$", text[:start]) is not None
    return not opens or not is_common(word)


NUMBER = re.compile(
    r"[^\s、，。；（()《》“”]{0,8}[\[〔(](?:19|20)\d\d[\]〕)]\s*第?\s*\d+(?:-\d+)?\s*号?|第\s*\d+(?:/\d+)?\s*[号条款](?!楼)|附件\s*\d+"
    r"|(?<![a-z])(?:gb/t|gb|iso|iec|en|ieee|nist|sp|isa)[\s/-]*(?:iec[\s/-]*)?\d[\d.\-–:/]*\d|\(eu\)\s*(?:no\s*)?\d+/\d+|(?<![a-z])(?:nos?\.|nr\.)\s?\d+(?:/\d+)?|(?<![a-z])(?:articles?|art\.|annex|section)\s\d+(?:\(\d+\))?"
)


def number_held(number: str, held: str) -> bool:
    core = re.search(r"[\[〔(]((?:19|20)\d\d)[\]〕)]\D*(\d+)", number)
    wanted = f"{core[1]}{core[2]}" if core else squeezed(number)
    return (
        re.search(
            rf"{'(?<!' if wanted[0].isdigit() else '(?:'}{'[0-9])' if wanted[0].isdigit() else ')'}{re.escape(wanted)}(?![0-9])",
            held,
        )
        is not None
    )


def squeezed(text: str) -> str:
    """Letters and digits alone, but a row of numbers keeps its seams."""
    seamed = re.sub(r"(?<=\d)[号条款]?[^\w]*[\s,，、;；][^\w]*(?=\d)", "x", folded(text))
    return re.sub(r"[第号]|[^\w]", "", seamed)


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", folded(text))


AGENCY = re.compile(
    r"(工业和信息化|工信|经济和信息化|经信|财政|科学技术|科技|商务|国家发展和改革|发展和改革|国家发展改革|发展改革|国家发改|发改|市场监督管理|市场监管|税务|国家数据|大数据|数据|网信|人力资源和社会保障|人社|农业农村|生态环境|国资|统计|教育|住房和城乡建设|住建|金融监管|金融|海关|知识产权|中小企业|政务服务|交通运输|文化和旅游|卫生健康|应急管理|公安|司法|审计|自然资源)"
    r"(部门|部|厅|总局|局|委员会|委|办公室|办|总署|署)(?!分|位|队)"
)
_SHORT = {
    "工信": "工业和信息化",
    "经信": "经济和信息化",
    "科技": "科学技术",
    "发改": "发展改革",
    "国家发改": "发展改革",
    "国家发展改革": "发展改革",
    "发展和改革": "发展改革",
    "国家发展和改革": "发展改革",
    "市场监管": "市场监督管理",
    "人社": "人力资源和社会保障",
    "住建": "住房和城乡建设",
    "国家数据": "数据",
    "大数据": "数据",
}
BODY = re.compile(rf"([{CJK}]{{2,4}})(人民政府|银行|协会|研究院|联合会|集团|大学|基金会|商会|交易所|有限公司|公司)")


def agencies(text: str) -> set[str]:
    return {
        _SHORT.get(m[1], m[1]) + {"委": "委员会", "办": "办公室"}.get(m[2], m[2]) for m in AGENCY.finditer(folded(text))
    }


def strange_names(text: str, source: str, places: Gazetteer | None = None) -> list[str]:
    """Capitalised words, abbreviations, titles and bodies that the source does not have."""
    found = dict.fromkeys(
        [*_strange_words(text, source, places), *_strange_titles(text, source), *_strange_bodies(text, source)]
    )
    return list(found)


def _strange_words(text: str, source: str, places: Gazetteer | None) -> list[str]:
    quoted = _source_words(source)
    chinese = detect_language(text) == "zh"
    words = list(WORD.finditer(text))
    named = [(m.start, m.end) for m in places.find(text)] if places else []  # compared as places
    found = []
    for i, match in enumerate(words):
        word = re.sub(r"['’]s$", "", match[0])
        if not is_name(word, text, words, i, chinese) or word.lower() in COMMON or word.lower() in quoted:
            continue
        if any(a < match.end() and match.start() < b for a, b in named) and word not in ("US", "UK"):
            continue
        own = {t for t in tokens(word) if t not in STOP_EN}
        known = own <= quoted if own else re.search(rf"\b{re.escape(word)}\b", source) is not None
        if not known and not spelt_out(word, text, source):
            found.append(word)
    return found


@lru_cache(maxsize=1024)
def _source_words(source: str) -> frozenset[str]:
    return frozenset(t for t in (*tokens(source), *(w.lower() for w in WORD.findall(source))))


def spelt_out(word: str, text: str, source: str) -> bool:
    """An abbreviation of words that the source spells out, or a long name of one it abbreviates."""
    if word.isupper() and 2 <= len(word) <= 6:
        return word in _initials(source)
    return any(word[0] in short for short in re.findall(r"\b[A-Z]{2,6}\b", source)) and any(
        short in _initials(text) for short in re.findall(r"\b[A-Z]{2,6}\b", source)
    )


@lru_cache(maxsize=1024)
def _initials(text: str) -> str:
    """First letters of all words in a row, blanks where a sentence ends."""
    return " ".join(
        "".join(w[0].upper() for w in re.findall(r"[A-Za-z]+", part) if w not in ("of", "and", "the", "for"))
        for part in text.split(". ")
    )


def _strange_titles(text: str, source: str) -> list[str]:
    marked = re.findall(
        r"《([^》]{2,})》|“([^”]{2,})”|\"([^\"]{3,})\"|‘([^’]{3,})’|(?<![a-z])'([^']{3,30})'(?![a-z])", text
    )
    said = letters(source)
    return [n for groups in marked if (n := next(g for g in groups if g)) and letters(n) not in said]


def _strange_bodies(text: str, source: str) -> list[str]:
    cited, said = agencies(source), folded(source)
    found = [a for a in sorted(agencies(text) - cited)]
    found += [m[0] for m in BODY.finditer(folded(text)) if m[1][-2:] + m[2] not in said and m[1][-2:] not in said]
    return found


def strange_numbers(text: str, sources: Sequence[str]) -> list[str]:
    """Document, standard and article numbers that no source has."""
    said = squeezed(" ".join(sources))
    return [m[0].strip() for m in NUMBER.finditer(folded(text)) if not number_held(m[0], said)]


def strange_places(text: str, sources: Sequence[str], places: Gazetteer | None) -> tuple[list[str], bool]:
    """Places that no source names, or that lie around none it names; whether one stands where a source has another."""
    own = {m.id: folded(text)[m.start : m.end] for m in places.find(text) if m.id not in _EVERYWHERE} if places else {}
    if places is None or not own:
        return [], False
    said = folded(" ".join(sources))
    quoted = {m.id for s in sources for m in places.find(s)}
    strange = [id for id, name in own.items() if id not in quoted and name not in said]
    if not strange:
        return [], False
    above = {a for id in own for a in places.ancestors(id)}
    left_out = quoted - above
    around = {a for id in quoted for a in places.ancestors(id)}
    return [own[id] for id in strange if left_out or id not in around], bool(left_out)


_HEADS = frozenset(
    w.text
    for h in "ministry office agency authority bureau department council commission parliament bank fund programme scheme voucher award grant loan factory park act directive "
    "regulation law plan guide standard institute association platform university province city county region indicator index certificate label "
    "委员会 议会 理事会 平台 规划 计划 办法 条例 方案 指南 标准 企业 工厂 园区 国家 财政 基金 银行 集团 公司 工业 化工 政策 贷款 补贴 联盟 协会 中心 大学 部门 规定 认证 指标".split()
    for w in words(h)
)


def head_swapped(text: str, base: str, everything: str) -> bool:
    """Whether a head both have, such as ministry or 规划, is called another than in the base, by a word that no text has."""
    said, all_held = held(text), held(everything)
    there = {h.text for m, h in beside(base) if h.text in _HEADS and _tells(m) and likeness(m, said) < _OTHER}
    return any(h.text in there and _tells(m) and likeness(m, all_held) < _OTHER for m, h in beside(text))


def _tells(word: Word) -> bool:
    return word.rarity > _TELLS and not word.text.isdigit()


def label_instead(text: str, base: str, called: str) -> bool:
    """Whether a name that only the labels have stands in the text while one of the base is left out."""
    own, there = _capitals(text), _capitals(base)
    put = {w for w in own if w not in there and w.lower() not in folded(base) and w.lower() in folded(called)}
    left = {w for w in there if w not in own and w.lower() not in folded(text)}
    if put and left and len({w[0] for w in put} & {w[0] for w in left}) == 0:
        return True
    return bool(agencies(text) - agencies(base)) and bool(agencies(base) - agencies(text))


@lru_cache(maxsize=4096)
def _capitals(text: str) -> frozenset[str]:
    """Capitalised or abbreviated names inside a text, its first word and common ones left out."""
    found = list(WORD.finditer(text))
    chinese = detect_language(text) == "zh"
    return frozenset(
        m[0]
        for i, m in enumerate(found)
        if is_name(m[0], text, found, i, chinese) and m[0].lower() not in COMMON and m[0][0].isupper()
    )
