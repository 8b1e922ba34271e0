"""Our retrieval as a LangChain retriever and the whole flow as a Runnable, for those who build on LangChain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig

from advisor.model import Document, Hit, Profile, Question, Reply, Turn


class Asked(Protocol):
    """What is needed of an advisor."""

    def ask(self, question: Question) -> Reply: ...
    def hits(self, question: Question) -> Sequence[tuple[Hit, Document]]: ...


class AdvisorRetriever(BaseRetriever):
    """Passages of the corpus, best first; the same weighing of place, date and language as in the chat."""

    advisor: Any
    language: str = "auto"

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        asked: Asked = self.advisor
        found = asked.hits(Question(query, self.language))  # type: ignore[arg-type]
        return [_document(hit, document) for hit, document in found]


def _document(hit: Hit, document: Document) -> LangChainDocument:
    """`text[start:end]` of the document in that language is the page content."""
    p = hit.passage
    metadata = {
        "document": p.document,
        "passage": p.id,
        "language": p.language,
        "start": p.start,
        "end": p.end,
        "heading": p.heading,
        "title": document.title.get(p.language),
        "issuer": document.issuer.get(p.language) if document.issuer else None,
        "url": document.url,
        "score": hit.score,
    }
    return LangChainDocument(page_content=p.text, metadata=metadata, id=p.id)


class AdvisorRunnable(Runnable[str | Mapping[str, Any] | Question, dict[str, Any]]):
    """A question → the reply's JSON: verified statements, their sources, or why there is no answer."""

    def __init__(self, advisor: Asked) -> None:
        self._advisor = advisor

    def invoke(
        self, input: str | Mapping[str, Any] | Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        return self._call_with_config(lambda asked: self._advisor.ask(_question(asked)).as_dict(), input, config)


def _question(asked: str | Mapping[str, Any] | Question) -> Question:
    """Text, or a mapping with the fields of a question."""
    if isinstance(asked, Question):
        return asked
    if isinstance(asked, str):
        return Question(asked)
    history = tuple(Turn(t["question"], t["answer"]) for t in asked.get("history") or ())
    profile = Profile(**asked["profile"]) if asked.get("profile") else None
    return Question(str(asked["question"]), asked.get("language") or "auto", profile, history)


__all__ = ["AdvisorRetriever", "AdvisorRunnable"]
