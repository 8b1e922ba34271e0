"""What a sentence offers whatever is asked, by surface signs: looked for once, at ingest, and stored as bits."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection

_OFFERS = {
    "body": r"局|部门|主管|机构|委员会|中心|银行|ministry|office|agency|authority|commission|department|bureau|bank",
    "method": r"办法是|做法|先|应|可以|建议|method|first|should|best|step|start",
    "limit": r"不|没有|未|无|not\b|no\b|never|cannot|only|只",
    "meaning": r"^.{1,24}(?:是指|是一种|是|指)|^.{1,50}\b(?:is|are|means)\b",
    "result": r"提高|降低|减少|缩短|增加|从.{1,12}(?:降|升|到)|节省|rose|fell|cut|reduced|increase|saved|improved|from .{1,20} to",
    "first": r"第一步|首先|先|起步|first|step one|start with|begin with|to begin",
    "guard": r"备份|密码|验证|防火墙|隔离|断网|更新|补丁|back-?up|password|two-step|sign-in|firewall|update|patch|offline|isolate",
    "contact": r"电话|邮箱|网站|平台|网址|\d{3,4}-\d{7}|http|www|phone|e-?mail|portal|website|@",
    "reason": r"因为|由于|所以|为了|because|so that|in order|since|due to",
}
_TELLS = {
    "people": r"[\d一二三四五六七八九十百千两几]\s*(?:多|来)?\s*(?:个|名|号|位)?(?:人|员工|职工|工人)|从业人员|人以[上下]|\d\+?[\s-]*(?:people|staff|employees|workers|persons?|heads?|fte)\b",
    "status": r"截止|关闭|结束|停止|终止|失效|废止|取代|有效期|有效|截至|受理|申报时间|继续|closed|ended|expired|no longer|superseded|replaced|until|valid|open|deadline|in force|by \d",
    "condition": r"只|须|应|必须|不得|不能|不予|限于|可以|面向|适用|only|must|may|cannot|not eligible|at least|fewer|under|qualif|eligible",
    "steps": r"第[一二三四五六七八九]步|第\d+步|首先|先|然后|再|step|first|second|third|then|our method|做法建议",
}
FIGURES = ("date", "money", "percent", "number")
WORDED = tuple(_OFFERS)
OFFERS = (*FIGURES, "listing", *WORDED)
SIGNS = (*_OFFERS, *_TELLS)  # a bit each, in this order
_PATTERNS = tuple(re.compile(pattern, re.I) for pattern in (*_OFFERS.values(), *_TELLS.values()))
DIGEST = hashlib.sha256(repr((_OFFERS, _TELLS)).encode()).hexdigest()[:8]  # what was stored by other patterns is stale
LONG_LIST = 6


def signs_in(text: str) -> int:
    """Which of SIGNS a sentence shows."""
    return sum(1 << i for i, pattern in enumerate(_PATTERNS) if pattern.search(text))


def listed(text: str) -> int:
    """How many things a sentence lists beyond the first, at most LONG_LIST."""
    return min(text.count("、") + text.count(", "), LONG_LIST)


def offers(text: str, kinds: Collection[str]) -> dict[str, float]:
    """How much of each of OFFERS (0 to 1) a sentence offers; `kinds` are the kinds of its figures."""
    shown = signs_in(text)
    return {
        **{k: float(k in kinds) for k in FIGURES},
        "listing": listed(text) / LONG_LIST,
        **{name: float(shown >> SIGNS.index(name) & 1) for name in WORDED},
    }


def counts_people(text: str) -> bool:
    """Whether a number of people is told, of a firm or of a limit."""
    return bool(_PATTERNS[SIGNS.index("people")].search(text))


def tells_status(text: str) -> bool:
    """Whether a beginning, an end or a validity is told."""
    return bool(_PATTERNS[SIGNS.index("status")].search(text))
