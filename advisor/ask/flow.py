"""question ─ query ─ retrieve ─ answer ─ verify ─ reply: one line an arrow."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from typing import Any

from advisor.ask.answer_extractive import ExtractiveAnswerer
from advisor.ask.answer_llm import LLMAnswerer, Pace, asks_model, written
from advisor.ask.command import apply_command
from advisor.ask.entailed import entailed
from advisor.ask.lexicon import Lexicon
from advisor.ask.order import in_order
from advisor.ask.reply import reply
from advisor.ask.retrieve import retrieve
from advisor.ask.rewrite import Rewrite, applied, rewrite, worth_rewriting
from advisor.ask.turns import Best, best_of, understood
from advisor.ask.verify import verify
from advisor.errors import ModelFault, UserError
from advisor.generation import Generation
from advisor.model import Answer, Hit, Query, Question, Reply, Statement
from advisor.ports import ChatModel, CrossEncoder, Embedder, Entailment, Reranker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done, for a reader who waits; `count` is how much there is to it.

    `statement` brings the verified statements of a model as they come, `writing` is its sign of life.
    """

    name: str
    count: int = 0
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Flow:
    """One generation and what is needed to answer from it."""

    generation: Generation
    lexicon: Lexicon
    embedder: Embedder
    prompts: str
    top_k: int
    longest: int
    chat: ChatModel | None = None
    reranker: Reranker | None = None
    cross_encoder: CrossEncoder | None = None
    rewrite_s: float = 0.0  # longest wait for the model's wording of a follow-up; 0: it is not asked
    entailment: Entailment | None = None
    today: Callable[[], date] = date.today
    _found: dict[Query, list[Hit]] = field(default_factory=dict, init=False, repr=False, compare=False)

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
        query = self._understood(question, as_of)
        clock.lap("query")
        yield Stage("searching", len(self.generation.documents))
        hits = self._retrieve(query)
        clock.lap("retrieve")
        reworded = Rewrite()
        if self.chat and self.rewrite_s and worth_rewriting(query, hits):
            reworded = yield from self._reworded(question, query, self.chat)
            if reworded != Rewrite():
                query = applied(query, reworded, self.lexicon)
                hits = self._retrieve(query)
            clock.lap("rewrite")
        yield Stage("reading", len(hits))
        extractive = self._answerer
        answer = draft = apply_command(query, extractive.answer(query, hits))
        hits = led(hits, draft)
        if self.chat and asks_model(query, draft):
            answer = yield from self._written(
                question, query, hits, draft, LLMAnswerer(extractive, self.chat, canary())
            )
        clock.lap("answer")
        yield Stage("checking", len(answer.statements))
        try:
            answer = self._held(answer)
        except ModelFault as fault:
            answer = self._held(replace(draft, fallback=fault.reason))
        clock.lap("verify")
        receipt = self._receipt(question, as_of, reworded)
        yield reply(question.text, query, answer, hits, self.generation, clock.laps(), receipt)

    def hits(self, question: Question) -> list[Hit]:
        """Retrieval alone."""
        check(question, self.longest)
        return self._retrieve(self._understood(question, question.as_of or self.today()))

    def _understood(self, question: Question, as_of: date) -> Query:
        look = self.look if self.cross_encoder else None
        return understood(question, self.lexicon, self.generation, self.embedder, as_of, look)

    def look(self, query: Query) -> Best:
        """The best that one reading of a turn leads to."""
        ground = self._answerer
        here = [h for h in self._retrieve(query) if ground.applies(query, h)]
        return best_of(in_order(ground, query, ground.chooser(query).candidates(here)))

    @cached_property
    def _answerer(self) -> ExtractiveAnswerer:
        """One a flow: what it found out to read a turn is not found out again to answer it."""
        return ExtractiveAnswerer(self.generation, self.lexicon, self.embedder, self.cross_encoder)

    def _retrieve(self, query: Query) -> list[Hit]:
        """Once a query, for the same reason."""
        if query not in self._found:
            self._found[query] = retrieve(
                query,
                self.generation,
                self.lexicon,
                self.embedder,
                self.top_k,
                reranker=self.reranker,
                cross_encoder=self.cross_encoder,
            )
        return self._found[query]

    def _written(
        self, question: Question, query: Query, hits: Sequence[Hit], draft: Answer, writer: LLMAnswerer
    ) -> Generator[Stage, None, Answer]:
        """The model's answer, its statements shown as they are verified; the draft where the model fails, with the reason."""
        said: list[Statement] = []
        history = question.history if query.previous else ()
        writing = writer.write(query, hits, draft, history)
        pace, shown = Pace(), 0
        holds: bool | None = None
        try:
            while True:
                try:
                    statement = writing.send(holds)
                except StopIteration as end:
                    return written(draft, said, bool(end.value), writer.chat.name)
                holds = None
                if statement:
                    said.append(self._verified(statement))
                    holds = said[-1].supported
                good = tuple(s for s in said if s.supported)
                if pace.due(news=len(good) > shown):
                    yield Stage("statement" if len(good) > shown else "writing", len(good), good[shown:])
                    shown = len(good)
        except ModelFault as fault:
            log.warning("the chat model was not used: %s", fault.reason)
            return replace(draft, fallback=fault.reason)
        except Exception:  # whatever a model makes us stumble over, the reader gets an answer
            log.exception("the chat model's answer could not be read")
            return replace(draft, fallback="model_failed")
        finally:
            writing.close()

    def _reworded(self, question: Question, query: Query, chat: ChatModel) -> Generator[Stage, None, Rewrite]:
        """What of the model's wording of the question may be searched for; a sign of life every second."""
        asking, pace = rewrite(question, query, chat, self.lexicon, self.rewrite_s), Pace()
        try:
            while True:
                try:
                    next(asking)
                except StopIteration as end:
                    return end.value if isinstance(end.value, Rewrite) else Rewrite()
                if pace.due(news=False):
                    yield Stage("searching", len(self.generation.documents))
        except Exception:  # whatever a model makes us stumble over, the person's own words are searched for
            log.exception("the chat model's rewrite could not be read")
            return Rewrite()
        finally:
            asking.close()

    def _held(self, answer: Answer) -> Answer:
        """Verified; what a model wrote must also follow from its quotes where an entailment model is set."""
        answer = verify(answer, self.generation.documents, self.generation.places, self.lexicon.translate)
        return entailed(answer, self.entailment, self.generation.documents) if self.entailment else answer

    def _verified(self, statement: Statement) -> Statement:
        return self._held(Answer("answered", (statement,))).statements[0]

    def _receipt(self, question: Question, as_of: date, reworded: Rewrite) -> Mapping[str, Any]:
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
            "reranker": self.reranker.name if self.reranker else None,
            "cross_encoder": self.cross_encoder.name if self.cross_encoder else None,
            "chat_model": self.chat.name if self.chat else None,
            "rewrite": reworded.as_dict() or None,
            "entailment": self.entailment.name if self.entailment else None,
        }


def led(hits: list[Hit], answer: Answer) -> list[Hit]:
    """The same hits, first the passage that an answer quotes first: it was read together with the question, the others were
    only weighed. Scores stay on their ranks."""
    first = next((c.passage for s in answer.statements for c in s.citations), None)
    moved = sorted(hits, key=lambda h: h.passage.id != first)
    return [replace(h, passage=m.passage) for h, m in zip(hits, moved, strict=True)]


def check(question: Question, longest: int) -> None:
    if not any(c.isalnum() for c in question.text):
        raise UserError("question_empty")
    if len(question.text) > longest:
        raise UserError("question_too_long", length=len(question.text), limit=longest)


@cache
def canary() -> str:
    """In every system prompt of this process, and nowhere else: a reply that holds it gives our instructions away."""
    return f"mark-{secrets.token_hex(8)}"


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
