"""Whether the corpus answers a question at all: signs of a near-miss, weighed by what the training questions taught."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.ask.elsewhere import of_the_country
from advisor.ask.features import is_not_known
from advisor.ask.nearness import Floats
from advisor.ask.scope import FIELD, speaks_of_the_field
from advisor.ask.sentences import Candidate, SentenceChooser, around, words_of
from advisor.ask.trees import Trees, trees_of
from advisor.model import Hit, Passage, Query, context
from advisor.text import fold, quantities, tokens

if TYPE_CHECKING:
    from advisor.ask.ground import Ground

NAMES = (
    "best_score", "best_own", "best_whole", "document_coverage", "worst_missing", "gap", "dense", "not_known_first", "not_known_among",
    "figure_lacking", "date_lacking", "place_elsewhere", "place_wider", "year_unknown", "named", "follows", "few_words", "field_word", "place_unserved", "unknown_name",
    "unknown_words", "second_gap", "soft_best", "affinity_best", "soft_document", "soft_lacking", "unmet",
    "gap_lead", "known_best", "known_gap_lead", "known_none",
)  # fmt: skip

_LOCAL = ("amount", "eligibility", "deadline", "status", "procedure", "list")


def signs(
    query: Query, hits: Sequence[Hit], here: Sequence[Hit], chooser: SentenceChooser, ground: Ground
) -> list[float]:
    """One row in the order of NAMES; all zero but the last few where nothing was found."""
    candidates = chooser.candidates(here)
    documents = ground.generation.documents
    first = documents[here[0].passage.document] if here else None
    words: set[str] = set()
    passages: Sequence[Passage] = ()
    if first and here:
        passages = around(here[0].passage, ground.generation.by_document[(first.id, here[0].passage.language)])
        for passage in passages:
            words |= words_of(f"{context(first, passage)} {passage.text}")
        words |= ground.place_tokens(first.jurisdiction) | ground.reached_tokens(query, first)
    placed = ground.reached_tokens(query, first)
    top = candidates[:3]
    kind = query.plan.type
    figures = [{q.kind for q in quantities(fold(c.text))} for c in top]
    best = candidates[0] if candidates else None
    years = {
        q.value[0]
        for c in candidates[:12]
        for q in quantities(fold(c.text))
        if q.kind == "date" and isinstance(q.value, tuple)
    }
    asked_years = {y for y in query.years if y}
    local = kind in _LOCAL and not of_the_country(query)
    home = first.jurisdiction if first else None
    held, lacking = chooser.nearly(" ".join(p.text for p in passages))
    wider = bool(query.places and home) and not any(ground.lexicon.places.covers(p, home or "") for p in query.places)
    return [
        best.score if best else 0.0,
        chooser.share(frozenset(chooser.weights) & frozenset(tokens(best.text))) if best else 0.0,
        best.coverage if best else 0.0,
        chooser.coverage(words),
        max(chooser.missing(words).values(), default=0.0),
        (best.score - candidates[min(5, len(candidates) - 1)].score) if best else 0.0,
        chooser.closeness(best) if best else 0.0,
        float(bool(best and is_not_known(best.passage))),
        float(any(is_not_known(c.passage) for c in top)),
        float(kind == "amount" and not any(f & {"money", "percent", "number"} for f in figures)),
        float(kind == "deadline" and not any("date" in f for f in figures)),
        float(len(here) < len(hits) and local),
        float(wider and local),
        float(bool(asked_years) and not asked_years & years),
        float(bool(query.named)),
        float(bool(query.previous)),
        float(len(chooser.weights) < 4),
        float(_names_it(query)),
        float(local and unserved(query, ground)),
        float(unknown_name(query.text, [h.passage.text for h in here], chooser, placed)),
        chooser.share(frozenset(t for t in chooser.weights if chooser.unknown(t) and t not in placed)),
        (best.score - candidates[1].score) if best and len(candidates) > 1 else 0.0,
        best.soft if best else 0.0,
        best.affinity if best else 0.0,
        held,
        lacking,
        chooser.unmet([(c.text, frozenset(f)) for c, f in zip(top, figures, strict=True)]),
        _gap_lead(candidates),
        *_known_signs(query, chooser, ground),
        float(not best or (best.passage.document, best.passage.language) not in chooser.known.spans),
    ]


_FARTHEST = 10.0  # points beyond which a lead says no more


def _gap_lead(candidates: Sequence[Candidate]) -> float:
    """Points by which the best sentence that admits a gap leads the best that tells something."""
    gap = next((c.score for c in candidates if is_not_known(c.passage)), None)
    told = next((c.score for c in candidates if not is_not_known(c.passage)), None)
    if gap is None or told is None:
        return -_FARTHEST if gap is None else _FARTHEST
    return float(np.clip(gap - told, -_FARTHEST, _FARTHEST))


def _known_signs(query: Query, chooser: SentenceChooser, ground: Ground) -> tuple[float, float]:
    """(how likely the nearest known question is the one asked, by how much the nearest that the document leaves open leads)."""
    gap = told = 0.0
    for match in chooser.known.best:
        spans = chooser.known.answers(match, query.language)
        if not spans:
            continue
        passages = ground.generation.by_document[match.document, query.language]
        passage = next((p for p in passages if p.start <= spans[0][0] < p.end), None)
        if passage and is_not_known(passage):
            gap = max(gap, match.score)
        else:
            told = max(told, match.score)
    return max(gap, told), gap - told


def unserved(query: Query, ground: Ground) -> bool:
    """Whether a place was asked for of which no rule is held: in China below the whole country, elsewhere at all."""
    places, served = ground.lexicon.places, ground.lexicon.served_places
    for place in query.places:
        own = [a for a in places.ancestors(place) if a not in ("CN", "INTL")]
        if (
            place not in ("CN", "INTL")
            and not any(a in served for a in own)
            and not any(s.startswith(f"{place}/") for s in served)
        ):
            return True
    return False


# A scheme by its full name: in quotation marks, or in capitals before such a word.
_SCHEME = re.compile(
    r"[“「『《\"']([^”」』》\"']{2,30}(?:券|计划|办法|补贴|方案|基金|项目|工程|贷|险))[”」』》\"']"
    r"|((?:[A-Z][\w-]+ ){1,4}(?:Voucher|Grant|Scheme|Fund|Programme|Program|Bonus|Credit)s?)\b"
)


def unknown_scheme(query: Query, ground: Ground) -> bool:
    """Whether the question calls a scheme by a full name that no document has ever said."""
    names = [a or b for a, b in _SCHEME.findall(query.text)]
    plain = [w for m in _PLAIN_SCHEME.finditer(query.text) for w in tokens(m[1])]
    if any(ground.generation.lexical.idf(w) >= ground.generation.lexical.idf("\0") for w in plain):
        return True
    return bool(names) and not any(ground.lexicon.mentions(n) or ground.lexicon.find_documents(n) for n in names)


# "the lunar export grant": a word before such a name that no document holds names another scheme.
_PLAIN_SCHEME = re.compile(
    r"\b(?:the|that|this|your)\s+((?:[a-z][\w-]+\s+){1,2})(?:grant|voucher|scheme|subsidy|programme|program|fund|bonus)\b",
    re.I,
)
_QUOTED = re.compile(r"[“「『《\"']([^”」』》\"']{3,30})[”」』》\"']")


def unknown_name(text: str, passages: Sequence[str], chooser: SentenceChooser, placed: Collection[str] = ()) -> bool:
    """A name in quotation marks, or capitals, that nothing retrieved knows."""
    known = fold(" ".join(passages))
    if any(fold(name) not in known for name in _QUOTED.findall(text)):
        return True
    capitals = re.findall(r"(?<![.!?]\s)(?<!^)\b[A-Z][A-Za-z.]{3,}", text)
    return any(
        chooser.unknown(token)
        for word in capitals
        for token in tokens(word)
        if token not in known and token not in placed
    )


def names_the_unknown(text: str, chooser: SentenceChooser) -> bool:
    """Whether a good part of a question is letters that no document holds, as names of registers are written: AEO, TISAX."""
    letters = (t for name in _LETTERS.findall(text) if name not in _OF_ANY_FIRM for t in tokens(name))
    return chooser.share(frozenset(t for t in letters if chooser.unknown(t))) > _MUCH_UNKNOWN


_MUCH_UNKNOWN = 0.12
_OF_ANY_FIRM = frozenset("CEO CFO CIO CTO COO WFOE FYI ASAP BTW TBH LTD LLC INC PLC HQ".split())
_LETTERS = re.compile(r"(?<![A-Za-z-])[A-Z]{3,6}(?![A-Za-z-])")


@dataclass(frozen=True)
class Judge:
    """A straight line and boosted trees over the signs, and the bar below which a question is better refused."""

    weights: Floats
    bias: float
    trees: Trees
    rate: float
    bar: float = 0.0

    def log_odds(self, rows: Floats) -> Floats:
        """(n, signs) → (n,): that the corpus answers, by the mean of line and trees."""
        line = rows @ self.weights + self.bias
        return np.asarray(0.5 * line + 0.5 * self.rate * self.trees.score(rows), dtype=np.float64)


def judge_of(stored: Mapping[str, Any]) -> Judge:
    weights = np.array([stored["weights"][n] for n in NAMES])
    return Judge(
        weights, stored["bias"], trees_of(stored["trees"], NAMES), stored["rate"], stored.get("threshold", 0.0)
    )


@cache
def judge() -> Judge:
    """Trained by scripts/train_rankers.py."""
    path = resources.files("advisor") / "models" / "answerable.json"
    return judge_of(json.loads(path.read_text("utf-8")))


READ = ("sure", "told")
_READ_AMONG = 8  # sentences among which those stand that were read
_FARTHEST_READ = 6.0  # log-odds beyond which reading says no more


def as_read(sure: float, candidates: Sequence[Candidate]) -> float:
    """The same log-odds with what reading the best sentences together with the question adds: how well the best of them
    answers."""
    read = [c for c in candidates[:_READ_AMONG] if c.odds is not None]
    if not read:
        return sure
    weights, bias = _learned_reading()
    return float(np.array([sure, told(read)]) @ weights + bias)


def told(read: Sequence[Candidate]) -> float:
    """Log-odds of the best that tells something, within bounds; the least where there is none."""
    best = max((c.odds or 0.0 for c in read if not is_not_known(c.passage)), default=-_FARTHEST_READ)
    return float(np.clip(best, -_FARTHEST_READ, _FARTHEST_READ))


@cache
def _learned_reading() -> tuple[Floats, float]:
    """(weights in the order of READ, bias), trained by scripts/train_answerable_read.py."""
    stored = json.loads((resources.files("advisor") / "models" / "answerable_read.json").read_text("utf-8"))
    return np.array([stored["weights"][name] for name in READ]), float(stored["bias"])


def surplus(row: Sequence[float]) -> float:
    """Log-odds above the bar that training set: below 0 the question is better refused."""
    return float(judge().log_odds(np.array([row]))[0]) - judge().bar


def in_field(query: Query) -> bool:
    """Whether the question names anything of our field, as the office says it or as the shop floor does."""
    return _names_it(query) or speaks_of_the_field(query.text)


def _names_it(query: Query) -> bool:
    """A term, a scheme, a trade or an office word of it: the narrower sign, which training has seen."""
    return bool(query.terms or query.named or query.industries or FIELD.search(query.text))
