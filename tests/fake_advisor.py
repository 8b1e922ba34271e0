"""A small advisor for the chat's tests: three documents, answers by the words of the question."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from advisor.errors import UserError
from advisor.model import (
    Bilingual,
    Citation,
    Clarify,
    Document,
    Language,
    Passage,
    Question,
    Reply,
    Source,
    SourceLink,
    Statement,
)

AS_OF = date(2026, 11, 24)
HOSTILE = "<img src=x onerror=alert(1)> [here](http://evil.example/) ![](http://evil.example/p.png) {{7*7}} ${7*7} <b>bold</b>"
TEXTS: Mapping[str, Mapping[Language, str]] = {
    "grant": {
        "zh": "龙岩市按支出的50%给予补助。\n龙岩企业达到二级的，补助最高25万元。\n申请截止后不再受理。\n",
        "en": "Longyan pays 50 % of the spending.\nA Longyan firm at level 2 gets at most 250,000 yuan.\nLate requests are not read.\n",
    },
    "old": {
        "zh": "2022年版只看总分，40至60分为二级。\n",
        "en": "The 2022 edition goes by the score: 40 to 60 is level 2.\n",
    },
    "new": {
        "zh": "2024年版要求总分不低于40分，且六个场景达到二级。\n",
        "en": "The 2024 edition asks for 40 points and six scenes.\n",
    },
    "attack": {"zh": f"恶意文本 {HOSTILE}\n", "en": f"Hostile text {HOSTILE}\n"},
}
DOCUMENTS = {
    "grant": Document(
        id="grant",
        title=Bilingual("龙岩补助细则", "Longyan grant rules"),
        kind="policy",
        text_origin="digest",
        texts=TEXTS["grant"],
        issuer=Bilingual("龙岩市工信局", "Longyan bureau of industry"),
        number="龙工信〔2024〕1号",
        issued="2024-10-18",
        in_force_to=date(2026, 12, 31),
        status="in_force",
        sources=(SourceLink("细则", "https://www.longyan.gov.cn/x", "official", None),),
        verification="official_text",
    ),
    "old": Document(
        "old", Bilingual("2022年版指标", "2022 indicators"), "standard", "digest", TEXTS["old"], superseded_by="new"
    ),
    "new": Document(
        "new", Bilingual("2024年版指标", "2024 indicators"), "standard", "original", TEXTS["new"], status="in_force"
    ),
    "attack": Document(
        "attack",
        Bilingual(f"题目 {HOSTILE}", f"Title {HOSTILE}"),
        "guide",
        "original",
        TEXTS["attack"],
        sources=(SourceLink("x", "javascript:alert(1)", "own", None),),
    ),
}


@dataclass(frozen=True)
class Step:
    name: str
    count: int


class FakeAdvisor:
    """Answers with one document: `grant`, unless the question names the old rule, an attack, or no place."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.marks: list[Mapping[str, Any]] = []

    def feedback(self, given: Mapping[str, Any]) -> None:
        self.marks.append(given)

    def status(self) -> Mapping[str, Any]:
        return {"documents": 4, "passages": 8, "generation": "g-1", "corpus_date": "2026-11-24", "chat_model": None}

    def document(self, id: str) -> Document:
        return DOCUMENTS[id]

    def passages(self, id: str) -> list[Passage]:
        document = DOCUMENTS[id]
        return [
            Passage(f"{id}:{lang}:0", id, lang, 0, len(text), text, f"{document.title.get(lang)} › 1")
            for lang, text in document.texts.items()
        ]

    def stages(self, question: Question) -> Iterator[Any]:
        yield Step("searching", 4)
        yield Step("reading", 2)
        if "slow" in question.text:
            time.sleep(3)
        yield self.ask(question)

    def ask(self, question: Question) -> Reply:
        self.asked.append(question)
        text = question.text
        if "boom" in text:
            raise RuntimeError("secret-key-123")
        if not any(c.isalnum() for c in text):
            raise UserError("question_empty")
        language: Language = question.language if question.language != "auto" else _language(text)  # type: ignore[assignment]
        region = question.profile.region if question.profile else None
        if "补多少" in text and "龙岩" not in text and not region:
            return _reply(
                question, language, "clarify", "哪里？", clarify=Clarify("region", "哪里？", ("龙岩", "南京"))
            )
        if "attack" in text:
            return _reply(question, language, "answered", *_quoting("attack", language, 0))
        if "2022" in text:
            return _reply(question, language, "answered", *_quoting("old", language, 0))
        return _reply(question, language, "answered", *_quoting("grant", language, 1))


def _language(text: str) -> Language:
    return "zh" if any("一" <= c <= "鿿" for c in text) else "en"


def _quoting(id: str, language: Language, line: int) -> tuple[str, Statement, Source]:
    document = DOCUMENTS[id]
    text = document.texts[language]
    quote = text.splitlines()[line]
    start = text.index(quote)
    citation = Citation(id, language, f"{id}:{language}:0", quote, start, start + len(quote))
    source = Source(
        n=1,
        document=id,
        language=language,
        title=document.title.get(language),
        issuer=document.issuer.get(language) if document.issuer else None,
        number=document.number,
        issued=document.issued,
        text_origin=document.text_origin,
        verification=document.verification,
        validity=document.validity(AS_OF),
        in_force_to=document.in_force_to,
        superseded_by=document.superseded_by,
        jurisdiction=None,
        url=document.url,
    )
    return f"**{quote}** [1]", Statement(quote, "quoted", (citation,)), source


def _reply(
    question: Question,
    language: Language,
    status: Any,
    answer: str,
    statement: Statement | None = None,
    source: Source | None = None,
    clarify: Clarify | None = None,
) -> Reply:
    return Reply(
        question=question.text,
        language=language,
        as_of=AS_OF,
        status=status,
        reason="needs_fact" if status == "clarify" else None,
        answer=answer,
        statements=(statement,) if statement else (),
        sources=(source,) if source else (),
        clarify=clarify,
        followups=("2022年版怎么说？" if language == "zh" else "What did the 2022 edition say?",) if source else (),
        answerer="extractive",
        fallback=None,
        hits=(),
        timings_ms={},
        receipt={},
    )


def with_source(reply: Reply, **changed: Any) -> Reply:
    return replace(reply, sources=(replace(reply.sources[0], **changed),))
