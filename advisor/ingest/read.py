"""Corpus folders → documents. A folder that cannot be read is reported, never skipped in silence."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from advisor.errors import AdvisorError, CorpusError
from advisor.gazetteer import Gazetteer, Named
from advisor.ingest.schema import DocumentFile, NamedEntry, QuestionRow
from advisor.model import LANGUAGES, Bilingual, Document, KnownQuestion, Language, SourceLink
from advisor.ports import OriginalReader


@dataclass(frozen=True)
class Corpus:
    """What was read, and what was not and why; later folders replace earlier ones of the same id."""

    documents: tuple[Document, ...]
    quarantined: tuple[AdvisorError, ...]
    places: Gazetteer
    industries: Gazetteer
    sources: Mapping[str, str] = field(default_factory=dict)  # document → digest of its files


def read_corpus(
    roots: Iterable[Path], reader: OriginalReader, known: Mapping[str, tuple[str, Document]] | None = None
) -> Corpus:
    """Read every document under `root/documents` of each root; raises CorpusError where no root holds any.

    `known` documents, by the digest of their files, are not read again.
    """
    known = known or {}
    sources: dict[str, str] = {}
    found: dict[str, Document] = {}
    bad: dict[str, AdvisorError] = {}
    places: dict[str, Named] = {}
    industries: dict[str, Named] = {}
    roots = [r for r in roots if r.is_dir()]
    if not any((r / "documents").is_dir() for r in roots):
        raise CorpusError("corpus_missing", str(roots[0]) if roots else None)
    for root in roots:
        places |= _named(root / "places.yaml")
        industries |= _named(root / "industries.yaml")
        for folder in folders(root):
            try:
                source = digest_of_files(folder)
                before, document = known.get(folder.name, ("", None))
                same = document is not None and before == source
                found[folder.name] = document if document and same else read_document(folder, reader)
                sources[folder.name] = source
                bad.pop(folder.name, None)
            except AdvisorError as error:
                bad[folder.name] = error
    documents = tuple(found[i] for i in sorted(found))
    broken = tuple(bad[i] for i in sorted(bad))
    return Corpus(documents, broken, Gazetteer(places), Gazetteer(industries), sources)


def read_places(roots: Iterable[Path]) -> Gazetteer:
    """The places of all roots, without reading any document."""
    places: dict[str, Named] = {}
    for root in roots:
        places |= _named(root / "places.yaml")
    return Gazetteer(places)


def folders(root: Path) -> Iterator[Path]:
    base = root / "documents"
    if base.is_dir():
        with os.scandir(base) as entries:  # tens of thousands of paths are slow to compare, names are not
            names = sorted(e.name for e in entries if not e.name.startswith(".") and e.is_dir())
        yield from (base / name for name in names)


def digest_of_files(folder: Path) -> str:
    """Of the names and bytes of all files in a document's folder; no date is trusted."""
    digest = hashlib.sha256()
    with os.scandir(folder) as entries:
        files = sorted((e.name, e.path) for e in entries if e.is_file())
    for name, path in files:
        with open(path, "rb", buffering=0) as file:
            content = file.readall()
        digest.update(f"{len(content)} ".encode() + os.fsencode(name) + b"\0")
        digest.update(content)
    return digest.hexdigest()[:32]


def read_document(folder: Path, reader: OriginalReader) -> Document:
    """One folder; raises CorpusError that names file and field."""
    meta = parse_document_file(folder / "document.yaml")
    texts: dict[Language, str] = {}
    pages = {}
    extractor = None
    for language in LANGUAGES:
        path = folder / f"{language}.md"
        if path.exists():
            texts[language] = read_text(path)
    for original in sorted(folder.glob("original*.*")):
        extracted = reader.read(original)
        language = _language_of(original, extracted.language)
        texts[language] = extracted.text
        pages[language] = extracted.pages
        extractor = extracted.extractor
    if not any(t.strip() for t in texts.values()):
        raise CorpusError("document_empty", str(folder))
    return Document(
        id=folder.name,
        title=Bilingual(meta.title.zh, meta.title.en),
        kind=meta.kind,
        text_origin=meta.text_origin,
        texts=texts,
        aliases={"zh": meta.aliases.zh, "en": meta.aliases.en},
        issuer=Bilingual(meta.issuer.zh, meta.issuer.en) if meta.issuer else None,
        number=meta.number,
        issued=meta.issued,
        in_force_from=meta.in_force.from_,
        in_force_to=meta.in_force.to,
        status=meta.status,
        supersedes=meta.supersedes,
        superseded_by=meta.superseded_by,
        jurisdiction=meta.jurisdiction,
        industries=meta.industries,
        topics=meta.topics,
        sources=tuple(SourceLink(s.title, s.url, s.kind, s.seen) for s in meta.sources),
        verification=meta.verification,
        records=meta.records.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        pages=pages,
        extractor=extractor,
        questions=read_questions(folder / "questions.jsonl"),
    )


def read_questions(path: Path) -> tuple[KnownQuestion, ...]:
    """What people ask that the document answers; none where nobody wrote it down. Raises CorpusError with the line."""
    if not path.exists():
        return ()
    questions = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            row = QuestionRow.model_validate_json(line)
        except ValidationError as error:
            raise _schema_error(Path(f"{path}:{number}"), error) from error
        questions.append(KnownQuestion({"zh": row.zh, "en": row.en}, tuple(Bilingual(s.zh, s.en) for s in row.said)))
    return tuple(questions)


def _language_of(original: Path, detected: Language) -> Language:
    """`original.zh.pdf` says its language; else the text does."""
    middle = original.name.split(".")[1:-1]
    return "zh" if "zh" in middle else "en" if "en" in middle else detected


def read_text(path: Path) -> str:
    """The text that offsets count in: UTF-8 without byte-order mark, newlines `\\n`."""
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise CorpusError("encoding_unknown", str(path)) from error


# The C loader reads the corpus ten times faster than the pure one.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _load_yaml(path: Path) -> Any:
    if not path.exists():
        raise CorpusError("file_missing", str(path))
    try:
        return yaml.load(read_text(path), Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CorpusError("yaml_broken", f"{path}:{mark.line + 1}" if mark else str(path)) from error


def parse_document_file(path: Path) -> DocumentFile:
    try:
        return DocumentFile.model_validate(_load_yaml(path))
    except ValidationError as error:
        raise _schema_error(path, error) from error


def _named(path: Path) -> dict[str, Named]:
    if not path.exists():
        return {}
    try:
        rows = TypeAdapter(list[NamedEntry]).validate_python(_load_yaml(path))
    except ValidationError as error:
        raise _schema_error(path, error) from error
    return {r.id: Named(r.id, Bilingual(r.zh, r.en), r.other, r.parent, r.eu, r.not_in, r.word) for r in rows}


def _schema_error(path: Path, error: ValidationError) -> CorpusError:
    first = error.errors()[0]
    field = ".".join(str(p) for p in first["loc"]) or "(whole file)"
    return CorpusError("schema", str(path), field=field, problem=first["msg"], more=error.error_count() - 1)


def digest_of(document: Document) -> str:
    """Changes when anything of the document that an answer could show changes."""
    return hashlib.sha256(repr(document).encode()).hexdigest()
