"""What the corpus owes the registers it was written from: every entry is accounted for, in own words, without their copies as links."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from advisor.errors import CorpusError
from advisor.ingest.check import Finding, is_recognised
from advisor.ingest.read import Corpus
from advisor.model import Document
from advisor.text import CJK, fold

_PHRASE = {"words": 9, "characters": 24}  # a longer run in common is a copied sentence, not a name
_ITEM = re.compile(r"(?<=[,:;(])(?:\s*[^\s,:;()]+){1,4}\s*(?=[,;)])")  # of an enumeration: names in their order


@dataclass(frozen=True)
class Entry:
    """One entry of a register: what it is called, its facts, and where copies of it were seen."""

    id: str
    titles: tuple[str, ...]
    facts: tuple[str, ...]
    official: str | None
    seen_at: tuple[str, ...]


def read_registers(folder: Path) -> list[Entry]:
    """The entries of every `*.yaml` of the folder; raises CorpusError for a file that holds none."""
    entries: list[Entry] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            rows = yaml.safe_load(path.read_text("utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise CorpusError("yaml_broken", str(path)) from error
        if not isinstance(rows, list):
            raise CorpusError("schema", str(path), field="(whole file)", problem="must be a list of entries", more=0)
        entries += [_entry(row) for row in rows]
    if not entries:
        raise CorpusError("file_missing", str(folder / "*.yaml"))
    return entries


def _entry(row: dict[str, Any]) -> Entry:
    titles = tuple(str(row[k]) for k in ("title", "title_zh", "title_en") if row.get(k))
    facts = tuple(str(f) for f in row.get("facts") or ())
    seen = tuple(str(s).split()[0] for s in row.get("seen_at") or ())
    return Entry(str(row["id"]), titles, facts, row.get("official_url"), seen)


def check_against(corpus: Corpus, entries: Sequence[Entry], left_out: str, hosts: Collection[str]) -> list[Finding]:
    """Entries that are neither a document nor listed as left out, copied sentences, and links to copies."""
    ids = {d.id for d in corpus.documents}
    found = [
        Finding("error", "register_missing", e.id, "is neither a document nor listed in left-out.md")
        for e in entries
        if e.id not in ids and f"`{e.id}`" not in left_out
    ]
    runs = {run: e.id for e in entries for run in _runs("\n".join(e.facts), e.titles)}
    for document in corpus.documents:
        found += _copied(document, runs)
        found += _linked(document, entries, hosts)
    return found


def _copied(document: Document, runs: dict[str, str]) -> Iterator[Finding]:
    own = [t for t in (document.title.zh, document.title.en) if t]
    for language, text in document.texts.items():
        for run in _runs(text, own):
            if run in runs:
                yield Finding("error", "copied", document.id, f"{language}.md repeats the register {runs[run]}: {run}")
                break


def _runs(text: str, names: Sequence[str]) -> Iterator[str]:
    """Every stretch that is one unit longer than a phrase, titles aside."""
    for name in names:
        text = text.replace(name, "\n")
    for line in _ITEM.sub("\n", fold(text)).split("\n"):
        words = re.findall(r"[a-z0-9][a-z0-9.,%'-]*", line)
        for i in range(len(words) - _PHRASE["words"]):
            yield " ".join(words[i : i + _PHRASE["words"] + 1]).replace(",", "")
        for stretch in re.findall(rf"[{CJK}0-9]+", line):
            for i in range(len(stretch) - _PHRASE["characters"]):
                yield stretch[i : i + _PHRASE["characters"] + 1]


def _linked(document: Document, entries: Sequence[Entry], hosts: Collection[str]) -> Iterator[Finding]:
    copies = {s for e in entries for s in e.seen_at if s != e.official}
    for address in (s.url for s in document.sources if s.url):
        if address in copies and not is_recognised(urlsplit(address).hostname or "", hosts):
            yield Finding("error", "link_republished", document.id, f"links to a copy: {address}")


__all__ = ["Entry", "check_against", "read_registers"]
