"""Honest signs that a sentence answers a question: words, meaning, figures, place in the document. No names, no ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from advisor.ask.asks import MEETINGS, OFFERS, offers
from advisor.ask.circumstances import Measure, fit, shared_figures
from advisor.ask.known import KNOWN
from advisor.ask.nearness import SOFT, Floats, Integers, by_document
from advisor.model import Passage, QuestionType
from advisor.ports import Vectors
from advisor.text import CJK, fold, quantities, sentences, tokens_of_folded

Flags = npt.NDArray[np.bool_]

NAMES = (
    "own", "whole", "local", "letters", "letters_local", "dense", "dense_centred", "hit", "first_document", "rank", "level_same", "level_other",
    "year_same", "year_other", "not_known", "length", "opening", "what_it_is", "heading", "money", "number", "date", "status", "condition", "steps",
    "twin_local", "twin_dense", "twin_dense_centred", "synonyms_local",
    "second_hand", "named", "industry_same", "industry_other", "place_same", "place_other", "place_unasked", "kind_planned", "people", "position", "heading_dense", "affinity", *SOFT, *KNOWN, *(f"offers_{o}" for o in OFFERS), *(f"{w}_{o}" for w, o in MEETINGS),
    "figure_same", "fits", "misfits", "first_step", "later_step", "abroad", "ended", "glossary", "matter", "matter_soft",
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


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence of a passage, read once: offsets count in the passage's document text."""

    start: int
    end: int
    text: str
    words: frozenset[str]
    letters: frozenset[str]
    kinds: frozenset[str]
    levels: frozenset[int]
    years: frozenset[int]


_STANDS_ALONE = re.compile(r"[。.！？!?；;:：]$|\d")


@lru_cache(maxsize=20_000)
def read(passage: Passage) -> tuple[Spoken, ...]:
    """The sentences of a passage that can stand alone: a heading or a stub cannot."""
    spoken = []
    for a, b in sentences(passage.text):
        text = passage.text[a:b]
        if len(text) < 25 and not _STANDS_ALONE.search(text):
            continue
        folded = fold(text)
        figures = quantities(folded)
        spoken.append(
            Spoken(
                passage.start + a,
                passage.start + b,
                text,
                frozenset(tokens_of_folded(folded)),
                _letters(folded),
                frozenset(q.kind for q in figures),
                frozenset(int(q.value) for q in figures if q.kind == "level" and not isinstance(q.value, tuple)),
                frozenset(q.value[0] for q in figures if q.kind == "date" and isinstance(q.value, tuple)),
            )
        )
    return tuple(spoken)


_CHARACTER = re.compile(f"[{CJK}]")
_LONG_WORD = re.compile(r"[a-z]{4,}")


def letters(text: str) -> frozenset[str]:
    """Single Chinese characters, and letter trigrams of English words: words that differ by a typo or a suffix still meet."""
    return _letters(fold(text))


def _letters(folded: str) -> frozenset[str]:
    found = set(_CHARACTER.findall(folded))
    for word in _LONG_WORD.findall(folded):
        found.update(word[i : i + 3] for i in range(len(word) - 2))
    return frozenset(found)


_NOT_KNOWN = re.compile(r"不清楚|未知|not known|unclear", re.I)
_WHAT_IT_IS = re.compile(r"是什么|what (?:it|this) is", re.I)
_STATUS = re.compile(
    r"截止|关闭|结束|停止|终止|失效|废止|取代|有效期|有效|截至|受理|申报时间|继续|closed|ended|expired|no longer|superseded|replaced|until|valid|open|deadline|in force|by \d",
    re.I,
)
_CONDITION = re.compile(
    r"只|须|应|必须|不得|不能|不予|限于|可以|面向|适用|only|must|may|cannot|not eligible|at least|fewer|under|qualif|eligible",
    re.I,
)
_STEPS = re.compile(
    r"第[一二三四五六七八九]步|第\d+步|首先|先|然后|再|step|first|second|third|then|our method|做法建议", re.I
)


# "This guide tells small plants …" describes the document and answers nobody.
_OF_ITSELF = re.compile(
    r"这份(?:实施|申报|管理)?(?:细则|通知|办法|意见|方案|措施|文件|小册子)(?:规定|写明|说明|讲|用)|^(?:这份|这个|本|该)(?:指南|目录|细则|日历|文件|办法|通知|案例|小册子|文章|资料|实施意见|清单)|^(?:本文|我们的归纳：这份)|^这份\S{1,8}?(?:说明|讲|列出|告诉|汇总|介绍)|"
    r"^(?:This|The present) (?:guide|catalogue|calendar|document|digest|booklet|list|call says|article|page)\b|(?:rules|measures|notice|opinions) say how much",
    re.I,
)


def speaks_of_itself(text: str) -> bool:
    """Whether a sentence describes its document and answers nobody."""
    return bool(_OF_ITSELF.search(text))


_PEOPLE = re.compile(
    r"[\d一二三四五六七八九十百千两几]\s*(?:多|来)?\s*(?:个|名|号|位)?(?:人|员工|职工|工人)|从业人员|人以[上下]|\d\+?[\s-]*(?:people|staff|employees|workers|persons?|heads?|fte)\b",
    re.I,
)


@lru_cache(maxsize=20_000)
def counts_people(text: str) -> bool:
    """Whether a number of people is told, of a firm or of a limit."""
    return bool(_PEOPLE.search(text))


def is_not_known(passage: Passage) -> bool:
    """A passage under the heading that says what the material does not tell."""
    return bool(_NOT_KNOWN.search(last_heading(passage)))


def coverage(weights: Mapping[str, float], words: frozenset[str] | set[str]) -> float:
    """Share of the question's words, by weight, that stand in `words`."""
    total = sum(weights.values())
    return sum(w for t, w in weights.items() if t in words) / total if total else 0.0


def membership(terms: Sequence[str], texts: Sequence[frozenset[str]]) -> Flags:
    """(n texts, m terms): which text holds which term."""
    column = {t: i for i, t in enumerate(terms)}
    asked = frozenset(column)
    found = [(row, column[t]) for row, words in enumerate(texts) for t in asked & words]
    held = np.zeros((len(texts), len(column)), dtype=bool)
    if found:
        held[tuple(np.array(found).T)] = True
    return held


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


# What a sentence tells whatever is asked; in this order in `told`.
TOLD = ("not_known", "length", "opening", "what_it_is", "people", "start", *(f"offers_{o}" for o in OFFERS))


@lru_cache(maxsize=20_000)
def told(passage: Passage) -> Floats:
    """(sentences of the passage, len(TOLD))."""
    unknown, defines = is_not_known(passage), bool(_WHAT_IT_IS.search(last_heading(passage)))
    usual = 60 if passage.language == "zh" else 150
    rows = []
    for s in read(passage):
        offered = offers(s.text, s.kinds)
        opening, people = s.start == passage.start, counts_people(s.text)
        row = (unknown, min(len(s.text) / usual, 2.0), opening, defines, people, s.start)
        rows.append((*row, *(offered[o] for o in OFFERS)))
    return np.array(rows, dtype=np.float64).reshape(-1, len(TOLD))


def last_heading(passage: Passage) -> str:
    return passage.heading.rpartition(" › ")[2]


@lru_cache(maxsize=20_000)
def heading_fits(kind: QuestionType, heading: str) -> bool:
    """Whether what is asked is usually told under such a heading."""
    pattern = _HEADINGS.get(kind)
    return bool(pattern and re.search(pattern, heading, re.I))


def of_the_kind(kind: QuestionType, spoken: Sequence[Spoken]) -> dict[str, Floats]:
    """Per sign that only some kinds of question look at, a column; zeros for the others."""
    dated, worked = kind in ("deadline", "status"), kind in ("how_to", "procedure")
    return {
        "money": _flags(kind == "amount", spoken, lambda s: bool(s.kinds & {"money", "percent"})),
        "number": _flags(kind == "amount", spoken, lambda s: "number" in s.kinds),
        "date": _flags(dated, spoken, lambda s: "date" in s.kinds),
        "status": _flags(dated, spoken, lambda s: bool(_STATUS.search(s.text))),
        "condition": _flags(kind == "eligibility", spoken, lambda s: bool(_CONDITION.search(s.text))),
        "steps": _flags(worked, spoken, lambda s: bool(_STEPS.search(s.text))),
    }


def of_the_figures(levels: Collection[int], years: Collection[int], spoken: Sequence[Spoken]) -> dict[str, Floats]:
    """Whether a sentence tells of the levels and years asked for, or only of others."""
    return {
        "level_same": _flags(levels, spoken, lambda s: not s.levels.isdisjoint(levels)),
        "level_other": _flags(levels, spoken, lambda s: bool(s.levels) and s.levels.isdisjoint(levels)),
        "year_same": _flags(years, spoken, lambda s: not s.years.isdisjoint(years)),
        "year_other": _flags(years, spoken, lambda s: bool(s.years) and s.years.isdisjoint(years)),
    }


_FIRST_STEP = re.compile(r"第一步|\b(?:first step|step (?:1|one))\b", re.I)
_LATER_STEP = re.compile(
    r"第[二三四五六七八九]步|\b(?:second|third|fourth|fifth|sixth|seventh|eighth) step\b|\bstep [2-9]\b", re.I
)


def of_the_steps(headings: Sequence[str], spoken: Sequence[Spoken]) -> dict[str, Floats]:
    """Whether a sentence, or the heading right above it, tells the first step or a later one."""
    told = [step(s.text) or step(heading) for heading, s in zip(headings, spoken, strict=True)]
    return {
        "first_step": np.array([t == 1 for t in told], dtype=np.float64),
        "later_step": np.array([t == 2 for t in told], dtype=np.float64),
    }


@lru_cache(maxsize=20_000)
def step(text: str) -> int:
    """1 where the first step is told, 2 where a later one, 0 where none."""
    return 1 if _FIRST_STEP.search(text) else 2 * bool(_LATER_STEP.search(text))


def of_the_firm(question: str, firm: Mapping[Measure, float], spoken: Sequence[Spoken]) -> dict[str, Floats]:
    """Whether a sentence holds the question's own figures, and whether its limits let the firm in or shut it out."""
    fits = np.array([fit(firm, s.text) for s in spoken]) if firm else np.zeros((len(spoken), 2))
    same = [shared_figures(question, s.text) for s in spoken] if _DIGIT.search(question) else np.zeros(len(spoken))
    return {"figure_same": np.array(same, dtype=np.float64), "fits": fits[:, 0], "misfits": fits[:, 1]}


_DIGIT = re.compile(r"\d|[一二三四五六七八九十百千两]")


def _flags(looked_at: object, spoken: Sequence[Spoken], holds: Callable[[Spoken], bool]) -> Floats:
    return np.array([holds(s) for s in spoken], dtype=np.float64) if looked_at else np.zeros(len(spoken))


def similarity(question: Vectors, rows: Vectors) -> Floats:
    """Cosines of unit vectors: (n, d) · (d,) → (n,)."""
    return np.asarray(rows @ question, dtype=np.float64)
