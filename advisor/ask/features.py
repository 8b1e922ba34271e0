"""Honest signs that a sentence answers a question: words, meaning, figures, place in the document. No names, no ids."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from advisor.ask.asks import MEETINGS
from advisor.ask.known import KNOWN
from advisor.ask.nearness import SOFT, Floats, Integers, by_document
from advisor.model import Passage, QuestionType
from advisor.offers import FIGURES, LONG_LIST, OFFERS, SIGNS, WORDED
from advisor.ports import Ragged
from advisor.reading import KINDS, Reading, last_heading

Flags = npt.NDArray[np.bool_]

NAMES = (
    "own", "whole", "local", "letters", "letters_local", "dense", "dense_centred", "hit", "first_document", "rank", "level_same", "level_other",
    "year_same", "year_other", "not_known", "length", "opening", "what_it_is", "heading", "money", "number", "date", "status", "condition", "steps",
    "twin_local", "twin_dense", "twin_dense_centred", "synonyms_local",
    "second_hand", "named", "industry_same", "industry_other", "place_same", "place_other", "place_unasked", "kind_planned", "people", "position", "heading_dense", "affinity", *SOFT, *KNOWN, *(f"offers_{o}" for o in OFFERS), *(f"{w}_{o}" for w, o in MEETINGS),
)  # fmt: skip
_HEADINGS: dict[QuestionType, str] = {
    "amount": r"补多少|多少钱|数据|pays|figures|costs?$",
    "eligibility": r"适用|要求|条件|who it is for|requires|eligib",
    "deadline": r"时间|效力|dates|validity",
    "status": r"时间|效力|是什么|dates|validity|what it is",
    "procedure": r"申请|拿到钱|怎么拿|apply|money is paid",
    "definition": r"是什么|what it is|术语|terms",
    "case": r"效果|怎么做|results|what they did|问题",
    "how_to": r"怎么做|步骤|做法|how|steps|method|注意|ask",
    "assessment": r"等级|级别|评|要求|level|score|scene|points",
}


_NOT_KNOWN = re.compile(r"不清楚|未知|not known|(?:what is|still|remains?) unclear", re.I)
_WHAT_IT_IS = re.compile(r"是什么|what (?:it|this) is", re.I)


# "This guide tells small plants …" describes the document and answers nobody.
_OF_ITSELF = re.compile(
    r"这份(?:实施|申报|管理)?(?:细则|通知|办法|意见|方案|措施|文件|小册子)(?:规定|写明|说明|讲|用)|^(?:这份|这个|本|该)(?:指南|目录|细则|日历|文件|办法|通知|案例|小册子|文章|资料|实施意见|清单)|^(?:本文|我们的归纳：这份)|^这份\S{1,8}?(?:说明|讲|列出|告诉|汇总|介绍)|"
    r"^这份\S{1,8}?里的|本文(?:只)?讲|\bthis (?:text|case|article|page) (?:is|tells|only)\b|^(?:This|The present) (?:guide|catalogue|calendar|document|digest|booklet|list|call says|article|page)\b|(?:rules|measures|notice|opinions) say how much",
    re.I,
)


def speaks_of_itself(text: str) -> bool:
    """Whether a sentence describes its document and answers nobody."""
    return bool(_OF_ITSELF.search(text))


_REST = re.compile(
    r"其余(?:步骤|的|几)|步还包括|^(?:其他|此外|另外)(?!情况下)|^(?:The other|The rest|The remaining|Other (?!firms|people))",
    re.I,
)


def goes_on(text: str) -> bool:
    """Whether a sentence tells the rest of what the one before it began."""
    return bool(_REST.search(text))


def is_not_known(passage: Passage) -> bool:
    """A passage under the heading that says what the material does not tell."""
    return _headed(last_heading(passage))[0]


@lru_cache(maxsize=20_000)
def _headed(heading: str) -> tuple[bool, bool]:
    """(what it heads is not known, it says what something is)."""
    return bool(_NOT_KNOWN.search(heading)), bool(_WHAT_IT_IS.search(heading))


def coverage(weights: Mapping[str, float], words: frozenset[str] | set[str]) -> float:
    """Share of the question's words, by weight, that stand in `words`."""
    total = sum(weights.values())
    return sum(w for t, w in weights.items() if t in words) / total if total else 0.0


def membership(terms: npt.NDArray[Any], texts: Ragged) -> Flags:
    """(n texts, m terms): which text holds which term; both as numbers."""
    held = np.zeros((len(texts), len(terms)), dtype=bool)
    if len(terms):
        few = _perhaps_among(terms, texts.values)
        order = np.argsort(terms)
        ordered, values = terms[order], texts.values[few]
        at = np.minimum(np.searchsorted(ordered, values), len(terms) - 1)
        found = ordered[at] == values
        row = np.searchsorted(texts.begins, few[found], side="right") - 1
        held[row, order[at[found]]] = True
    return held


def _perhaps_among(terms: npt.NDArray[Any], values: npt.NDArray[Any]) -> Integers:
    """Where values may be one of the terms, by their lower halves: of thousands of words most are told apart by these."""
    lower = np.zeros(1 << 16, dtype=bool)
    lower[terms.astype(np.uint16)] = True
    return np.flatnonzero(lower[values.astype(np.uint16)])


def shares(held: Flags, weights: Floats) -> Floats:
    """(n, m) flags and (m,) or (n, m) weights → (n,): the share of its weights that each row holds; 0 without weights."""
    # Summed row by row, not as one product: there equal rows may differ in the last bit.
    total = weights.sum(axis=-1)
    return np.asarray((held * weights).sum(axis=1) / np.where(total > 0, total, 1.0), dtype=np.float64)


def local_shares(held: Flags, counted: Flags, weights: Floats, documents: Integers) -> Floats:
    """(n,): the same by words weighed by how few sentences of the row's document hold them: a scheme's name in every line
    tells nothing. `counted` are the words as they stand, `held` as they are heard; `documents` number each row's document."""
    if not counted.any():
        return np.zeros(len(held))
    size, frequency = np.bincount(documents), by_document(counted, documents)
    rare = weights * np.log((size[:, None] + 1) / (frequency + 0.5)) * (frequency > 0)
    return shares(held, rare[documents])


def told(said: Reading, passages: Sequence[Passage], of_people: bool) -> dict[str, Floats]:
    """What a sentence tells whatever is asked; numbers of people count only where the question tells one."""
    headed = np.array([_headed(last_heading(p)) for p in passages])[said.passage]
    usual = np.array([60 if p.language == "zh" else 150 for p in passages])[said.passage]
    opens = np.array([p.start for p in passages])[said.passage]
    return {
        "not_known": headed[:, 0],
        "what_it_is": headed[:, 1],
        "length": np.minimum((said.end - said.start) / usual, 2.0),
        "opening": np.equal(said.start, opens),
        "people": _where(of_people, _shows(said, "people")),
        "start": said.start,
        "offers_listing": said.listed / LONG_LIST,
        **{f"offers_{kind}": _tells(said, kind) for kind in FIGURES},
        **{f"offers_{name}": _shows(said, name) for name in WORDED},
    }


def _shows(said: Reading, sign: str) -> Flags:
    return np.asarray(said.signs >> SIGNS.index(sign) & 1, dtype=bool)


def _tells(said: Reading, *kinds: str) -> Flags:
    """Which sentences hold a figure of one of these kinds."""
    return np.asarray(said.kinds & sum(1 << KINDS.index(k) for k in kinds), dtype=bool)


@lru_cache(maxsize=20_000)
def heading_fits(kind: QuestionType, heading: str) -> bool:
    """Whether what is asked is usually told under such a heading."""
    pattern = _HEADINGS.get(kind)
    return bool(pattern and re.search(pattern, heading, re.I))


def of_the_kind(kind: QuestionType, said: Reading) -> dict[str, Flags]:
    """Per sign that only some kinds of question look at, a column; nothing shows it for the others."""
    dated, worked = kind in ("deadline", "status"), kind in ("how_to", "procedure")
    return {
        "money": _where(kind == "amount", _tells(said, "money", "percent")),
        "number": _where(kind == "amount", _tells(said, "number")),
        "date": _where(dated, _tells(said, "date")),
        "status": _where(dated, _shows(said, "status")),
        "condition": _where(kind == "eligibility", _shows(said, "condition")),
        "steps": _where(worked, _shows(said, "steps")),
    }


def _where(looked_at: object, shown: npt.NDArray[np.bool_]) -> Flags:
    return shown if looked_at else np.zeros_like(shown)


def of_the_figures(levels: Collection[int], years: Collection[int], said: Reading) -> dict[str, Flags]:
    """Whether a sentence tells of the levels and years asked for, or only of others."""
    told_levels, told_years = np.asarray(said.levels, dtype=bool), np.diff(said.years.begins) > 0
    same_level = np.asarray(said.levels & sum(1 << n for n in set(levels) if 0 < n < 16), dtype=bool)
    asked_years = np.array(sorted(set(years)), dtype=np.uint16)
    same_year = np.asarray(membership(asked_years, said.years).any(axis=1), dtype=bool)
    return {
        "level_same": _where(levels, same_level),
        "level_other": _where(levels, np.logical_and(told_levels, ~same_level)),
        "year_same": _where(years, same_year),
        "year_other": _where(years, np.logical_and(told_years, ~same_year)),
    }


_FIRST_STEP = re.compile(r"第一步|\b(?:first step|step (?:1|one))\b", re.I)
_LATER_STEP = re.compile(
    r"第[二三四五六七八九]步|\b(?:second|third|fourth|fifth|sixth|seventh|eighth) step\b|\bstep [2-9]\b", re.I
)


@lru_cache(maxsize=20_000)
def step(text: str) -> int:
    """1 where the first step is told, 2 where a later one, 0 where none."""
    return 1 if _FIRST_STEP.search(text) else 2 * bool(_LATER_STEP.search(text))
