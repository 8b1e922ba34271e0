"""Honest signs that a sentence answers a question: words, meaning, figures, place in the document. No names, no ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from advisor.ask.asks import MEETINGS, OFFERS, offers
from advisor.ask.known import KNOWN
from advisor.ask.nearness import SOFT
from advisor.model import Passage, Query, QuestionType
from advisor.ports import Vectors
from advisor.text import CJK, fold, quantities, sentences, tokens

Floats = npt.NDArray[np.float64]

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


@lru_cache(maxsize=20_000)
def read(passage: Passage) -> tuple[Spoken, ...]:
    """The sentences of a passage that can stand alone: a heading or a stub cannot."""
    spoken = []
    for a, b in sentences(passage.text):
        text = passage.text[a:b]
        if not re.search(r"[。.！？!?；;:：]$|\d", text) and len(text) < 25:
            continue
        figures = quantities(fold(text))
        spoken.append(
            Spoken(
                passage.start + a,
                passage.start + b,
                text,
                frozenset(tokens(text)),
                letters(text),
                frozenset(q.kind for q in figures),
                frozenset(int(q.value) for q in figures if q.kind == "level" and not isinstance(q.value, tuple)),
                frozenset(q.value[0] for q in figures if q.kind == "date" and isinstance(q.value, tuple)),
            )
        )
    return tuple(spoken)


def letters(text: str) -> frozenset[str]:
    """Single Chinese characters, and letter trigrams of English words: words that differ by a typo or a suffix still meet."""
    folded = fold(text)
    found = set(re.findall(f"[{CJK}]", folded))
    for word in re.findall(r"[a-z]{4,}", folded):
        found |= {word[i : i + 3] for i in range(len(word) - 2)}
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
    return bool(_NOT_KNOWN.search(passage.heading.rpartition(" › ")[2]))


def coverage(weights: Mapping[str, float], words: frozenset[str] | set[str]) -> float:
    """Share of the question's words, by weight, that stand in `words`."""
    total = sum(weights.values())
    return sum(w for t, w in weights.items() if t in words) / total if total else 0.0


def local_weights(asked: Iterable[str] | Mapping[str, float], among: Sequence[frozenset[str]]) -> dict[str, float]:
    """The asked words weighed by how few of these sentences hold them: a scheme's name in every line tells nothing."""
    given = asked if isinstance(asked, Mapping) else dict.fromkeys(asked, 1.0)
    wanted = set(given)
    held = Counter(t for words in among for t in words & wanted)
    return {t: given[t] * float(np.log((len(among) + 1) / (n + 0.5))) for t, n in held.items()}


@dataclass(frozen=True, slots=True)
class Setting:
    """What all sentences of one document share for one question."""

    around: frozenset[str]
    local: Mapping[str, float]
    local_letters: Mapping[str, float]
    hit: float
    first: bool
    rank: int
    own_words: bool
    named: bool
    industry: int  # 1 the firm's trade, -1 another's, 0 where neither is known
    place: int
    unasked: bool  # a rule of one place where none was asked for
    planned: bool  # of a kind that the plan of the answer wants
    length: int
    twin_local: Mapping[str, float]
    synonyms_local: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Meaning:
    """Closeness of one sentence to the question by vectors, its own and its other-language version's."""

    dense: float
    centred: float
    twin: float
    twin_centred: float
    twin_words: frozenset[str]
    heading: float
    affinity: float
    soft: tuple[float, ...]
    known: tuple[float, ...]


def features(
    query: Query,
    weights: Mapping[str, float],
    asked_letters: frozenset[str],
    passage: Passage,
    spoken: Spoken,
    setting: Setting,
    meaning: Meaning,
    wanted: frozenset[str],
) -> Floats:
    """One row in the order of NAMES."""
    kind = query.plan.type
    heading = passage.heading.rpartition(" › ")[2]
    pattern = _HEADINGS.get(kind)
    levels, years = set(query.levels), set(query.years)
    dated = kind in ("deadline", "status")
    offered = offers(spoken.text, spoken.kinds)
    return np.array(
        [
            coverage(weights, spoken.words),
            coverage(weights, spoken.words | setting.around),
            coverage(setting.local, spoken.words) if setting.local else 0.0,
            len(asked_letters & spoken.letters) / max(len(asked_letters), 1),
            coverage(setting.local_letters, spoken.letters) if setting.local_letters else 0.0,
            meaning.dense,
            meaning.centred,
            setting.hit,
            float(setting.first),
            1.0 / setting.rank,
            float(bool(spoken.levels & levels)),
            float(bool(levels and spoken.levels and not spoken.levels & levels)),
            float(bool(spoken.years & years)),
            float(bool(years and spoken.years and not spoken.years & years)),
            float(is_not_known(passage)),
            min(len(spoken.text) / (60 if passage.language == "zh" else 150), 2.0),
            float(spoken.start == passage.start),
            float(bool(_WHAT_IT_IS.search(heading))),
            float(bool(pattern and re.search(pattern, heading, re.I))),
            float(kind == "amount" and bool(spoken.kinds & {"money", "percent"})),
            float(kind == "amount" and "number" in spoken.kinds),
            float(dated and "date" in spoken.kinds),
            float(dated and bool(_STATUS.search(spoken.text))),
            float(kind == "eligibility" and bool(_CONDITION.search(spoken.text))),
            float(kind in ("how_to", "procedure") and bool(_STEPS.search(spoken.text))),
            coverage(setting.twin_local, meaning.twin_words) if setting.twin_local else 0.0,
            meaning.twin,
            meaning.twin_centred,
            coverage(setting.synonyms_local, spoken.words) if setting.synonyms_local else 0.0,
            float(setting.own_words and kind not in ("how_to", "definition", "case")),
            float(setting.named),
            float(setting.industry > 0),
            float(setting.industry < 0),
            float(setting.place > 0),
            float(setting.place < 0),
            float(setting.unasked),
            float(setting.planned),
            float(counts_people(query.text) and counts_people(spoken.text)),
            spoken.start / max(setting.length, 1),
            meaning.heading,
            meaning.affinity,
            *meaning.soft,
            *meaning.known,
            *(offered[o] for o in OFFERS),
            *(float(w in wanted) * offered[o] for w, o in MEETINGS),
        ]
    )


def similarity(question: Vectors, rows: Vectors) -> Floats:
    """Cosines of unit vectors: (n, d) · (d,) → (n,)."""
    return np.asarray(rows @ question, dtype=np.float64)
