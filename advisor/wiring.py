"""The only file that knows everyone: settings → an advisor that answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from advisor import prompts
from advisor.adapters.chat import LangChainChat, open_chat
from advisor.adapters.cross_encoder import OnnxCrossEncoder
from advisor.adapters.embedder import SentenceTransformerEmbedder, StaticEmbedder
from advisor.adapters.entailment import CrossEncoderEntailment
from advisor.adapters.exact import VectorsBySize
from advisor.adapters.lexical import Bm25Engine
from advisor.adapters.lexicon import translate
from advisor.adapters.memory import give_back
from advisor.adapters.originals import FileReader
from advisor.adapters.reranker import CrossEncoderReranker
from advisor.adapters.web import Web, read_page
from advisor.ask.flow import Flow, Stage
from advisor.ask.lexicon import Lexicon
from advisor.errors import Busy, IndexFault, UserError
from advisor.generation import DOCUMENTS, Generation, Layout, Shelf
from advisor.ingest.add import Added, Metadata, add, remove
from advisor.ingest.against import check_against, read_registers
from advisor.ingest.check import Finding, check, read_hosts
from advisor.ingest.flow import Ingestor, Progress, Report, silent
from advisor.ingest.originals import Outcome, chosen, fetch_originals, read_addresses
from advisor.ingest.publish import writer_lock
from advisor.ingest.read import read_corpus, read_places
from advisor.model import Document, Hit, Passage, Question, Reply
from advisor.ports import ChatModel, CrossEncoder, Embedder, Entailment, Fetcher, LexicalEngine, Reranker, VectorEngine
from advisor.settings import Settings

_REPLAYED = ("corpus", "prompts", "embedder", "reranker", "cross_encoder", "chat_model", "rewrite", "entailment")
_CHECKOUT = Path(__file__).resolve().parent.parent


def shipped_corpus() -> Path:
    """`corpus/` of the checkout, or the copy bundled in a wheel."""
    checkout = _CHECKOUT / "corpus"
    return checkout if checkout.is_dir() else Path(str(resources.files("advisor") / "_corpus"))


def home(settings: Settings) -> Path:
    """`.advisor/` where the working folder is a checkout, else the user's data folder."""
    if settings.home:
        return settings.home
    here = Path.cwd()
    return (
        here / ".advisor"
        if (here / "corpus").is_dir() and (here / "pyproject.toml").exists()
        else user_data_path("advisor")
    )


def open_embedder(settings: Settings) -> Embedder:
    """Ours, served without torch, unless another model is named."""
    if settings.embedder:
        return SentenceTransformerEmbedder(settings.embedder)
    return StaticEmbedder(Path(str(resources.files("advisor") / "models" / "embedder")))


def open_reranker(settings: Settings) -> Reranker | None:
    """None unless a model is named."""
    return CrossEncoderReranker(settings.reranker) if settings.reranker else None


def open_cross_encoder(settings: Settings) -> CrossEncoder | None:
    """Ours, unless another folder is named, or none wanted."""
    if settings.cross_encoder == "none":
        return None
    ours = Path(str(resources.files("advisor") / "models" / "cross_encoder"))
    return OnnxCrossEncoder(ours if settings.cross_encoder == "ours" else Path(settings.cross_encoder).expanduser())


@dataclass
class Advisor:
    """Answers questions; moves to a newer generation between two questions."""

    settings: Settings
    lexical: LexicalEngine = field(default_factory=Bm25Engine)
    vector: VectorEngine = field(default_factory=VectorsBySize)

    @cached_property
    def layout(self) -> Layout:
        return Layout(home(self.settings))

    @cached_property
    def embedder(self) -> Embedder:
        return open_embedder(self.settings)

    @cached_property
    def reranker(self) -> Reranker | None:
        return open_reranker(self.settings)

    @cached_property
    def cross_encoder(self) -> CrossEncoder | None:
        return open_cross_encoder(self.settings)

    @cached_property
    def chat(self) -> ChatModel | None:
        """The chat model of the settings; connects on the first question."""
        s = self.settings
        if not s.chat_model:
            return None
        spent = self.layout.home / "chat_tokens.json"
        return open_chat(s.chat_model, s.chat_base_url, s.chat_api_key, s.chat_timeout_s, s.chat_daily_tokens, spent)

    @cached_property
    def entailment(self) -> Entailment | None:
        """The entailment model of the settings; loads on the first written sentence."""
        return CrossEncoderEntailment(self.settings.entailment) if self.settings.entailment else None

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(self.layout, self.lexical, self.vector)

    @cached_property
    def _mutex(self) -> threading.Lock:
        return threading.Lock()

    @property
    def roots(self) -> list[Path]:
        """Corpus folders in order; the user's own documents replace shipped ones of the same id."""
        return [self.settings.corpus or shipped_corpus(), self.layout.overlay]

    # --- asking ---------------------------------------------------------------------------------

    def ask(self, question: Question) -> Reply:
        with self._shelf.current() as generation:
            return self._flow(generation).ask(question)

    def stages(self, question: Question) -> Iterator[Stage | Reply]:
        """The named stages as they begin, then the reply; the generation stays open until the end."""
        with self._shelf.current() as generation:
            yield from self._flow(generation).stages(question)

    def hits(self, question: Question) -> list[tuple[Hit, Document]]:
        """What retrieval finds for a question, best first, each with its document."""
        with self._shelf.current() as generation:
            return [(h, generation.documents[h.passage.document]) for h in self._flow(generation).hits(question)]

    def replay(self, receipt: dict[str, Any], question: Question) -> tuple[Reply, list[str]]:
        """The same question on the same generation; the list names what differs from then."""
        differs = []
        try:
            generation = self._shelf.open_named(str(receipt.get("generation")))
        except IndexFault:
            generation = self._shelf.current()
            differs.append("generation")
        with generation:
            reply = self._flow(generation).ask(question)
        differs += [k for k in _REPLAYED if reply.receipt[k] != receipt.get(k)]
        return reply, differs

    def _flow(self, generation: Generation) -> Flow:
        return Flow(
            generation=generation,
            lexicon=self._lexicon(generation),
            embedder=self.embedder,
            prompts=prompts.fingerprint(),
            top_k=self.settings.top_k,
            longest=self.settings.max_question_chars,
            chat=self.chat,
            reranker=self.reranker,
            cross_encoder=self.cross_encoder,
            rewrite_s=min(self.settings.chat_rewrite_s, self.settings.chat_timeout_s),
            entailment=self.entailment,
        )

    def _lexicon(self, generation: Generation) -> Lexicon:
        """One a generation, built on its first question."""
        with self._mutex:
            known: tuple[str, Lexicon] | None = self.__dict__.get("_known_lexicon")
            if known is None or known[0] != generation.name:
                known = (generation.name, Lexicon(generation, translate))
                self.__dict__["_known_lexicon"] = known
            return known[1]

    # --- the corpus -----------------------------------------------------------------------------

    def ingest(self, progress: Progress = silent, force: bool = False) -> Report:
        return self.ingestor.run(progress, force)

    @property
    def ingestor(self) -> Ingestor:
        return Ingestor(self.roots, self.layout, self.embedder, self.lexical, self.vector, FileReader())

    def ready(self, progress: Progress = silent) -> Report | None:
        """Make sure that a verified, current generation is loaded: build where there is none or where it is stale.

        Where another process writes, or the disk refuses to, the generation that is there serves; None says so.
        """
        try:
            report = self.ingest(progress)
        except (Busy, OSError):
            if self.layout.current() is None:
                raise
            report = None
        self.warm()
        return report

    def warm(self) -> None:
        """Load everything that the first question would otherwise wait for."""
        with self._shelf.current() as generation:
            self._lexicon(generation).known.warm(self.embedder)
            for text in ("How do we begin?", "从哪里开始？"):
                self._flow(generation).hits(Question(text))
        for model in (self.reranker, self.cross_encoder):
            if model:
                model.scores("warm", ["warm"])
        if isinstance(self.chat, LangChainChat):
            self.chat.warm()
            if isinstance(self.entailment, CrossEncoderEntailment):
                self.entailment.warm()
        give_back()

    def add(
        self, path: Path, given: Metadata, dry_run: bool = False, ask_for: Callable[[str], str] | None = None
    ) -> Added:
        """Put one file into the user's corpus; `ingest` makes it answer."""
        places = read_places(self.roots)
        with nullcontext() if dry_run else writer_lock(self.layout):
            return add(path, self.layout.overlay, given, FileReader(), places, dry_run, ask_for)

    def remove(self, id: str) -> None:
        with writer_lock(self.layout):
            remove(id, self.layout.overlay)

    def fetch_originals(
        self, only: str | None = None, progress: Progress = silent, fetcher: Fetcher | None = None
    ) -> list[Outcome]:
        """Put the official originals that can be reached beside their digests; `ingest` makes them answer."""
        addresses = chosen(read_addresses(self.roots[0] / "originals.yaml"), only)
        documents = {d.id: d for d in read_corpus(self.roots, FileReader()).documents}
        with writer_lock(self.layout):
            return fetch_originals(
                addresses, documents, self.layout.overlay, fetcher or Web(), FileReader(), read_page, progress
            )

    def check(self, registers: Path | None = None) -> tuple[int, list[Finding]]:
        """(documents read, findings) of the whole corpus; with `registers` also what it owes them."""
        corpus = read_corpus(self.roots, FileReader())
        hosts = read_hosts(self.roots)
        found = check(corpus, hosts)
        if registers:
            left_out = self.roots[0] / "left-out.md"
            said = left_out.read_text("utf-8") if left_out.exists() else ""
            found += check_against(corpus, read_registers(registers), said, hosts)
        return len(corpus.documents), found

    def show(self, id: str, language: str | None) -> dict[str, Any]:
        """The contract's view of one document; raises UserError for an unknown one."""
        document = self.document(id)
        chosen = language or next(iter(document.texts))
        if chosen not in document.texts:
            raise UserError("language_missing", id)
        text = document.texts[chosen]  # type: ignore[index]
        passages = [p for p in self.passages(id) if p.language == chosen]
        return {
            "document": id,
            "language": chosen,
            "metadata": {k: v for k, v in json.loads(DOCUMENTS.dump_json([document]))[0].items() if k != "texts"},
            "text": text,
            "passages": [{"id": p.id, "start": p.start, "end": p.end, "heading": p.heading} for p in passages],
        }

    def document(self, id: str) -> Document:
        with self._shelf.current() as generation:
            if id not in generation.documents:
                raise UserError("document_unknown", id)
            return generation.documents[id]

    def passages(self, id: str) -> list[Passage]:
        with self._shelf.current() as generation:
            return [p for p in generation.passages.values() if p.document == id]

    def status(self) -> dict[str, Any]:
        """What is loaded; raises IndexFault where nothing is."""
        with self._shelf.current() as generation:
            issued = [d.issued for d in generation.documents.values() if d.issued]
            seen = [s.seen for d in generation.documents.values() for s in d.sources if s.seen]
            return {
                "documents": len(generation.documents),
                "passages": len(generation.passages),
                "generation": generation.name,
                "previous": self.layout.previous(),
                "corpus": generation.manifest["corpus"],
                "corpus_date": max(seen, default=None),
                "newest_document": max(issued, default=None),
                "embedder": generation.manifest["embedder"],
                "chat_model": self.settings.chat_model,
                "home": str(self.layout.home),
                "healthy": True,
            }

    def close(self) -> None:
        self._shelf.close()


def open_advisor(settings: Settings | None = None) -> Advisor:
    """An advisor on a current index; builds one where there is none, or only one of another release."""
    advisor = Advisor(settings or Settings.load())
    if advisor.layout.current() is None or advisor.layout.outdated():
        advisor.ingest()
    return advisor


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)
