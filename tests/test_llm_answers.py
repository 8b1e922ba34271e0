"""Models over the shipped corpus: one that babbles, one that rewrites, and one that rewrites with a fault among the faithful."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from llm_models import Rewriter, ScriptedChat, babbler

from advisor import Question
from advisor.wiring import Advisor

pytestmark = pytest.mark.slow

GOLD = Path(__file__).parent.parent / "eval" / "gold" / "dev.jsonl"


@pytest.fixture
def asking(full_advisor: Advisor) -> Iterator[Advisor]:
    yield full_advisor
    full_advisor.chat = None  # type: ignore[misc]


def questions(n: int) -> list[str]:
    rows = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    return [r["question"] for r in rows if isinstance(r.get("question"), str)][:n]


def test_babble_is_never_shown_as_supported(asking: Advisor) -> None:
    asked = shown = 0
    for n, question in enumerate(questions(200)):
        chat = ScriptedChat(babbler(n))
        asking.chat = chat  # type: ignore[misc]
        reply = asking.ask(Question(question))
        asked += bool(chat.seen)
        shown += sum(s.kind == "written" for s in reply.statements)
        assert reply.answerer == "extractive"
        assert bool(chat.seen) == (reply.fallback is not None)
        assert reply.status in ("answered", "partial", "abstained", "clarify")
    assert asked > 100
    assert shown == 0


def _rewritten(asking: Advisor, fault: str | None, n: int) -> Counter[str]:
    """How many faithful and planted statements came through, and how many were said."""
    with asking._shelf.current() as generation:
        places = generation.places
    counts: Counter[str] = Counter()
    for seed, question in enumerate(questions(n)):
        writer = Rewriter(random.Random(seed), fault, places)
        asking.chat = ScriptedChat(writer)  # type: ignore[misc]
        reply = asking.ask(Question(question))
        said = {s.text for s in reply.statements if s.kind == "written"}
        counts["told"] += len(writer.told)
        counts["shown"] += sum(t in said for t in writer.told)
        if writer.planted:
            counts["planted"] += 1
            counts["passed"] += writer.planted in said
            counts["dropped"] += reply.dropped
    return counts


def test_faithful_rewriting_survives(asking: Advisor) -> None:
    counts = _rewritten(asking, None, 120)
    assert counts["told"] > 200
    assert counts["shown"] / counts["told"] >= 0.95, counts


@pytest.mark.parametrize(
    ("fault", "least"), [("number", 0.97), ("place", 0.97), ("citation", 0.97), ("wrong_label", 0.95)]
)
def test_a_planted_fault_is_caught(asking: Advisor, fault: str, least: float) -> None:
    counts = _rewritten(asking, fault, 160)
    assert counts["planted"] > 60
    assert 1 - counts["passed"] / counts["planted"] >= least, counts
    assert counts["shown"] / counts["told"] >= 0.95, counts
    assert counts["dropped"] > 0.9 * (counts["planted"] - counts["passed"])
