"""Models over the shipped corpus: one that babbles, one that rewrites, and one that rewrites with a fault among the faithful."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_server import KEY, fault_server
from llm_models import Rewriter, ScriptedChat, babbler

from advisor import Question, Reply, Turn
from advisor.adapters.chat import open_chat
from advisor.wiring import Advisor

pytestmark = pytest.mark.slow

GOLD = Path(__file__).parent.parent / "eval" / "gold" / "dev.jsonl"


@pytest.fixture
def asking(full_advisor: Advisor) -> Iterator[Advisor]:
    yield full_advisor
    full_advisor.chat = None  # type: ignore[misc]


def items(n: int) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    return [r for r in rows if isinstance(r.get("question"), str)][:n]


def questions(n: int) -> list[str]:
    return [r["question"] for r in items(n)]


def test_babble_is_never_shown_as_supported(asking: Advisor) -> None:
    """Every dev question with its history, until the model was asked for two hundred answers."""
    asked = reworded = shown = 0
    for n, item in enumerate([*items(1000), *items(1000)]):
        chat = ScriptedChat(babbler(n))
        asking.chat = chat  # type: ignore[misc]
        history = tuple(Turn(t["question"], t["answer"]) for t in item["history"])
        reply = asking.ask(Question(item["question"], history=history))
        answers = [m for m in chat.seen if "<passage" in m[-1].text]
        asked += bool(answers)
        reworded += len(chat.seen) > len(answers)
        shown += sum(s.kind == "written" for s in reply.statements)
        assert reply.answerer == "extractive"
        assert bool(answers) == (reply.fallback is not None)
        assert reply.receipt["rewrite"] is None
        assert reply.status in ("answered", "partial", "abstained", "clarify")
        if asked == 200:
            break
    assert asked == 200
    assert reworded > 20
    assert shown == 0


def test_a_hundred_readers_at_once(asking: Advisor, tmp_path: Path) -> None:
    """Different questions over the whole corpus, a model at fifty tokens a second: nobody gets an error."""
    replies: list[Reply] = []
    waits: list[float] = []
    with fault_server("copies", pause=0.02) as server:
        chat = open_chat("openai:m", server.url, KEY, 60, 0, tmp_path / "t")
        chat.warm()
        asking.chat = chat  # type: ignore[misc]

        def one(question: str) -> None:
            first = None
            for step in asking.stages(Question(question)):
                if isinstance(step, Reply):
                    replies.append(step)
                elif step.name == "statement" and first is None:
                    first = time.monotonic()
            if first and question in server.first_rows:
                waits.append(first - server.first_rows[question])

        threads = [threading.Thread(target=one, args=(q,)) for q in questions(100)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(180)
    took = time.monotonic() - began
    print(f"100 replies in {took:.1f} s; first statements after", sorted(round(w, 2) for w in waits))
    assert len(replies) == 100
    assert {r.fallback for r in replies} <= {None, "model_unsupported"}
    assert sum(r.answerer == "llm:openai:m" for r in replies) > 60


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
