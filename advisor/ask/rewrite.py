"""A model's wording of a question for retrieval: it proposes, the person's own words stay, and nothing strange gets in."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from advisor import prompts
from advisor.ask.agreement import content, share
from advisor.ask.defuse import Links, bare, commands_a_model, foreign_address, inert, inert_line
from advisor.ask.lexicon import Lexicon
from advisor.ask.query import understand
from advisor.errors import ModelFault
from advisor.model import Hit, Language, Query, Question, Turn
from advisor.ports import ChatModel, Message
from advisor.text import detect_language, fold, quantities
from advisor.wording import say

LONGEST = 2000  # characters of a reply, thinking included
LONGEST_REWRITE = 400
TURNS = 3
LOOKED_AT = 3  # best hits that tell whether the words of the question led anywhere in its language
# Of 26 rewrites of follow-ups written by hand the poorest draws 0.33 of its words from the conversation.
LEAST_FROM_THE_TALK = 0.3
LEAST_TRANSLATED = 0.2  # as for statements that cite the other language
WEIGHT = 0.5  # of the rewrite beside the person's own words
_FORM = json.dumps(
    {
        "type": "object",
        "properties": {"question": {"type": "string"}, "translation": {"type": "string"}},
        "required": ["question", "translation"],
        "additionalProperties": False,
    }
)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The question as it would stand alone, and in the other language; either may be missing."""

    question: str | None = None
    translation: str | None = None

    def as_dict(self) -> dict[str, str]:
        return {k: v for k, v in (("question", self.question), ("translation", self.translation)) if v}


def worth_rewriting(query: Query, hits: Sequence[Hit]) -> bool:
    """Follow-ups, and questions whose best passages stand only in the other language."""
    if query.refusal or query.command:
        return False
    best = hits[:LOOKED_AT]
    return bool(query.previous) or sum(h.passage.language != query.language for h in best) * 2 > len(best)


def rewrite(
    question: Question, query: Query, chat: ChatModel, lexicon: Lexicon, limit_s: float
) -> Generator[None, None, Rewrite]:
    """What of the model's proposal may be used, within `limit_s`; yields while it waits. Never raises for the model."""
    said = yield from _heard(chat, messages(query, question.history), limit_s)
    return checked(_read(said), query, question, lexicon)


def _heard(chat: ChatModel, asked: Sequence[Message], limit_s: float) -> Generator[None, None, str]:
    said, until = "", time.monotonic() + limit_s
    pieces = chat.stream(asked)
    try:
        for piece in pieces:
            said += piece
            if _read(said) or len(said) > LONGEST or time.monotonic() > until:
                break
            yield
    except ModelFault:
        pass  # the answer, asked for next, says what is wrong with the model
    finally:
        if callable(close := getattr(pieces, "close", None)):
            close()
    return said


def _read(said: str) -> Mapping[str, Any]:
    """The last JSON object that holds a rewrite; thinking aloud and fences around it do not matter."""
    end = said.rfind("}")
    while end >= 0:
        start = said.rfind("{", 0, end)
        if start < 0:
            return {}
        try:
            found = json.loads(said[start : end + 1], strict=False)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and {"question", "translation"} & found.keys():
            return found
        end = said.rfind("}", 0, start)
    return {}


def messages(query: Query, history: Sequence[Turn]) -> list[Message]:
    """System and user part in the question's language; everything from outside is data between marks."""
    language, links = query.language, Links()
    turns = [
        f"- {inert_line(t.question, links)[:300]}\n  {inert_line(t.answer, links)[:300]}" for t in history[-TURNS:]
    ]
    talk = "\n".join(turns) if query.previous else ""
    user = prompts.render(
        f"rewrite.user.{language}", history=talk or say("llm.none", language), question=inert(query.text, links)
    )
    return [Message("system", prompts.render(f"rewrite.system.{language}"), _FORM), Message("user", user)]


# --- what of it may be used -----------------------------------------------------------------------


def checked(proposed: Mapping[str, Any], query: Query, question: Question, lexicon: Lexicon) -> Rewrite:
    """Only wording that comes from the conversation, and a translation that translates the question."""
    other: Language = "en" if query.language == "zh" else "zh"
    talk = " ".join([query.text, *(f"{t.question} {t.answer}" for t in question.history[-TURNS:])])
    alone = _sound(proposed.get("question"), query.language)
    if alone and not (query.previous and _from_the_talk(alone, talk)):
        alone = None
    across = _sound(proposed.get("translation"), other)
    if across and not _translates(across, alone or query.text, talk, lexicon):
        across = None
    return Rewrite(alone, across)


def _sound(value: object, language: Language) -> str | None:
    text = bare(value) if isinstance(value, str) else ""
    if not text or len(text) > LONGEST_REWRITE or detect_language(text) != language:
        return None
    return None if commands_a_model(text) or foreign_address(text, (), ()) else text


def _from_the_talk(text: str, talk: str) -> bool:
    """Its words mostly, its figures all stand in the conversation."""
    return share(content(text), content(talk)) >= LEAST_FROM_THE_TALK and _figures(text) <= _figures(talk)


def _figures(text: str) -> set[str]:
    """By their first digits: "200 milion" and 200,000,000 are one figure to whoever typed it."""
    return {re.sub(r"[^1-9]*$", "", re.sub(r"\D", "", str(q.value))) for q in quantities(fold(text))}


def _translates(text: str, source: str, talk: str, lexicon: Lexicon) -> bool:
    """Enough of the question's words, put into the other language by our own word list, stand in it; no new figure does."""
    if not _figures(text) <= _figures(talk):
        return False
    terms = lexicon.translate(source, detect_language(text))
    words, held = content(text), fold(text)
    found = sum(w for t, w in terms if t in words or (not t.isascii() and t in held))
    return found >= LEAST_TRANSLATED * sum(w for _, w in terms)


def applied(query: Query, found: Rewrite, lexicon: Lexicon) -> Query:
    """The same question with the rewrite beside it: what the person named stays, what was left open is read from the rewrite."""
    if found.translation:
        query = replace(query, translated=(*query.translated, (found.translation, 1.0)))
    if not found.question:
        return query
    alone = understand(Question(found.question, query.language, query.profile), lexicon, query.as_of)
    own = understand(Question(query.text, query.language, query.profile), lexicon, query.as_of)
    places = query if own.places_from == "question" or alone.places_from != "question" else alone
    return replace(
        query,
        lexical=(*query.lexical, (found.question, WEIGHT)),
        semantic=f"{found.question} {query.text}",
        places=places.places,
        places_from=places.places_from if places is query else "history",
        named=own.named or alone.named or query.named,
        industries=own.industries or alone.industries or query.industries,
        levels=own.levels or alone.levels or query.levels,
        years=own.years or alone.years or query.years,
        terms=tuple(dict.fromkeys((*query.terms, *alone.terms))),
        previous=found.question,
    )


__all__ = ["Rewrite", "applied", "checked", "messages", "rewrite", "worth_rewriting"]
