"""hits → statements by a language model, each with the sentence it used; what it says counts only once verified."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from advisor import prompts
from advisor.ask.answer_extractive import ExtractiveAnswerer
from advisor.ask.defuse import Links, bare, commands_a_model, foreign_address, host, hosts_in, inert, inert_line
from advisor.ask.heard import Ear, Said
from advisor.ask.locate import locate, longest_new_run
from advisor.errors import ModelFault
from advisor.model import Answer, Citation, Document, Hit, Passage, Query, Statement, Turn, context
from advisor.ports import ChatModel, Message
from advisor.text import detect_language, fold, sentences
from advisor.wording import say

PASSAGES = 8  # shown to the model
STATEMENTS = 10  # taken from it; then the request ends
LONGEST = 30_000  # characters of a reply, thinking included
LONGEST_STATEMENT = 600
# Words in a row that the cited sentences do not hold: of 350 paraphrases by hand two have more, what is smuggled in beside them does.
LONGEST_NEW_RUN = {"zh": 13, "en": 8}
_RUN_ON = re.compile(r"(?<=[a-z0-9%)])([.!?])(?=[A-Z])")
_NEXT = re.compile(
    r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!approx\.)(?<!incl\.)(?<!\b(?:max|min|etc|art|fig|nos)\.)(?<!\b(?:vs|no|cf)\.)\s+(?=\S)",
    re.I,
)
_USUAL = re.compile(
    r"[A-Za-z\u00aa-\u024f\u1e00-\u1eff\u3005\u3007\u3400-\u9fff\uf900-\ufaff\uff21-\uff5a\u00b5\u03bc\u03a9]|[\U00020000-\U0003ffff]"
)
_HOPELESS = 5  # statements in a row from the first without one that holds: the rest is not waited for
_CJK = re.compile(r"[\u3400-\u9fff]")
_OURS = ("digest", "own")
_BY_COMMAND = ("numbers", "source")


@dataclass(frozen=True)
class Brief:
    """What the model is shown: passages by label, and the addresses kept from it."""

    passages: dict[str, Passage]
    links: Links


@dataclass(frozen=True)
class LLMAnswerer:
    """Asks the model where the extractive answer has something to say; never retrieves, never verifies."""

    extractive: ExtractiveAnswerer
    chat: ChatModel
    canary: str

    def answer(self, query: Query, hits: Sequence[Hit]) -> Answer:
        """The model's statements, unverified; the extractive answer wherever the model is not to be asked."""
        draft = self.extractive.answer(query, hits)
        if not asks_model(query, draft):
            return draft
        said: list[Statement] = []
        writing = self.write(query, hits, draft)
        while True:
            try:
                if statement := next(writing):
                    said.append(statement)
            except StopIteration as end:
                return written(draft, said, bool(end.value), self.chat.name)

    def write(
        self, query: Query, hits: Sequence[Hit], draft: Answer, history: Sequence[Turn] = ()
    ) -> Generator[Statement | None, bool | None, bool]:
        """Statements as they come, None while there is nothing new; the value is whether the model called them complete.

        `send(False)` says that the last statement did not hold. Raises ModelFault.
        """
        brief = self.brief(query, hits, draft)
        ear, known, held, lost = Ear(), set[str](), 0, 0
        pieces = self.chat.stream(messages(query, brief, self._documents(), self.canary, history))
        try:
            for found in self._heard(pieces, ear):
                if found is None:
                    yield None
                    continue
                for statement in self.statements(found, query, brief):
                    if fold(statement.text) in known:
                        continue
                    known.add(fold(statement.text))
                    verdict = yield statement
                    held, lost = (held, lost + 1) if verdict is False else (held + 1, lost)
                if len(known) >= STATEMENTS or (not held and lost >= _HOPELESS):
                    break
        finally:
            if callable(close := getattr(pieces, "close", None)):
                close()
        if not known and ear.read == 0:
            raise ModelFault("model_failed")
        return ear.complete

    def _heard(self, pieces: Iterator[str], ear: Ear) -> Iterator[Said | None]:
        """Every piece of the reply passes here: its length, and that it does not tell our instructions."""
        tail = ""
        for piece in pieces:
            tail = (tail + piece)[-len(piece) - len(self.canary) :]
            if self.canary in tail:
                raise ModelFault("model_leaked")
            yield None
            yield from ear.hear(piece)
            if ear.read > LONGEST:
                raise ModelFault("model_too_long")
        yield from ear.finish()

    def _documents(self) -> dict[str, Document]:
        return dict(self.extractive.generation.documents)

    def brief(self, query: Query, hits: Sequence[Hit], draft: Answer) -> Brief:
        """The passages the extractive answer cites, then the other hits that may speak to this question today."""
        generation = self.extractive.generation
        cited = [
            generation.passages[c.passage]
            for s in draft.statements
            for c in s.citations
            if c.passage in generation.passages
        ]
        more = [h.passage for h in hits if self.extractive.applies(query, h) and self._current(query, h.passage)]
        chosen = list({p.id: p for p in [*cited, *more]}.values())[:PASSAGES]
        return Brief({f"P{n}": p for n, p in enumerate(chosen, 1)}, Links())

    def _current(self, query: Query, passage: Passage) -> bool:
        document = self.extractive.generation.documents[passage.document]
        return document.validity(query.as_of) not in ("superseded", "expired", "draft")

    def statements(self, said: Said, query: Query, brief: Brief) -> Iterator[Statement]:
        """One a sentence, each with what it rests on; without citations where form or source are not what was asked for."""
        passages = [brief.passages[label] for label in said.labels if label in brief.passages]
        text = bare(said.text)
        citations = locate(text, [bare(q) for q in said.quotes], passages) if passages else ()
        hosts = frozenset(self._hosts(citations))
        text = " ".join(brief.links.restore(text, hosts).split())
        for sentence in one_by_one(text):
            sound = self._sound(sentence, query, hosts, citations)
            yield Statement(sentence, "written", citations if sound else ())

    def _hosts(self, citations: Iterable[Citation]) -> Iterator[str]:
        """Those that a maintainer vouched for: in a cited document's metadata, or in a text of our own that is quoted."""
        for citation in citations:
            document = self.extractive.generation.documents[citation.document]
            yield from (host(s.url) for s in document.sources if s.url)
            if document.text_origin in _OURS:
                yield from hosts_in(citation.quote)

    def _sound(self, text: str, query: Query, hosts: frozenset[str], citations: Sequence[Citation]) -> bool:
        if len(text) > LONGEST_STATEMENT or not in_language(text, query.language):
            return False
        if strange_letters(text) - strange_letters(" ".join(c.quote for c in citations)):
            return False
        if any(commands_a_model(t) for t in (text, *(c.quote for c in citations))):
            return False
        documents = self.extractive.generation.documents
        names = (n for c in citations for n in _names(documents[c.document]))
        if longest_new_run(text, [c.quote for c in citations], names) > LONGEST_NEW_RUN[query.language] and citations:
            return False
        return foreign_address(text, hosts, [c.quote for c in citations]) is None


def _names(document: Document) -> Iterator[str]:
    """What a statement may call its source."""
    for name in (document.title, document.issuer):
        yield from (n for n in (name.zh, name.en) if n) if name else ()
    yield from (a for names in document.aliases.values() for a in names)


def asks_model(query: Query, draft: Answer) -> bool:
    """Refusals, questions back and wishes about the last answer stand as they are."""
    return draft.status in ("answered", "partial") and query.command not in _BY_COMMAND


def one_by_one(text: str) -> list[str]:
    """Sentences, also where the next begins small or without a blank: what is tacked on must stand for itself."""
    spaced = _RUN_ON.sub(r"\1 ", text)
    return [part for a, b in sentences(spaced) for part in _NEXT.split(spaced[a:b]) if any(c.isalnum() for c in part)]


def strange_letters(text: str) -> frozenset[str]:
    """Letters that are neither Latin nor Chinese: no word list of ours reads them, so only a quote can carry them."""
    return frozenset(c for c in text if c.isalpha() and not _USUAL.match(c))


def in_language(text: str, language: str) -> bool:
    if language == "zh":
        return bool(_CJK.search(text))
    return detect_language(text) == "en"


def written(draft: Answer, statements: Sequence[Statement], complete: bool, model: str) -> Answer:
    """The model's answer with our own arithmetic before it; raises ModelFault where too little of it holds."""
    holds = sum(s.supported and bool(s.citations) for s in statements)
    if not statements:
        raise ModelFault("model_unreadable")
    if not holds or holds * 2 < len(statements):
        raise ModelFault("model_unsupported")
    ours = [s for s in draft.statements if s.kind == "derived"]
    answer = replace(draft, statements=(*ours, *statements), answerer=f"llm:{model}")
    return (
        answer if complete or answer.status != "answered" else replace(answer, status="partial", reason="nothing_found")
    )


# --- prompts --------------------------------------------------------------------------------------


def messages(
    query: Query, brief: Brief, documents: dict[str, Document], canary: str, history: Sequence[Turn] = ()
) -> list[Message]:
    """System and user part in the question's language; everything from outside is data between marks."""
    language, links = query.language, brief.links
    none = say("llm.none", language)
    system = prompts.render(f"answer.system.{language}", canary=canary)
    passages = "\n".join(_passage(label, p, documents[p.document], query, links) for label, p in brief.passages.items())
    user = prompts.render(
        f"answer.user.{language}",
        passages=passages,
        as_of=query.as_of.isoformat(),
        firm=_firm(query, links) or none,
        history=_history(history, links) or none,
        statements=query.plan.statements,
        question=inert(query.text, links),
    )
    return [Message("system", system, form(tuple(brief.passages))), Message("user", user)]


def form(labels: Sequence[str]) -> str:
    """The schema of a reply where it must be one object: the same rows in a list, then the same last line."""
    text = {"type": "string"}
    sources = {"type": "array", "items": {"type": "string", "enum": list(labels)}, "minItems": 1}
    row = _object({"text": text, "sources": sources, "quote": text})
    rows = {"type": "array", "items": row, "maxItems": STATEMENTS}
    return json.dumps(_object({"statements": rows, "end": _object({"complete": {"type": "boolean"}})}))


def _object(properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _passage(label: str, passage: Passage, document: Document, query: Query, links: Links) -> str:
    """One passage between marks that its own text cannot write."""
    about = inert_line(context(document, passage), links)
    validity = _validity(document, query)
    return f'<passage label="{label}" about="{about}" validity="{validity}">\n{inert(passage.text, links)}\n</passage>'


def _validity(document: Document, query: Query) -> str:
    validity, until = str(document.validity(query.as_of)), document.in_force_to
    if validity in ("in_force", "expired") and until is None:
        validity = "in_force_open" if validity == "in_force" else "superseded"
    return say(f"llm.validity.{validity}", query.language, date=until or "")


def _firm(query: Query, links: Links) -> str:
    pairs = query.profile.as_dict().items()
    return "; ".join(f"{k}: {inert_line(str(v), links)}" for k, v in pairs)


def _history(history: Sequence[Turn], links: Links) -> str:
    lines = (f"- {inert_line(t.question, links)[:300]}" for t in history[-3:])
    return "\n".join(lines)


# --- pace -----------------------------------------------------------------------------------------


@dataclass
class Pace:
    """At most one update every `every` seconds; when nothing is new, a sign of life every `quiet` seconds."""

    every: float = 0.2
    quiet: float = 1.0
    last: float = float("-inf")

    def due(self, news: bool) -> bool:
        now = time.monotonic()
        if now - self.last < (self.every if news else self.quiet):
            return False
        self.last = now
        return True


__all__ = ["Brief", "LLMAnswerer", "Pace", "asks_model", "messages", "written"]
