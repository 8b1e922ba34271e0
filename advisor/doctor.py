"""What is missing to run well: the index, the corpus, the embedder and, where one is set, the chat model on ten questions."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from advisor.adapters.chat import LangChainChat
from advisor.ask.answer_llm import in_language
from advisor.ask.entailed import LEAST
from advisor.errors import AdvisorError, ModelFault
from advisor.model import LANGUAGES, Language, Question, Reply, Turn
from advisor.ports import ChatModel, Entailment, Message
from advisor.wiring import Advisor
from advisor.wording import say, wording

QUESTIONS_EACH = 5
SURVIVES_WELL, SURVIVES_BADLY = 0.8, 0.5
State = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, and what to do where it is not well."""

    about: str
    state: State
    detail: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def examine(advisor: Advisor, language: str) -> Iterator[Finding]:
    """Findings in the language of whoever runs it, each as soon as it is known."""
    yield _index(advisor, language)
    yield _corpus(advisor, language)
    if advisor.chat is None:
        yield Finding("chat_model", "ok", say("doctor.no_model", language))
        return
    reached = _reached(advisor.chat, language)
    yield reached
    if reached.state == "wrong":
        return
    if advisor.entailment:
        yield _entailment(advisor.entailment, language)
    yield from _used(advisor, language)
    if advisor.settings.chat_rewrite_s:
        yield _rewrites(advisor, language)


def _index(advisor: Advisor, language: str) -> Finding:
    try:
        status = advisor.status()
    except AdvisorError as error:
        return Finding("index", "wrong", error.message(language))
    stale = status["embedder"] != advisor.embedder.fingerprint
    words = say("doctor.index_stale" if stale else "doctor.index", language, **status)
    return Finding("index", "warning" if stale else "ok", words)


def _corpus(advisor: Advisor, language: str) -> Finding:
    documents, findings = advisor.check()
    wrong = sum(f.severity == "error" for f in findings)
    return Finding(
        "corpus", "wrong" if wrong else "ok", say("doctor.corpus", language, documents=documents, wrong=wrong)
    )


# --- the chat model -------------------------------------------------------------------------------


def _reached(chat: ChatModel, language: str) -> Finding:
    """Whether it answers at all, in pieces, and how fast."""
    began = time.monotonic()
    first, pieces, letters = None, 0, 0
    try:
        for piece in chat.stream([Message("user", say("doctor.probe", language))]):
            if piece:
                first = first or time.monotonic()
                pieces, letters = pieces + 1, letters + len(piece)
    except ModelFault as fault:
        return Finding("chat_model", "wrong", fault.message(language))
    if first is None:
        return Finding("chat_model", "wrong", ModelFault("model_failed").message(language))
    speed = letters / max(time.monotonic() - first, 0.001) if pieces > 1 else 0
    key = "doctor.reached" if pieces > 1 else "doctor.not_streaming"
    detail = say(key, language, model=chat.name, first=f"{first - began:.1f}", speed=f"{speed:.0f}")
    return Finding("chat_model", "ok" if pieces > 1 else "warning", detail)


def _used(advisor: Advisor, language: str) -> Iterator[Finding]:
    """Ten questions: how many it answered, in the right language, and how much of what it wrote was verified."""
    asked = [(q, la) for la in LANGUAGES for q in wording("starters", la)[:QUESTIONS_EACH]]
    replies = [(_timed(advisor, q, la), la) for q, la in asked]
    wrote = [(r, la) for (r, _), la in replies if r.answerer != "extractive"]
    fell = Counter(r.fallback for (r, _), _ in replies if r.fallback)
    put = len(wrote) + sum(fell.values())
    seconds = sorted(s for (r, s), _ in replies if r.answerer != "extractive" or r.fallback)
    reasons = ", ".join(f"{n} × {reason}" for reason, n in fell.most_common())
    detail = say(
        "doctor.answers",
        language,
        good=len(wrote),
        asked=put,
        seconds=f"{seconds[len(seconds) // 2] if seconds else 0:.1f}",
    )
    state: State = "ok" if put and not fell else "warning" if wrote or not put else "wrong"
    yield Finding("chat_answers", state, f"{detail} {reasons}".strip())
    yield _form(advisor.chat, put - fell["model_unreadable"], put, language)
    texts = [(s.text, la) for r, la in wrote for s in r.statements if s.kind == "written"]
    if not texts:
        return
    said = len(texts) + sum(r.dropped for r, _ in wrote)
    share = len(texts) / said
    verified: State = "ok" if share >= SURVIVES_WELL else "warning" if share >= SURVIVES_BADLY else "wrong"
    yield Finding("chat_verified", verified, say("doctor.verified", language, good=len(texts), said=said))
    right = sum(in_language(t, la) for t, la in texts)
    yield Finding(
        "chat_language",
        "ok" if right == len(texts) else "warning",
        say("doctor.language", language, good=right, said=len(texts)),
    )


def _form(chat: ChatModel | None, good: int, asked: int, language: str) -> Finding:
    """Whether the server forces the form of a reply, and how many replies could be read either way."""
    held = isinstance(chat, LangChainChat) and chat.holds_form
    detail = say("doctor.form_held" if held else "doctor.form_free", language, good=good, asked=asked)
    return Finding("chat_form", "ok" if good == asked else "warning" if good else "wrong", detail)


def _rewrites(advisor: Advisor, language: str) -> Finding:
    """A follow-up in each language: whether its rewrite comes in time and can be used."""
    good, longest = 0, 0.0
    for la in LANGUAGES:
        before = Turn(say("doctor.follow_up.before", la), "")
        reply = advisor.ask(Question(say("doctor.follow_up.question", la), la, history=(before,)))
        good += bool(reply.receipt["rewrite"])
        longest = max(longest, reply.timings_ms.get("rewrite", 0.0) / 1000)
    limit = f"{advisor.settings.chat_rewrite_s:g}"
    detail = say("doctor.rewrites", language, good=good, asked=len(LANGUAGES), seconds=f"{longest:.1f}", limit=limit)
    return Finding("chat_rewrites", "ok" if good == len(LANGUAGES) else "warning", detail)


def _entailment(model: Entailment, language: str) -> Finding:
    """Sentences that follow and sentences that do not, in both languages."""
    pairs = [pair for la in LANGUAGES for pair in wording("doctor.entailment_pairs", la)]
    try:
        model.score("warm", "warm")
        began = time.monotonic()
        judged = [
            (model.score(p["premise"], p[key]) >= LEAST) == (key == "follows")
            for p in pairs
            for key in ("follows", "not")
        ]
    except ModelFault as fault:
        return Finding("entailment", "wrong", fault.message(language))
    each = (time.monotonic() - began) / len(judged)
    detail = say(
        "doctor.entailment", language, model=model.name, good=sum(judged), asked=len(judged), seconds=f"{each:.2f}"
    )
    return Finding("entailment", "ok" if all(judged) else "warning", detail)


def _timed(advisor: Advisor, question: str, language: Language) -> tuple[Reply, float]:
    began = time.monotonic()
    reply = advisor.ask(Question(question, language))
    return reply, time.monotonic() - began


__all__ = ["Finding", "examine"]
