"""One fact is told once, and two facts never as one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from advisor.ask.told_once import is_told
from advisor.model import Citation, Statement

KINDS = {"guide": "guide", "rule": "policy", "other-rule": "policy"}


class _Ground:
    """Two sentences mean the same to it; places are those of two names."""

    def __init__(self) -> None:
        self.generation = SimpleNamespace(documents={i: SimpleNamespace(kind=k) for i, k in KINDS.items()})
        self.lexicon = SimpleNamespace(places=self, sentence_vectors=lambda texts, _: np.ones((len(texts), 1)))
        self.embedder = None

    def find(self, text: str) -> list[Any]:
        return [SimpleNamespace(id=name) for name in ("Longyan", "Hefei") if name in text]


def quoted(document: str, text: str) -> Statement:
    return Statement(text, "quoted", (Citation(document, "en", f"{document}:0", text, 0, len(text)),))


def told(first: Statement, second: Statement) -> tuple[bool, list[Statement]]:
    chosen = [first]
    return is_told(_Ground(), second, chosen), chosen  # type: ignore[arg-type]


def test_what_a_guide_says_of_a_rule_is_cited_with_it() -> None:
    rule = quoted("rule", "Longyan pays 50 % of the cost, at most 250,000 yuan.")
    repeats, chosen = told(rule, quoted("guide", "In Longyan 50 % of the cost is paid, at most 250,000 yuan."))
    assert repeats
    assert [c.document for c in chosen[0].citations] == ["rule", "guide"]
    assert chosen[0].text == rule.text


def test_two_places_are_two_facts() -> None:
    assert not told(
        quoted("rule", "Longyan pays 50 % of the cost, at most 250,000 yuan."),
        quoted("guide", "Hefei pays 50 % of the cost, at most 250,000 yuan."),
    )[0]


def test_two_rules_are_two_facts() -> None:
    text = "Central finance pays 1.5 percentage points for 2 years."
    assert not told(quoted("rule", text), quoted("other-rule", text))[0]


def test_a_figure_that_the_other_lacks_is_never_cited_from_it() -> None:
    first = quoted("rule", "Longyan pays 50 % of the cost, at most 250,000 yuan, since 18 October 2024.")
    repeats, chosen = told(first, quoted("guide", "Longyan pays 50 % of the cost, at most 250,000 yuan."))
    assert not repeats
    assert chosen == [first]


def test_the_same_of_one_document_is_left_out() -> None:
    first = quoted("guide", "A basic upgrade costs 500,000 yuan and takes 2 months.")
    repeats, chosen = told(first, quoted("guide", "Only the 6 worst steps: 500,000 yuan, 2 months."))
    assert repeats
    assert chosen == [first]
