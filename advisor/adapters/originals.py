"""Originals → text: PDF pages with pypdf, Markdown as it is."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

from advisor.errors import CorpusError
from advisor.model import PageStart
from advisor.ports import Extracted
from advisor.text import CJK, RADICALS, detect_language

_LIMIT_MB = 50
_LEAST_CHARS_A_PAGE = 15


class FileReader:
    """Chooses by the file's name; its content must agree."""

    def read(self, path: Path) -> Extracted:
        if path.stat().st_size > _LIMIT_MB * 2**20:
            raise CorpusError("too_large", str(path), limit=_LIMIT_MB)
        if path.suffix.lower() == ".pdf":
            return read_pdf(path)
        if path.suffix.lower() in (".md", ".markdown", ".txt"):
            return read_markdown(path)
        raise CorpusError("format_unknown", str(path))


def read_markdown(path: Path) -> Extracted:
    raw = path.read_bytes()
    if raw.startswith(b"%PDF-"):
        raise CorpusError("malformed", str(path))
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise CorpusError("encoding_unknown", str(path)) from error
    if "\0" in text:  # UTF-16 without its mark, or no text at all
        raise CorpusError("encoding_unknown", str(path))
    title = re.search(r"^#\s+(.+)$", text, re.M)
    return Extracted(text, detect_language(text), (), "markdown", title=title[1].strip() if title else None)


def read_pdf(path: Path) -> Extracted:
    """Text by page; raises CorpusError encrypted, no_text_layer or malformed."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = pypdf.PdfReader(str(path))
        if reader.is_encrypted and not _opens(reader):
            raise CorpusError("encrypted", str(path))
        pages = [_tidy(page.extract_text() or "") for page in reader.pages]
        title = _title(str(reader.metadata.title or "") if reader.metadata else "", path)
    except CorpusError:
        raise
    except Exception as error:  # pypdf lets exceptions outside its own classes through
        raise CorpusError("malformed", str(path)) from error
    if sum(len(p) for p in pages) < _LEAST_CHARS_A_PAGE:
        raise CorpusError("no_text_layer", str(path))
    text = ""
    starts = []
    for number, page in enumerate(pages, 1):
        starts.append(PageStart(len(text), {"page": number}))
        text += page + "\n\n"
    blank = [n for n, p in enumerate(pages, 1) if len(p) < _LEAST_CHARS_A_PAGE]
    warnings = tuple(f"page {n} has no text layer" for n in blank)
    return Extracted(text, detect_language(text), tuple(starts), f"pypdf {pypdf.__version__}", warnings, title)


def _opens(reader: Any) -> bool:
    """Without a password, as most "protected" files do."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # a cipher that pypdf does not know
        return False


def _title(said: str, path: Path) -> str:
    """The file's own title, unless it is one that office programs leave behind; else its name."""
    named = " ".join(said.split())
    return path.stem if not named or re.match(r"untitled|anonymous|microsoft word|document\d*$", named, re.I) else named


def _tidy(page: str) -> str:
    """Whole characters for radicals; lines that break inside a Chinese sentence are joined again."""
    import unicodedata

    page = "".join(unicodedata.normalize("NFKC", c) if "\u2f00" <= c <= "\u2fdf" else c for c in page).translate(
        RADICALS
    )
    page = re.sub(rf"(?<=[{CJK}，、；：])[ \t]*\n[ \t]*(?=[{CJK}，、。；：])", "", page)
    page = re.sub(r"(?<=[a-z,;])[ \t]*\n[ \t]*(?=[a-z0-9])", " ", page)
    return re.sub(r"[ \t]+", " ", page).strip()
