"""Whether a formula that we show holds: "30万元 > 25万元; 25万元 ÷ 50 % ≈ 50万元"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from advisor.text import Quantity, fold, quantities

_STEP = re.compile(r"[;；\n]|(?<=\D),\s")
_RELATION = re.compile(r"\s*(≈|>=|<=|≥|≤|>|<|=)\s*")
_SIGN = re.compile(r"\s+[-−–+*x/]\s+|\s*[÷×+−]\s*|[()]")
_ROUND = {"-": "-", "−": "-", "–": "-", "+": "+", "*": "×", "x": "×", "×": "×", "/": "÷", "÷": "÷", "(": "(", ")": ")"}


@dataclass(frozen=True)
class Amount:
    """A value with what it counts; None for a bare number or a share."""

    value: float
    unit: str | None
    shown: str


class NotAFormula(ValueError):
    """Cannot be read as sums of figures."""


def formula_faults(formula: str) -> tuple[str, ...]:
    """Reason codes; empty where every step can be read and holds."""
    try:
        return tuple(f"arithmetic_wrong:{s.strip()}" for s in _steps(formula) if not _holds(s))
    except (NotAFormula, ZeroDivisionError):
        return (f"formula_unreadable:{formula}",)


def formula_inputs(formula: str) -> tuple[str, ...]:
    """The figures that must come from quotes: all that no earlier or same step works out."""
    inputs: list[str] = []
    known: set[float] = set()
    for step in _steps(formula):
        sides = _RELATION.split(fold(step))
        operands = [_operands(side) for side in sides[::2]]
        works_out = len(sides) >= 3 and sides[1] in ("=", "≈") and len(operands[0]) > 1
        for amount in operands[0] if works_out else [a for side in operands for a in side]:
            if amount.value not in known and amount.shown not in ("1", "100 %", "100%"):
                inputs.append(amount.shown)
        if works_out:
            known |= {a.value for side in operands[1:] for a in side}
    return tuple(dict.fromkeys(inputs))


def _steps(formula: str) -> list[str]:
    return [s for s in _STEP.split(formula) if s and s.strip()]


def _operands(side: str) -> list[Amount]:
    return [_amount(p) for p in _SIGN.split(side) if p.strip()]


def _holds(step: str) -> bool:
    sides = _RELATION.split(fold(step))
    if len(sides) < 3:
        raise NotAFormula(step)
    values = [_evaluate(s) for s in sides[::2]]
    return all(_related(a, sign, b) for a, sign, b in zip(values, sides[1::2], values[1:], strict=False))


def _related(a: Amount, sign: str, b: Amount) -> bool:
    if a.unit and b.unit and a.unit != b.unit:
        return False
    exact = 1e-6 * max(abs(a.value), abs(b.value)) + 1e-9
    if sign == "≈":
        return abs(a.value - b.value) <= max(0.01 * abs(b.value), 500.0 if abs(b.value) >= 10_000 else 0.0)
    return {
        "=": abs(a.value - b.value) <= exact, ">": a.value > b.value + exact, "<": a.value < b.value - exact,
        ">=": a.value >= b.value - exact, "≥": a.value >= b.value - exact, "<=": a.value <= b.value + exact, "≤": a.value <= b.value + exact,
    }[sign]  # fmt: skip


def _evaluate(side: str) -> Amount:
    items = list(_items(side))
    value = _sum(items)
    if items:
        raise NotAFormula(side)
    return value


def _items(side: str) -> Iterator[str | Amount]:
    cursor = 0
    for sign in _SIGN.finditer(side):
        if side[cursor : sign.start()].strip():
            yield _amount(side[cursor : sign.start()])
        yield _ROUND[sign[0].strip()]
        cursor = sign.end()
    if side[cursor:].strip():
        yield _amount(side[cursor:])


def _sum(items: list[str | Amount]) -> Amount:
    left = _product(items)
    while items and items[0] in ("+", "-"):
        sign = items.pop(0)
        right = _product(items)
        if left.unit and right.unit and left.unit != right.unit:
            raise NotAFormula(f"{left.shown} {sign} {right.shown}")
        left = Amount(
            left.value + right.value if sign == "+" else left.value - right.value, left.unit or right.unit, ""
        )
    return left


def _product(items: list[str | Amount]) -> Amount:
    left = _one(items)
    while items and items[0] in ("×", "÷"):
        sign = items.pop(0)
        right = _one(items)
        if sign == "×":
            left = Amount(left.value * right.value, left.unit or right.unit, "")
        else:
            left = Amount(left.value / right.value, None if left.unit == right.unit else left.unit, "")
    return left


def _one(items: list[str | Amount]) -> Amount:
    if not items:
        raise NotAFormula("a figure is missing")
    first = items.pop(0)
    if first == "(":
        inner = _sum(items)
        if not items or items.pop(0) != ")":
            raise NotAFormula("a bracket is open")
        return inner
    if isinstance(first, str):
        raise NotAFormula(first)
    return first


def _amount(text: str) -> Amount:
    found = quantities(text.strip())
    if len(found) != 1:
        raise NotAFormula(text)
    return Amount(_plain(found[0]), found[0].unit, text.strip())


def _plain(figure: Quantity) -> float:
    """Shares as fractions, dates as years where no month is given."""
    if isinstance(figure.value, tuple):
        year, month, day = figure.value
        if month or day or not year:
            raise NotAFormula("a full date")
        return float(year)
    return float(figure.value) / 100 if figure.kind == "percent" else float(figure.value)
