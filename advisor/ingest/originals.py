"""Official originals beside our digests: what `originals.yaml` lists and the web gives becomes documents of the overlay."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from advisor.errors import AdvisorError, CorpusError, UserError
from advisor.ingest.add import write_folder
from advisor.ingest.schema import DocumentFile
from advisor.model import Document
from advisor.ports import Extracted, Fetched, Fetcher, OriginalReader, PageReader
from advisor.text import STOP_EN, detect_language, fold, tokens

_AT_ONCE = 6
_LEAST_CHARACTERS = 200  # below, a page is a frame that a script fills, or a notice that the text has gone
_LEAST_SHARE = 0.5  # of a title's words; a page that says less of it is another page, moved or gone
_LEAST_ENGLISH = 0.15  # share of English function words; German and Italian pages stay far below
_PAGES = ("text/html", "application/xhtml+xml")


class Address(BaseModel):
    """One row of `originals.yaml`: where the original of a document stands; `id` is the overlay document's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    document: str
    title: str
    url: str


@dataclass(frozen=True)
class Outcome:
    """What became of one address: a document that was written or already there, or the reason why not."""

    address: Address
    language: str | None = None
    characters: int = 0
    written: bool = False
    error: AdvisorError | None = None

    def as_dict(self, language: str = "en") -> dict[str, Any]:
        row: dict[str, Any] = {"id": self.address.id, "document": self.address.document, "url": self.address.url}
        if self.error:
            return {**row, "error": self.error.as_dict(language)}
        return {**row, "language": self.language, "characters": self.characters, "written": self.written}


def addresses_of(documents: Iterable[Document]) -> list[Address]:
    """The official texts that the digests name: one row an address, kept by the document that names it first."""
    taken: set[str] = set()
    found = []
    digests = sorted((d for d in documents if d.text_origin == "digest"), key=lambda d: d.id)
    ranked = [
        (rank, d, s) for d in digests for rank, s in enumerate(s for s in d.sources if s.url and s.kind == "official")
    ]
    count: dict[str, int] = {}
    for _, document, source in sorted(ranked, key=lambda row: (row[0], row[1].id)):
        url = str(source.url)
        if url in taken or "/" not in url.split("://", 1)[-1].rstrip("/"):  # a home page is no text
            continue
        taken.add(url)
        count[document.id] = count.get(document.id, 0) + 1
        suffix = f"-{count[document.id]}" if count[document.id] > 1 else ""
        found.append(Address(id=f"{document.id}-original{suffix}", document=document.id, title=source.title, url=url))
    return sorted(found, key=lambda a: a.id)


def read_addresses(path: Path) -> list[Address]:
    """Raises CorpusError where the file cannot be used."""
    if not path.exists():
        raise CorpusError("file_missing", str(path))
    try:
        return TypeAdapter(list[Address]).validate_python(yaml.safe_load(path.read_text("utf-8")) or [])
    except yaml.YAMLError as error:
        raise CorpusError("yaml_broken", str(path)) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(p) for p in first["loc"])
        raise CorpusError(
            "schema", str(path), field=field, problem=first["msg"], more=error.error_count() - 1
        ) from error


def chosen(addresses: Sequence[Address], only: str | None) -> list[Address]:
    """All, or those of one document; raises UserError for a document without any."""
    kept = [a for a in addresses if only in (None, a.document, a.id)]
    if only and not kept:
        raise UserError("document_unknown", only)
    return kept


def fetch_originals(
    addresses: Sequence[Address],
    documents: dict[str, Document],
    overlay: Path,
    fetcher: Fetcher,
    reader: OriginalReader,
    read_page: PageReader,
    progress: Callable[[str, int, int], None],
) -> list[Outcome]:
    """Each address on its own: what cannot be reached or read is an outcome with its reason, and the rest goes on."""
    outcomes = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        jobs = {pool.submit(fetcher.fetch, a.url): a for a in addresses if a.document in documents}
        for job in as_completed(jobs):
            address = jobs.pop(job)
            try:
                outcomes.append(_kept(address, job.result(), documents[address.document], overlay, reader, read_page))
            except AdvisorError as error:
                outcomes.append(Outcome(address, error=error))
            progress("fetch", len(outcomes), len(addresses))
    gone = [
        Outcome(a, error=UserError("document_unknown", a.document)) for a in addresses if a.document not in documents
    ]
    return sorted((*outcomes, *gone), key=lambda o: o.address.id)


def _kept(
    address: Address, fetched: Fetched, digest: Document, overlay: Path, reader: OriginalReader, read_page: PageReader
) -> Outcome:
    """Write the document of one address, unless its words are the ones that are there already."""
    with tempfile.TemporaryDirectory() as folder:
        path, extracted = _text(address.url, fetched, Path(folder), reader, read_page)
        _right_text(address, digest, extracted)
        there = _there(overlay / "documents" / address.id)
        if there is not None and there == path.read_bytes():
            return Outcome(address, extracted.language, len(extracted.text), written=False)
        meta = _metadata(address, digest, extracted)
        DocumentFile.model_validate(meta)
        write_folder(overlay / "documents" / address.id, path, extracted.language, meta)
    return Outcome(address, extracted.language, len(extracted.text), written=True)


def _text(
    url: str, fetched: Fetched, folder: Path, reader: OriginalReader, read_page: PageReader
) -> tuple[Path, Extracted]:
    """The file to keep, and what it says: a PDF as it is, a page as its words."""
    try:
        if fetched.content.lstrip()[:5] == b"%PDF-":
            path = folder / "original.pdf"
            path.write_bytes(fetched.content)
            return path, reader.read(path)
        if fetched.media_type not in (*_PAGES, "text/plain"):
            raise UserError("url_kind", url, media_type=fetched.media_type[:60])
        words = read_page(fetched.content, fetched.url)
        title = words.title or ""
        text = words.text if words.text.startswith("# ") or not title else f"# {title}\n\n{words.text}"
        if len(words.text) < _LEAST_CHARACTERS:
            raise CorpusError("page_empty", url)
        path = folder / "page.md"
        path.write_text(text + "\n", "utf-8")
        return path, Extracted(text, detect_language(text), (), words.extractor, (), words.title)
    except CorpusError as error:  # the reader names its own file; a maintainer wants the address
        raise CorpusError(error.reason, url, **error.blanks) from error


def _right_text(address: Address, digest: Document, extracted: Extracted) -> None:
    """Raises CorpusError where the text is in a third language, or no longer the document it was."""
    if not _is_ours(extracted.text, extracted.language):
        raise CorpusError("page_language", address.url)
    words = set(tokens(extracted.text))
    if digest.number and fold(digest.number) in fold(extracted.text):
        return
    names = (address.title, digest.title.zh or "", digest.title.en or "", *digest.aliases.get(extracted.language, ()))
    named = [set(tokens(name)) for name in names if name]
    if not any(len(n & words) >= _LEAST_SHARE * len(n) for n in named if n):
        raise CorpusError("page_other", address.url, title=digest.title.get(extracted.language))


def _is_ours(text: str, language: str) -> bool:
    if len(re.findall(r"[\u3040-\u30ff\uac00-\ud7af]", text)) > 0.02 * len(text):  # kana, hangul
        return False
    words = re.findall(r"[a-z]+", text.lower())
    return language == "zh" or sum(w in STOP_EN for w in words) >= _LEAST_ENGLISH * len(words)


def _there(folder: Path) -> bytes | None:
    files = [p for p in sorted(folder.glob("*")) if p.name != "document.yaml"]
    return files[0].read_bytes() if len(files) == 1 else None


def _metadata(address: Address, digest: Document, extracted: Extracted) -> dict[str, Any]:
    """The digest's, since it is the same document: dates and place decide alike for both."""
    language = extracted.language
    title = digest.title.get(language) or address.title
    issuer = digest.issuer.get(language) if digest.issuer else None
    period = {"from": digest.in_force_from, "to": digest.in_force_to}
    return {
        "title": {language: title},
        "kind": digest.kind,
        "text_origin": "original",
        "issuer": {language: issuer} if issuer else None,
        "number": digest.number,
        "issued": digest.issued,
        "in_force": {k: v.isoformat() if v else None for k, v in period.items()},
        "status": digest.status,
        "superseded_by": digest.superseded_by,
        "jurisdiction": digest.jurisdiction,
        "industries": list(digest.industries),
        "topics": list(digest.topics),
        "sources": [{"title": address.title, "url": address.url, "kind": "official", "seen": date.today().isoformat()}],
        "verification": "official_text",
        "notes": f"Fetched and read with {extracted.extractor}; our digest is {digest.id}.",
    }


def as_yaml(addresses: Sequence[Address]) -> str:
    """The text of `originals.yaml`."""
    head = "# Official originals that the digests name: `advisor originals fetch` puts those it reaches beside them.\n"
    return head + yaml.safe_dump([a.model_dump() for a in addresses], allow_unicode=True, sort_keys=False, width=1000)


def failures(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    return (o for o in outcomes if o.error)


__all__ = ["Address", "Outcome", "addresses_of", "as_yaml", "chosen", "failures", "fetch_originals", "read_addresses"]
