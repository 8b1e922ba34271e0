"""The figures: pure functions whose examples can be checked on paper. Reads no files, skips no question."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from advisor.text import CJK, Quantity, fold, quantities

Floats = npt.NDArray[np.float64]
_RESAMPLES = 2000
_SEED = 20261124

# --- ranking ------------------------------------------------------------------------------------


def recall_at(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Share of the relevant that the first k hold; 0 where nothing is relevant.

    >>> recall_at(["a", "b", "c"], {"b", "x"}, 2)
    0.5
    >>> recall_at([], {"b"}, 5), recall_at(["a"], set(), 5)
    (0.0, 0.0)
    """
    return len(set(ranked[:k]) & set(relevant)) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str], k: int = 10) -> float:
    """1 / rank of the first relevant one among the first k, else 0.

    >>> reciprocal_rank(["a", "b", "c"], {"c", "b"})
    0.5
    >>> reciprocal_rank(["a", "b"], {"b"}, k=1)
    0.0
    """
    return next((1 / rank for rank, id in enumerate(ranked[:k], 1) if id in relevant), 0.0)


def ndcg_at(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """Discounted gain with 1 / log2(rank + 1), divided by the best that is possible.

    One relevant document at rank 2: (1 / log2 3) / 1.

    >>> round(ndcg_at(["a", "b"], {"b": 1}, 10), 4)
    0.6309
    >>> ndcg_at(["b", "a", "c"], {"b": 2, "a": 1}, 10), ndcg_at([], {"b": 1}, 10)
    (1.0, 0.0)
    """
    ideal = sum(g / math.log2(i + 2) for i, g in enumerate(sorted(gains.values(), reverse=True)[:k]))
    found = sum(gains.get(id, 0) / math.log2(i + 2) for i, id in enumerate(ranked[:k]))
    return found / ideal if ideal else 0.0


# --- matching ----------------------------------------------------------------------------------


def same_quantity(gold: Quantity, shown: Quantity) -> bool:
    """Equal value and kind; a currency that both state must agree, and a date agrees in the parts the gold gives.

    >>> a, b, c = (quantities(t)[0] for t in ("25万元", "RMB 250,000", "EUR 250,000"))
    >>> same_quantity(a, b), same_quantity(a, c)
    (True, False)
    >>> same_quantity(quantities("2026年")[0], quantities("2026年6月30日")[0])
    True
    """
    if isinstance(gold.value, tuple) or isinstance(shown.value, tuple):
        if not (isinstance(gold.value, tuple) and isinstance(shown.value, tuple)):
            return False
        return all(g in (0, s) for g, s in zip(gold.value, shown.value, strict=True))
    kinds = {gold.kind, shown.kind}
    if len(kinds) > 1 and kinds != {"money", "number"}:
        return False
    if gold.unit and shown.unit and gold.unit != shown.unit:
        return False
    return math.isclose(gold.value, shown.value, rel_tol=1e-9)


_CAP = re.compile(r"最高|最多|上限|不超过|至多|共|约|为|是|\b(?:up to|at most|maximum|max|of|about|only|the|a)\b")


def carries(alias: str, text: str, asserted: bool = False) -> bool:
    """Whether the text says the alias: in the same words once folded, or with all its figures.

    Words match from their beginning, so that ERP is not found in enterprise; an alias that is nothing but
    figures matches as figures only, so that 30 is not found in 300 or in 30万. Years, levels and numbers below
    ten stand in every second sentence: they prove nothing without the words beside them. `asserted` is for what
    must not be said: there figures count only where the alias holds no other words.

    >>> carries("25万元", "It pays at most RMB 250,000."), carries("250,000 yuan", "最高25萬元")
    (True, True)
    >>> carries("ERP", "an enterprise"), carries("Smart Factory", "the smart  factory scheme")
    (False, True)
    >>> carries("PDF不算", "普通 PDF 不算电子发票。")
    True
    >>> carries("30", "最高30万元"), carries("30", "共 30 家")
    (False, True)
    >>> carries("at least 4", "the 4 steps"), carries("within 49 days", "49天内")
    (False, True)
    >>> carries("still 30 % today", "once 30 %", asserted=True), carries("up to 30 %", "它是30%", asserted=True)
    (False, True)
    """
    alias, text = _spaced(alias), _spaced(text)
    figures = quantities(alias)
    rest = "".join(c for i, c in enumerate(alias) if not any(q.start <= i < q.end for q in figures))
    rest = re.sub(r"\b(?:levels?|grade|tier)\b", "", rest)  # a level's figure is the digit alone
    if re.search(r"\w", rest):
        start = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", alias) else ""
        end = r"(?![0-9])" if alias[-1].isdigit() else ""
        if re.search(f"{start}{re.escape(alias)}{end}", text):
            return True
        if all(_weak(q) for q in figures) or (asserted and re.search(r"\w", _CAP.sub("", rest))):
            return False
    shown = quantities(text)
    return bool(figures) and all(any(same_quantity(q, s) for s in shown) for q in figures)


def _weak(figure: Quantity) -> bool:
    if isinstance(figure.value, tuple):
        return figure.value[1:] == (0, 0)
    return figure.kind == "level" or (figure.kind == "number" and figure.value < 10)


def _spaced(text: str) -> str:
    """Folded text with single blanks, and none beside Chinese characters."""
    return re.sub(rf"(?<=[{CJK}]) | (?=[{CJK}])", "", re.sub(r"\s+", " ", fold(text))).strip()


def states_number(value: float | str, unit: str, text: str) -> bool:
    """Whether the text gives this value in this unit.

    >>> states_number(250000, "CNY", "最高25万元"), states_number(250000, "EUR", "最高25万元")
    (True, False)
    >>> states_number(50, "%", "pays 50 percent"), states_number("2026-06-30", "date", "2026年6月30日前")
    (True, True)
    >>> states_number(300, "people", "从业人员300人以下"), states_number(3, "level", "达到三级")
    (True, True)
    """
    kinds = {"%": {"percent"}, "date": {"date"}, "level": {"level", "number"}}
    for found in quantities(fold(text)):
        if isinstance(value, str):
            parts = tuple(int(p) for p in value.split("-"))
            if isinstance(found.value, tuple) and found.value[: len(parts)] == parts:
                return True
            continue
        if isinstance(found.value, tuple):
            if unit == "year" and found.value == (int(value), 0, 0):
                return True
            continue
        if len(unit) == 3 and unit.isupper():
            fits = found.kind == "money" and found.unit in (unit, None)
        else:
            fits = found.kind in kinds.get(unit, {"number"})
        if fits and math.isclose(found.value, value, rel_tol=1e-9):
            return True
    return False


# --- shares and their intervals ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """What one item adds to a figure: numerator and denominator; items of one cluster are drawn together."""

    item: str
    cluster: str
    numerator: float
    denominator: float = 1.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its denominator and 95 % interval; `value` is None where there is nothing to divide by."""

    value: float | None
    numerator: float
    denominator: float
    low: float | None
    high: float | None

    def as_dict(self) -> dict[str, float | None]:
        def cut(x: float | None) -> float | None:
            return None if x is None else round(x, 4)

        return {
            "value": cut(self.value),
            "numerator": round(self.numerator, 4),
            "denominator": round(self.denominator, 4),
            "low": cut(self.low),
            "high": cut(self.high),
        }


def share(counts: Sequence[Count]) -> Figure:
    """Sum of numerators over sum of denominators, with the bootstrap interval over clusters.

    >>> f = share([Count("a", "d1", 1), Count("b", "d1", 0), Count("c", "d2", 1, 2)])
    >>> f.value, f.numerator, f.denominator
    (0.5, 2.0, 4.0)
    >>> share([]).value is None
    True
    """
    top, bottom = _by_cluster(counts)
    total = float(bottom.sum())
    if not total:
        return Figure(None, 0.0, 0.0, None, None)
    low, high = _interval(_resampled(top, bottom))
    return Figure(float(top.sum()) / total, float(top.sum()), total, low, high)


def _by_cluster(counts: Sequence[Count]) -> tuple[Floats, Floats]:
    names = {c: i for i, c in enumerate(sorted({c.cluster for c in counts}))}
    top, bottom = np.zeros(len(names)), np.zeros(len(names))
    for count in counts:
        top[names[count.cluster]] += count.numerator
        bottom[names[count.cluster]] += count.denominator
    return top, bottom


@lru_cache(maxsize=64)
def draws(clusters: int) -> npt.NDArray[np.int64]:
    """How often each cluster is drawn in each resample; the same for every call of the same size."""
    generator = np.random.default_rng(_SEED)
    return generator.multinomial(clusters, np.full(clusters, 1 / clusters), size=_RESAMPLES).astype(np.int64)


def _resampled(top: Floats, bottom: Floats) -> Floats:
    often = draws(len(top))
    denominators = often @ bottom
    kept = denominators > 0
    return np.asarray((often @ top)[kept] / denominators[kept], dtype=np.float64)


def _interval(values: Floats) -> tuple[float | None, float | None]:
    if not len(values):
        return None, None
    return float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))


@dataclass(frozen=True, slots=True)
class Scored:
    """One item with a signal and a yes or no: for figures that are no shares."""

    item: str
    cluster: str
    score: float
    positive: bool


def over_clusters(rows: Sequence[Scored], measure: Callable[[Sequence[float], Sequence[bool]], float | None]) -> Figure:
    """Any measure of (scores, labels) with its bootstrap interval; the denominator is the number of items."""
    value = measure([r.score for r in rows], [r.positive for r in rows]) if rows else None
    if value is None:
        return Figure(None, 0.0, float(len(rows)), None, None)
    groups: dict[str, list[Scored]] = {}
    for row in rows:
        groups.setdefault(row.cluster, []).append(row)
    members = [groups[name] for name in sorted(groups)]
    values = []
    for often in draws(len(members))[:400]:
        drawn = [row for group, n in zip(members, often, strict=True) for row in group * int(n)]
        again = measure([r.score for r in drawn], [r.positive for r in drawn])
        if again is not None:
            values.append(again)
    low, high = _interval(np.asarray(values, dtype=np.float64))
    return Figure(value, sum(r.positive for r in rows), float(len(rows)), low, high)


# --- signals and decisions -----------------------------------------------------------------------


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Chance that a positive scores above a negative, ties half; None where one side is empty.

    >>> auroc([0.9, 0.4, 0.4, 0.1], [True, True, False, False])
    0.875
    >>> auroc([0.5], [True]) is None
    True
    """
    values, labels = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    high, low = int(labels.sum()), int((~labels).sum())
    if not high or not low:
        return None
    _, inverse, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[inverse]
    return float((ranks[labels].sum() - high * (high + 1) / 2) / (high * low))


def risk_coverage(scores: Sequence[float], wrong: Sequence[bool]) -> list[float]:
    """Share of wrong answers among the first one, two, … all, most confident first; equal scores enter together.

    >>> risk_coverage([0.9, 0.1], [False, True]), risk_coverage([0.9, 0.9], [False, True])
    ([0.0, 0.5], [0.5, 0.5])
    """
    if not scores:
        return []
    values = np.asarray(scores, dtype=np.float64)
    errors = np.asarray(wrong, dtype=np.float64)
    _, inverse, sizes = np.unique(-values, return_inverse=True, return_counts=True)
    spread = np.repeat(np.bincount(inverse, weights=errors) / sizes, sizes)
    return [float(v) for v in np.cumsum(spread) / np.arange(1, len(values) + 1)]


def risk_coverage_area(scores: Sequence[float], wrong: Sequence[bool]) -> float | None:
    """Mean share of wrong answers over all coverages.

    Right, wrong by confidence: risk 0 at half the coverage and 1/2 at all of it, so 1/4.

    >>> risk_coverage_area([0.9, 0.1], [False, True])
    0.25
    """
    return float(np.mean(risks)) if (risks := risk_coverage(scores, wrong)) else None


def balanced_accuracy(predicted: Sequence[bool], positive: Sequence[bool]) -> float | None:
    """Mean of the hit rates on positives and on negatives.

    >>> balanced_accuracy([True, True, False, False], [True, False, False, False])
    0.8333333333333334
    """
    hit = [p for p, y in zip(predicted, positive, strict=True) if y]
    miss = [p for p, y in zip(predicted, positive, strict=True) if not y]
    if not hit or not miss:
        return None
    return (sum(hit) / len(hit) + 1 - sum(miss) / len(miss)) / 2


def kappa(one: Sequence[bool], other: Sequence[bool]) -> float | None:
    """Agreement of two judges beyond chance; None where both always say the same one thing.

    Three of four agree, 3/4; by chance 1/2 (1/2 · 3/4 + 1/2 · 1/4), so (3/4 - 1/2) / (1 - 1/2).

    >>> kappa([True, True, False, False], [True, True, True, False])
    0.5
    >>> kappa([True, True], [True, True]) is None
    True
    """
    if not one:
        return None
    n = len(one)
    agreed = sum(a == b for a, b in zip(one, other, strict=True)) / n
    yes, yes_too = sum(one) / n, sum(other) / n
    chance = yes * yes_too + (1 - yes) * (1 - yes_too)
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def f1(predicted: Sequence[bool], positive: Sequence[bool]) -> float:
    """2 true positives / (2 true positives + false positives + false negatives).

    >>> f1([True, True, False], [True, False, True])
    0.5
    """
    both = sum(p and y for p, y in zip(predicted, positive, strict=True))
    either = sum(predicted) + sum(positive)
    return 2 * both / either if either else 0.0


def recall_at_false_alarms(scores: Sequence[float], positive: Sequence[bool], share: float = 0.05) -> float | None:
    """Best recall on positives over thresholds whose false alarms stay within the share of the negatives.

    >>> recall_at_false_alarms([0.9, 0.8, 0.7, 0.1], [True, False, True, False], 0.05)
    0.5
    """
    high = [s for s, y in zip(scores, positive, strict=True) if y]
    low = sorted((s for s, y in zip(scores, positive, strict=True) if not y), reverse=True)
    if not high or not low:
        return None
    first_too_many = low[min(int(share * len(low)), len(low) - 1)]
    return sum(s > first_too_many for s in high) / len(high)


def best_threshold(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """The threshold (positive = at or above it) with the best balanced accuracy; midway between neighbours.

    >>> best_threshold([0.2, 0.4, 0.8], [False, False, True])
    0.6000000000000001
    """
    values, labels = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    levels = np.unique(values)
    candidates = np.concatenate([levels[:1], (levels[:-1] + levels[1:]) / 2, levels[-1:] + 1e-9])
    high, low = np.sort(values[labels]), np.sort(values[~labels])
    hit = (len(high) - np.searchsorted(high, candidates)) / max(1, len(high))
    alarm = (len(low) - np.searchsorted(low, candidates)) / max(1, len(low))
    return float(candidates[int(np.argmax(hit - alarm))])


# --- pairs ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """B minus A with its interval, and how often chance alone would give as much (sign flips by cluster)."""

    a: float | None
    b: float | None
    value: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int


def paired(a: Sequence[Count], b: Sequence[Count], own_denominators: bool = False) -> Difference:
    """Both runs over the same items, drawn together by cluster; an item that one run lacks counts zero for it.

    With `own_denominators` (statements shown, quotes shown) a run is divided by what it showed itself.

    >>> d = paired([Count("q1", "x", 0), Count("q2", "y", 1)], [Count("q1", "x", 1), Count("q2", "y", 1)])
    >>> d.a, d.b, d.value, d.n
    (0.5, 1.0, 0.5, 2)
    """
    items = {c.item: c.cluster for c in (*a, *b)}
    left, right = {c.item: c for c in a}, {c.item: c for c in b}
    pairs = [(id, items[id], left.get(id), right.get(id)) for id in sorted(items)]
    clusters = {c: i for i, c in enumerate(sorted(set(items.values())))}
    sums = np.zeros((4, len(clusters)))
    for _, cluster, x, y in pairs:
        at = clusters[cluster]
        sums[0, at] += x.numerator if x else 0.0
        sums[1, at] += x.denominator if x else (y.denominator if y and not own_denominators else 0.0)
        sums[2, at] += y.numerator if y else 0.0
        sums[3, at] += y.denominator if y else (x.denominator if x and not own_denominators else 0.0)
    if not sums[1].sum() or not sums[3].sum():
        return Difference(None, None, None, None, None, None, len(pairs))
    value_a, value_b = sums[0].sum() / sums[1].sum(), sums[2].sum() / sums[3].sum()
    often = draws(len(clusters))
    top_a, bottom_a, top_b, bottom_b = (often @ row for row in sums)
    kept = (bottom_a > 0) & (bottom_b > 0)
    low, high = _interval(top_b[kept] / bottom_b[kept] - top_a[kept] / bottom_a[kept])
    return Difference(
        float(value_a),
        float(value_b),
        float(value_b - value_a),
        low,
        high,
        _by_chance(sums, value_b - value_a),
        len(pairs),
    )


def _by_chance(sums: Floats, observed: float) -> float:
    """Share of sign flips, each swapping both runs in whole clusters, with a difference at least as large."""
    generator = np.random.default_rng(_SEED)
    flips = generator.random((_RESAMPLES, sums.shape[1])) < 0.5
    one, other = (np.where(f, sums[2], sums[0]).sum(axis=1) for f in (flips, ~flips))
    below, beneath = (np.where(f, sums[3], sums[1]).sum(axis=1) for f in (flips, ~flips))
    kept = (below > 0) & (beneath > 0)
    top_a, top_b = one[kept] / below[kept], other[kept] / beneath[kept]
    return float((1 + np.sum(np.abs(top_b - top_a) >= abs(observed) - 1e-12)) / (1 + len(top_a)))
