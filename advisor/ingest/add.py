"""A maintainer's own document → a folder of the overlay corpus, with metadata and a report of what was read well."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from advisor.errors import CorpusError, UserError
from advisor.gazetteer import Gazetteer
from advisor.ingest.read import folders
from advisor.ingest.schema import DocumentFile
from advisor.ports import Extracted, OriginalReader
from advisor.text import fold

_LONGEST_TITLE = 200
_DRAFT, _GONE = ".draft-", ".gone-"  # folders with a leading dot are no documents
_KINDS = ("policy", "notice", "standard", "guide", "case", "statistics", "term", "catalogue")


@dataclass(frozen=True)
class Metadata:
    """What the maintainer said of the document; None is asked for, or read from the text."""

    title: str | None = None
    issuer: str | None = None
    issued: str | None = None
    kind: str | None = None
    jurisdiction: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Added:
    """What was read, and what a maintainer should look at."""

    document: str
    title: str
    language: str
    characters: int
    pages: int
    warnings: tuple[str, ...]
    written: bool

    def as_dict(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "title": self.title,
            "language": self.language,
            "characters": self.characters,
            "pages": self.pages,
            "warnings": list(self.warnings),
            "written": self.written,
        }

    def sentence(self) -> str:
        did = "added" if self.written else "readable, not added"
        seen = f"{self.characters} characters" + (f" on {self.pages} pages" if self.pages else "")
        return "; ".join((f"{self.document} {did}: {self.title}, {self.language}, {seen}", *self.warnings))


def add(
    path: Path,
    overlay: Path,
    given: Metadata,
    reader: OriginalReader,
    places: Gazetteer,
    dry_run: bool = False,
    ask_for: Callable[[str], str] | None = None,
) -> Added:
    """Read the file and write its folder; a file that cannot be read changes nothing.

    Raises CorpusError (encrypted, no_text_layer, malformed …) and UserError (metadata_missing, settings_value).
    """
    if not _is_file(path):
        raise UserError("file_unreadable", str(path))
    extracted = reader.read(path)
    if not any(c.isalnum() for c in extracted.text):
        raise CorpusError("file_empty", str(path))
    title = " ".join((given.title or extracted.title or (ask_for("title") if ask_for else "")).split())[:_LONGEST_TITLE]
    if not title:
        raise UserError("metadata_missing", str(path), name="title")
    language = given.language or extracted.language
    jurisdiction = places.resolve(given.jurisdiction) if given.jurisdiction else _guess_place(extracted, places)
    if given.jurisdiction and jurisdiction is None:
        raise UserError("settings_value", "--jurisdiction", value=given.jurisdiction)
    if language not in ("zh", "en"):
        raise UserError("settings_value", "--language", value=language)
    kind = given.kind or "notice"
    if kind not in _KINDS:
        raise UserError("settings_value", "--kind", value=kind)
    id = identifier(title, path)
    meta = {
        "title": {language: title},
        "kind": kind,
        "text_origin": "original",
        "issuer": {language: given.issuer} if given.issuer else None,
        "number": _number(extracted.text),
        "issued": given.issued,
        "jurisdiction": jurisdiction,
        "sources": [{"title": title, "kind": "own", "seen": date.today().isoformat()}],
        "verification": "unverified",
    }
    meta = {k: v for k, v in meta.items() if v is not None}
    _validate(meta)
    warnings = (*extracted.warnings, *_doubts(extracted.text, jurisdiction))
    if not dry_run:
        write_folder(overlay / "documents" / id, path, language, meta)
    return Added(id, title, language, len(extracted.text), len(extracted.pages), warnings, not dry_run)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than the system allows
        return False


def _validate(meta: dict[str, Any]) -> None:
    from pydantic import ValidationError

    try:
        DocumentFile.model_validate(meta)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError("settings_value", f"--{first['loc'][0]}", value=str(first.get("input"))) from error


def identifier(title: str, path: Path) -> str:
    """Lower-case words with hyphens; a Chinese title leaves a short hash of itself."""
    import hashlib

    words = re.findall(r"[a-z0-9]+", fold(title)) or re.findall(r"[a-z0-9]+", fold(path.stem))
    suffix = hashlib.sha256(title.encode()).hexdigest()[:6]
    return "-".join(("own", *(w[:24] for w in words[:6]), *(() if re.fullmatch(r"[\x00-\x7f]+", title) else (suffix,))))


def write_folder(folder: Path, path: Path, language: str, meta: dict[str, Any]) -> None:
    """The folder appears whole or not at all; the same title again replaces it."""
    draft = folder.with_name(f"{_DRAFT}{folder.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    suffix = path.suffix.lower()
    name = f"{language}.md" if suffix in (".md", ".markdown", ".txt") else f"original.{language}{suffix}"
    try:
        shutil.copyfile(path, draft / name)
        (draft / "part").write_text(yaml.safe_dump(meta, allow_unicode=True, sort_keys=False), "utf-8")
        (draft / "part").rename(draft / "document.yaml")
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    discard(folder)
    draft.rename(folder)


def discard(folder: Path) -> None:
    """Gone at once, though its files take longer."""
    gone = folder.with_name(f"{_GONE}{folder.name}")
    shutil.rmtree(gone, ignore_errors=True)
    if folder.exists():
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def mend(overlay: Path) -> None:
    """Finish what a kill cut short: a complete draft takes its place, everything half done goes. Needs the writer's lock."""
    for left in overlay.glob(f"documents/{_GONE}*"):
        shutil.rmtree(left, ignore_errors=True)
    for draft in overlay.glob(f"documents/{_DRAFT}*"):
        folder = draft.with_name(draft.name.removeprefix(_DRAFT))
        if (draft / "document.yaml").exists() and not folder.exists():
            draft.rename(folder)
        else:
            shutil.rmtree(draft, ignore_errors=True)


def remove(id: str, overlay: Path) -> None:
    """Delete an own document; raises UserError for any other id."""
    folder = next((f for f in folders(overlay) if f.name == id), None)
    if folder is None:
        raise UserError("not_removable", id)
    discard(folder)


def _number(text: str) -> str | None:
    found = re.search(r"[\u4e00-\u9fff]{2,12}[〔\[（(]\s*(?:19|20)\d\d\s*[〕\]）)]\s*\d+\s*号", text[:3000])
    return found[0] if found else None


def _guess_place(extracted: Extracted, places: Gazetteer) -> str | None:
    """The place named first in the opening lines, where there is one."""
    return next((m.id for m in places.find(extracted.text[:600])), None)


def _doubts(text: str, jurisdiction: str | None) -> list[str]:
    """Signs of a bad read that a maintainer should look at."""
    doubts = []
    odd = sum(1 for c in text if c == "\ufffd" or "\ue000" <= c <= "\uf8ff")
    if odd > 0.01 * max(len(text), 1):
        doubts.append(f"{odd} characters are garbled")
    if jurisdiction is None:
        doubts.append("no place recognised: give --jurisdiction")
    return doubts


__all__ = ["Added", "Metadata", "add", "discard", "identifier", "mend", "remove", "write_folder"]
