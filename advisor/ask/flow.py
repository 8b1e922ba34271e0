"""question ─ query ─ retrieve ─ answer ─ verify ─ reply: one line an arrow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from advisor.ask.answer_extractive import ExtractiveAnswerer
from advisor.ask.command import apply_command
from advisor.ask.lexicon import Lexicon
from advisor.ask.query import understand
from advisor.ask.reply import reply
from advisor.ask.retrieve import retrieve
from advisor.ask.verify import verify
from advisor.errors import UserError
from advisor.generation import Generation
from advisor.model import Question, Reply
from advisor.ports import Embedder


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done, for a reader who waits; `count` is how much there is to it."""

    name: str
    count: int = 0


@dataclass(frozen=True)
class Flow:
    """One generation and what is needed to answer from it."""

    generation: Generation
    lexicon: Lexicon
    embedder: Embedder
    prompts: str
    top_k: int
    longest: int
    today: Callable[[], date] = date.today

    def ask(self, question: Question) -> Reply:
        """The reply; raises UserError for an empty or overlong question."""
        for step in self.stages(question):
            if isinstance(step, Reply):
                return step
        raise AssertionError("a flow ends in a reply")

    def stages(self, question: Question) -> Iterator[Stage | Reply]:
        """The named stages as they begin, then the reply."""
        check(question, self.longest)
        clock = Clock()
        as_of = question.as_of or self.today()
        query = understand(question, self.lexicon, as_of)
        clock.lap("query")
        yield Stage("searching", len(self.generation.documents))
        hits = retrieve(query, self.generation, self.lexicon, self.embedder, self.top_k)
        clock.lap("retrieve")
        yield Stage("reading", len(hits))
        answer = ExtractiveAnswerer(self.generation, self.lexicon, self.embedder).answer(query, hits)
        answer = apply_command(query, answer)
        clock.lap("answer")
        yield Stage("checking", len(answer.statements))
        answer = verify(answer, self.generation.documents)
        clock.lap("verify")
        receipt = self._receipt(question, as_of)
        yield reply(question.text, query, answer, hits, self.generation, clock.laps(), receipt)

    def _receipt(self, question: Question, as_of: date) -> Mapping[str, Any]:
        """Everything a replay needs."""
        return {
            "question": question.text,
            "language": question.language,
            "profile": question.profile.as_dict() if question.profile else None,
            "history": [{"question": t.question, "answer": t.answer} for t in question.history],
            "as_of": as_of.isoformat(),
            "corpus": self.generation.manifest["corpus"],
            "generation": self.generation.name,
            "prompts": self.prompts,
            "embedder": self.embedder.fingerprint,
            "chat_model": None,
        }


def check(question: Question, longest: int) -> None:
    if not any(c.isalnum() for c in question.text):
        raise UserError("question_empty")
    if len(question.text) > longest:
        raise UserError("question_too_long", length=len(question.text), limit=longest)


class Clock:
    """Laps in milliseconds, and their total."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = (now - self._last) * 1000
        self._last = now

    def laps(self) -> dict[str, float]:
        return {**self._laps, "total": (time.perf_counter() - self._start) * 1000}
