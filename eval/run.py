"""Ask the gold questions and keep everything that scoring needs in a run folder. Never scores."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import yaml

import advisor
from advisor import Advisor, Settings
from advisor.adapters.exact import VectorsBySize
from advisor.adapters.lexical import Bm25Engine
from advisor.errors import AdvisorError
from advisor.generation import Generation
from advisor.model import LANGUAGES, Language, Question
from eval.baseline import bm25_answer
from eval.errors import EvalError
from eval.load import Item, Placed, against_corpus, digest

RUNS = Path(__file__).parent / "runs"
FORMAT = 1
Variant = Literal["asked", "standalone"]
Progress = Callable[[str], None]
Opener = Callable[[Settings], Advisor]
Rows = dict[tuple[str, Variant], dict[str, Any]]


@dataclass(frozen=True)
class Desk:
    """An open advisor and the generation it answers from."""

    advisor: Advisor
    generation: Generation


def run(
    name: str,
    gold: Sequence[Placed],
    settings: Settings,
    runs: Path = RUNS,
    progress: Progress = lambda _: None,
    opener: Opener = advisor.open_advisor,
) -> Path:
    """Ask every question, once more without history where a rewrite is given; a crash is recorded, the rest goes on.

    Raises EvalError where the gold names a document that the corpus lacks. The folder appears only when complete.
    """
    folder, draft = runs / check_name(name), runs / f".{name}.{os.getpid()}"
    items = [p.item for p in gold]
    with desk(settings, None, items, opener) as main:
        stale = _check(gold, main.generation, progress)
        rows, sources = _ask_all([i for i in items if not i.hide], main, progress)
        config = _config(name, items, stale, main)
    for language in LANGUAGES:
        hidden = [i for i in items if i.hide == language]
        if hidden:
            with desk(settings, language, hidden, opener) as view:
                more, seen = _ask_all(hidden, view, progress)
                config["views"][language] = view.generation.name
            rows |= more
            sources = _merged(seen, sources)
    _warn(rows, progress)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _write(draft, config, items, rows, sources)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(draft, folder)
    return folder


def _warn(rows: Rows, progress: Progress) -> None:
    """A product that fails often is told at once, not first by its figures."""
    failed = [row for row in rows.values() if row["error"]]
    if failed:
        progress(f"warning: {len(failed)} of {len(rows)} got no reply; the first was: {failed[0]['error']['message']}")


def check_name(name: str) -> str:
    if not name or name.startswith(".") or "/" in name or "\\" in name:
        raise EvalError("bad_name", name or "(empty)", "a run's name must be a plain folder name.")
    return name


def _check(gold: Sequence[Placed], generation: Generation, progress: Progress) -> list[str]:
    """Ids of items with quotes that are no longer verbatim (their retrieval then counts by document)."""
    stale = []
    for fault in against_corpus(gold, generation.documents):
        if fault.reason == "unknown_document":
            raise fault
        stale.append(next(p.item.id for p in gold if p.where == fault.where))
    stale = sorted(set(stale))
    if stale:
        progress(
            f"warning: {len(stale)} questions quote evidence that the corpus no longer holds word for word (python -m eval gold lists them)"
        )
    return stale


# --- corpora ------------------------------------------------------------------------------------


@contextmanager
def desk(
    settings: Settings, hide: Language | None, items: Sequence[Item], opener: Opener = advisor.open_advisor
) -> Iterator[Desk]:
    """An advisor on an index that is current; with `hide`, on a view of the corpus without these language versions."""
    chosen = settings if hide is None else _view(settings, hide, {e.document for i in items for e in i.evidence})
    opened = opener(chosen)
    opened.ready()
    name = opened.layout.current()
    generation = Generation(opened.layout.generations / str(name), Bm25Engine(), VectorsBySize())
    try:
        yield Desk(opened, generation)
    finally:
        generation.retire()
        opened.close()


def _view(settings: Settings, hide: Language, documents: set[str]) -> Settings:
    """Settings for a copy of the corpus that has these documents in the other language only; its index is kept for the next run."""
    whole = Advisor(settings)
    home = whole.layout.home / "eval" / f"without-{hide}"
    corpus = home / "corpus-view"
    shutil.rmtree(corpus, ignore_errors=True)
    for root in whole.roots:
        if root.is_dir():
            shutil.copytree(root, corpus, dirs_exist_ok=True)
    for id in documents:
        folder = corpus / "documents" / id
        if (folder / f"{_other(hide)}.md").exists():
            (folder / f"{hide}.md").unlink(missing_ok=True)
            _strip(folder / "document.yaml", hide)
    return replace(settings, home=home, corpus=corpus)


def _other(language: Language) -> Language:
    return "en" if language == "zh" else "zh"


def _strip(path: Path, hide: Language) -> None:
    """Titles, names and records in the hidden language go too: a document that was never translated has none."""
    meta = yaml.safe_load(path.read_text("utf-8"))
    for field in ("title", "aliases", "issuer"):
        if isinstance(meta.get(field), dict):
            meta[field].pop(hide, None)
    meta.pop("records", None)
    path.write_text(yaml.safe_dump(meta, allow_unicode=True, sort_keys=False), "utf-8")


# --- asking -------------------------------------------------------------------------------------


def _ask_all(items: Sequence[Item], where: Desk, progress: Progress) -> tuple[Rows, dict[str, Any]]:
    rows: Rows = {}
    for n, item in enumerate(items, 1):
        variants: list[Variant] = ["asked", "standalone"] if item.standalone else ["asked"]
        for variant in variants:
            rows[item.id, variant] = ask(item, variant, where)
        if n % 20 == 0 or n == len(items):
            progress(f"asked {n} of {len(items)}")
    return rows, _sources(items, rows, where.generation)


def ask(item: Item, variant: Variant, where: Desk) -> dict[str, Any]:
    """The reply, or the error in its place; and what plain BM25 would have said."""
    question = item.asked(standalone=variant == "standalone")
    row: dict[str, Any] = {"id": item.id, "variant": variant, "reply": None, "error": None}
    try:
        row["reply"] = where.advisor.ask(question).as_dict()
    except AdvisorError as error:
        row["error"] = error.as_dict()
    except Exception as error:  # a crash is a wrong answer, and the other questions still count
        row["error"] = {"reason": "crash", "message": f"{type(error).__name__}: {error}", "where": None}
    return row | {"bm25": bm25_answer(question.text, where.generation)}


def _sources(items: Sequence[Item], rows: Rows, generation: Generation) -> dict[str, Any]:
    """Texts and passage offsets of every document that is evidence, was found or was cited."""
    wanted = {e.document for i in items for e in i.evidence}
    for row in rows.values():
        wanted |= {h["document"] for h in row["bm25"]["hits"]}
        if row["reply"]:
            wanted |= {s["document"] for s in row["reply"]["sources"]} | {h["document"] for h in row["reply"]["hits"]}
    found: dict[str, Any] = {}
    for id in sorted(wanted & set(generation.documents)):
        document = generation.documents[id]
        passages = [p for language in LANGUAGES for p in generation.by_document.get((id, language), ())]
        found[id] = {
            "title": {language: document.title.get(language) for language in LANGUAGES},
            "texts": dict(document.texts),
            "passages": {p.id: [p.language, p.start, p.end] for p in passages},
        }
    return found


def _merged(view: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """A view shows fewer versions of some documents, never other ones: the fuller entry serves both."""
    merged = dict(whole)
    for id, entry in view.items():
        known = merged.get(id, {"title": {}, "texts": {}, "passages": {}})
        merged[id] = {key: {**entry[key], **known[key]} for key in ("title", "texts", "passages")}
    return merged


# --- the folder ---------------------------------------------------------------------------------


def _config(name: str, items: Sequence[Item], stale: list[str], where: Desk) -> dict[str, Any]:
    settings, manifest = where.advisor.settings, where.generation.manifest
    from advisor import prompts

    return {
        "format": FORMAT,
        "name": name,
        "asked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "questions": len(items),
        "splits": sorted({i.split for i in items}),
        "gold": digest(items),
        "stale_quotes": stale,
        "corpus": manifest["corpus"],
        "generation": where.generation.name,
        "documents": len(where.generation.documents),
        "passages": len(where.generation.passages),
        "views": {},
        "prompts": prompts.fingerprint(),
        "embedder": manifest["embedder"],
        "chat_model": settings.chat_model,
        "top_k": settings.top_k,
        "code": _code_hash(Path(advisor.__file__).parent),
    }


def _code_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".yaml", ".md") and path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _write(
    folder: Path, config: Mapping[str, Any], items: Sequence[Item], rows: Rows, sources: Mapping[str, Any]
) -> None:
    def lines(values: Sequence[Mapping[str, Any]]) -> str:
        return "".join(json.dumps(v, ensure_ascii=False) + "\n" for v in values)

    ordered: list[tuple[str, Variant]] = [(i.id, v) for i in items for v in ("asked", "standalone")]
    (folder / "gold.jsonl").write_text(lines([i.row() for i in items]), "utf-8")
    (folder / "replies.jsonl").write_text(lines([rows[key] for key in ordered if key in rows]), "utf-8")
    (folder / "sources.json").write_text(json.dumps(sources, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    (folder / "config.json").write_text(json.dumps(config, ensure_ascii=False, indent=1) + "\n", "utf-8")


__all__ = ["RUNS", "Desk", "Question", "ask", "check_name", "desk", "run"]
