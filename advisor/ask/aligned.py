"""What two sentences say of the same thing, part by part: which clause is denied, and which figure belongs to what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from advisor.ask.figures import Figure, figures, same
from advisor.ask.words import Held, Word, held, likeness, words

_CLAUSE = re.compile(
    r"[，；;：:。！？!?—]\s*|,(?!\d)\s*|\.(?!\d)\s*|\s(?=(?:but|and|which|while|whereas|because|unless|if|when|though|so|where) )|(?=但是?|而且?(?=[不没未无]))"
)
_LEAST_WORDS = 2


@dataclass(frozen=True, eq=False)
class Clause:
    text: str
    words: tuple[Word, ...]
    all: Held


@lru_cache(maxsize=4096)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a folded text that hold words."""
    parts = (p for p in _CLAUSE.split(text) if p and p.strip())
    return tuple(Clause(p, w, held(p)) for p in parts if (w := tuple(dict.fromkeys(words(p)))))


def alike(one: Clause, two: Clause) -> float:
    """0 to 1: how much of the shorter clause the other says too, in its own or in other words."""
    a, b = _kept(one, two), _kept(two, one)
    return (a + b) / 2


def _kept(one: Clause, two: Clause) -> float:
    total = sum(w.rarity for w in one.words) or 1.0
    return sum(w.rarity * likeness(w, two.all) for w in one.words) / total


def pairs(own: str, base: str) -> list[tuple[Clause, Clause, float]]:
    """Each clause of a folded text with the one of the other that is most like it."""
    cited = clauses(base)
    found = []
    for clause in clauses(own):
        if len(clause.words) >= _LEAST_WORDS and cited:
            near = max(cited, key=lambda c: alike(clause, c))
            found.append((clause, near, alike(clause, near)))
    return found


def roles_swapped(own: str, base: str) -> float:
    """How rare the words are that changed partners: "the machine marks and workers mend" for "workers mark and the machine mends"."""
    there, here = _clause_of_word(base), _clause_of_word(own)
    cells: dict[tuple[int, int], float] = {}
    for word in there.keys() & here.keys():
        cell = there[word], here[word]
        cells[cell] = max(cells.get(cell, 0.0), word.rarity)
    return max(
        (
            min(rarity, other, cells[i, m], cells[j, k])
            for (i, k), rarity in cells.items()
            for (j, m), other in cells.items()
            if i != j and k != m and (i, m) in cells and (j, k) in cells
        ),
        default=0.0,
    )


def _clause_of_word(text: str) -> dict[Word, int]:
    """Words that stand in one clause alone, and in which."""
    found: dict[Word, int] = {}
    for n, clause in enumerate(clauses(text)):
        for word in clause.words:
            found[word] = -1 if word in found else n
    return {word: n for word, n in found.items() if n >= 0}


# --- figures --------------------------------------------------------------------------------------

_EARLY = re.compile(
    r"从|由(?=\d)|自(?=\d)|原来|原先|原本|原为|过去|之前|以前|此前|曾|旧|\b(?:from|used to|was|were|had|before|previously|formerly|originally|earlier|once|against)\b"
)
_LATE = re.compile(
    r"到|至|为(?=\d)|如今|现在|目前|降[为成]|升[为成]|改[为成]|后|\b(?:to|now|nowadays|today|is|are|has|have|afterwards|after|currently)\b"
)
_ACROSS, _STRAIGHT = 0.8, 0.1
_STOP = re.compile(r"[，；;。、]|,(?!\d)|\.(?!\d)|\b(?:and|while|where|whereas|but)\b")


def crossed(own: str, base: str) -> float:
    """Whether two figures of one kind stand in each other's place: before and after, or what they are said of."""
    found, cited = figures(own), figures(base)
    worst = 0.0
    for i, one in enumerate(found):
        for two in found[i + 1 :]:
            if one.kind != two.kind or one.values == two.values:
                continue
            first, second = [c for c in cited if same(one, c)], [c for c in cited if same(two, c)]
            if len(first) == len(second) == 1:
                worst = max(worst, _turned_round(own, found, (one, two), base, cited, (first[0], second[0])))
    return worst


def _turned_round(
    own: str,
    found: Sequence[Figure],
    here: tuple[Figure, Figure],
    base: str,
    cited: Sequence[Figure],
    there: tuple[Figure, Figure],
) -> float:
    when = [_when(own, f) for f in here], [_when(base, f) for f in there]
    if when[0] == when[1][::-1] and set(when[0]) == {"early", "late"}:
        return 1.0
    mine, theirs = [_around(own, found, f) for f in here], [_around(base, cited, f) for f in there]
    straight = _fit(mine[0], theirs[0], theirs[1]) + _fit(mine[1], theirs[1], theirs[0])
    across = _fit(mine[0], theirs[1], theirs[0]) + _fit(mine[1], theirs[0], theirs[1])
    return 1.0 if across > _ACROSS and straight < _STRAIGHT else 0.0


def _clause_of(text: str, figure: Figure) -> tuple[str, str]:
    end = figure.start + len(figure.shown)
    return _STOP.split(text[max(0, figure.start - 60) : figure.start])[-1], _STOP.split(text[end : end + 40])[0]


def _when(text: str, figure: Figure) -> str:
    """early or late by the last word of time before the figure in its clause, else the first after it."""
    before, after = _clause_of(text, figure)
    marks = [(m.start(), "early") for m in _EARLY.finditer(before)] + [
        (m.start(), "late") for m in _LATE.finditer(before)
    ]
    if marks:
        return max(marks)[1]
    return "early" if _EARLY.search(after) else ""


def _around(text: str, all_figures: Sequence[Figure], figure: Figure) -> tuple[Word, ...]:
    """The words of a figure's clause that stand nearer to it than to another figure."""
    before, after = _clause_of(text, figure)
    ends = [f.start + len(f.shown) for f in all_figures if f.start < figure.start]
    room = figure.start - max(ends, default=0)
    return words(before[-room:] if room < len(before) else before) or words(after)


def _fit(own: Sequence[Word], right: Sequence[Word], wrong: Sequence[Word]) -> float:
    """Share of the words that stand at the one figure and not at the other."""
    total = sum(w.rarity for w in own)
    here, there = ({w.text for w in side} for side in (right, wrong))
    return sum(w.rarity for w in own if w.text in here and w.text not in there) / total if total else 0.0
