"""Parse, call, print, exit code: every error one sentence on stderr, `--json` prints JSON only."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from advisor.model import Question, Turn
    from advisor.settings import Settings
    from advisor.wiring import Advisor

app = typer.Typer(
    help="Answers SME staff's questions on digitalization from documents, every figure with its sentence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
originals = typer.Typer(help="The official texts behind our digests.", no_args_is_help=True)
app.add_typer(originals, name="originals")
Json = Annotated[bool, typer.Option("--json", help="print one JSON document on stdout")]
Language = Annotated[str, typer.Option("--language", help="auto, zh or en")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="address to serve on")] = None,
    port: Annotated[int | None, typer.Option(help="port to serve on")] = None,
) -> None:
    """The chat in the browser; builds the index first where none is current."""
    with errors(False):
        settings = _settings(host=host, port=port)
        from advisor.ui.app import serve as run
        from advisor.wiring import Advisor

        advisor = Advisor(settings)
        with progress_bar() as progress:
            advisor.ready(progress)
        run(advisor, settings, on_ready=lambda url: print(url, flush=True))


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="what you want to know")] = None,
    language: Language = "auto",
    profile: Annotated[Path | None, typer.Option(help="JSON file about the firm")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="YYYY-MM-DD")] = None,
    history: Annotated[Path | None, typer.Option(help="JSON list of earlier turns")] = None,
    batch: Annotated[Path | None, typer.Option(help="JSONL of questions")] = None,
    out: Annotated[Path | None, typer.Option(help="JSONL of replies")] = None,
    as_json: Json = False,
) -> None:
    """One reply; or many, in one process, with --batch and --out."""
    if (question is None) == (batch is None) or (batch is None) != (out is None):
        raise typer.BadParameter("give a QUESTION, or --batch with --out")
    if language not in ("auto", "zh", "en"):
        raise typer.BadParameter("auto, zh or en", param_hint="--language")
    with errors(as_json):
        from advisor import batch as rows
        from advisor.wiring import open_advisor

        settings = _settings()
        advisor = open_advisor(settings)
        if batch is not None and out is not None:
            raise typer.Exit(0 if rows.run(advisor, batch, out) else 1)
        reply = advisor.ask(
            rows.question_of(
                {
                    "question": question,
                    "language": language if language != "auto" else settings.language,
                    "profile": rows.read_json(profile) if profile else None,
                    "history": rows.read_json(history) if history else [],
                    "as_of": as_of,
                }
            )
        )
        if as_json:
            print(reply.to_json())
        else:
            print(reply.answer)
            for source in reply.sources:
                details = [source.issuer, source.number, source.issued, source.url]
                print(f"[{source.n}] {source.title} ({', '.join(d for d in details if d)})")
        raise typer.Exit(1 if reply.status == "failed" else 0)


@app.command()
def ingest(
    strict: Annotated[bool, typer.Option("--strict", help="exit 1 where a document was quarantined")] = False,
    force: Annotated[bool, typer.Option("--force", help="rebuild even where nothing changed")] = False,
    as_json: Json = False,
) -> None:
    """Corpus → a new index generation; does almost nothing where nothing changed."""
    with errors(as_json):
        from advisor.wiring import Advisor

        with progress_bar() as progress:
            report = Advisor(_settings()).ingest(progress, force)
        if as_json:
            print(json.dumps(report.as_dict(_spoken()), ensure_ascii=False))
        else:
            did = "built" if report.built else "unchanged"
            print(f"{report.generation} {did}: {report.documents} documents, {report.passages} passages")
            print(f"added {len(report.added)}, changed {len(report.changed)}, removed {len(report.removed)}")
        for fault in report.quarantined:
            print(fault.message(_spoken()), file=sys.stderr)
        raise typer.Exit(1 if strict and report.quarantined else 0)


@app.command()
def add(
    targets: Annotated[list[str], typer.Argument(help="files to add")],
    title: Annotated[str | None, typer.Option(help="title of the document")] = None,
    issuer: Annotated[str | None, typer.Option(help="who issued it")] = None,
    issued: Annotated[str | None, typer.Option(help="YYYY, YYYY-MM or YYYY-MM-DD")] = None,
    kind: Annotated[str | None, typer.Option(help="policy, notice, standard, guide, case, statistics …")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="place id or name")] = None,
    language: Annotated[str | None, typer.Option(help="zh or en; read from the text where left out")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="read and report, change nothing")] = False,
    as_json: Json = False,
) -> None:
    """Read a document, report its quality, put it beside the shipped ones and ingest."""
    with errors(as_json):
        from advisor.errors import AdvisorError
        from advisor.ingest.add import Metadata
        from advisor.wiring import Advisor

        advisor = Advisor(_settings())
        given = Metadata(title, issuer, issued, kind, jurisdiction, language)
        ask_for = _ask_for if sys.stdin.isatty() and not as_json else None
        added, refused = [], []
        for target in targets:
            try:
                added.append(advisor.add(Path(target), given, dry_run, ask_for))
            except AdvisorError as fault:
                if len(targets) == 1:
                    raise
                refused.append(fault)
                print(fault.message(_spoken()), file=sys.stderr)
        if added and not dry_run:
            with progress_bar() as progress:
                advisor.ingest(progress)
        if as_json:
            rows = [*(a.as_dict() for a in added), *({"error": f.as_dict(_spoken())} for f in refused)]
            print(json.dumps(rows, ensure_ascii=False))
        else:
            for report in added:
                print(report.sentence())
        raise typer.Exit(1 if refused else 0)


@app.command()
def remove(
    document: Annotated[str, typer.Argument(help="id of a document that you added")], as_json: Json = False
) -> None:
    """Take out a document of your own and ingest."""
    with errors(as_json):
        from advisor.wiring import Advisor

        advisor = Advisor(_settings())
        advisor.remove(document)
        advisor.ingest()
        print(json.dumps({"removed": document}) if as_json else f"removed {document}")


@app.command()
def check(
    against: Annotated[Path | None, typer.Option(help="folder of source registers (*.yaml) to compare with")] = None,
    as_json: Json = False,
) -> None:
    """Validate every document of the corpus; exit 1 where there are errors."""
    with errors(as_json):
        from advisor.wiring import Advisor

        documents, findings = Advisor(_settings()).check(against)
        wrong = sum(f.severity == "error" for f in findings)
        if as_json:
            print(
                json.dumps(
                    {"documents": documents, "errors": wrong, "findings": [f.as_dict() for f in findings]},
                    ensure_ascii=False,
                )
            )
        else:
            for f in findings:
                print(f"{f.severity} {f.reason} {f.document}: {f.detail}")
            print(f"{documents} documents, {wrong} errors, {len(findings) - wrong} warnings")
        raise typer.Exit(1 if wrong else 0)


@originals.command("fetch")
def fetch_originals(
    only: Annotated[str | None, typer.Option(help="id of one document")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="exit 1 where an address could not be used")] = False,
    as_json: Json = False,
) -> None:
    """Download the official texts that the corpus names and put them beside our digests; needs the internet."""
    with errors(as_json):
        from advisor.wiring import Advisor

        advisor = Advisor(_settings())
        with progress_bar() as progress:
            outcomes = advisor.fetch_originals(only, progress)
            if any(o.written for o in outcomes):
                advisor.ingest(progress)
        failed = [o.error for o in outcomes if o.error]
        if as_json:
            print(json.dumps([o.as_dict(_spoken()) for o in outcomes], ensure_ascii=False))
        else:
            for o in outcomes:
                if not o.error:
                    did = "fetched" if o.written else "unchanged"
                    print(f"{o.address.id} {did}: {o.address.title}, {o.language}, {o.characters} characters")
            print(f"{len(outcomes) - len(failed)} of {len(outcomes)} originals are beside their digests")
        for fault in failed:
            print(fault.message(_spoken()), file=sys.stderr)
        raise typer.Exit(1 if strict and failed else 0)


@app.command()
def show(
    document: Annotated[str, typer.Argument(help="document id")],
    language: Annotated[str | None, typer.Option("--language", help="zh or en")] = None,
    as_json: Json = False,
) -> None:
    """Metadata, the exact text that offsets count in, and its passages."""
    with errors(as_json):
        from advisor.wiring import open_advisor

        shown = open_advisor(_settings()).show(document, language)
        if as_json:
            print(json.dumps(shown, ensure_ascii=False, default=str))
        else:
            print(shown["text"])


@app.command()
def status(as_json: Json = False) -> None:
    """Documents, passages, generation, models in use."""
    with errors(as_json):
        from advisor.wiring import open_advisor

        state = open_advisor(_settings()).status()
        print(json.dumps(state, ensure_ascii=False) if as_json else "\n".join(f"{k}: {v}" for k, v in state.items()))


@app.command()
def doctor(as_json: Json = False) -> None:
    """What is missing to run well; asks a chat model ten questions where one is set. Exit 1 where something is wrong."""
    with errors(as_json):
        from advisor.doctor import examine
        from advisor.wiring import open_advisor

        findings = []
        for finding in examine(open_advisor(_settings()), _spoken()):
            findings.append(finding)
            if not as_json:
                print(f"{finding.state:7} {finding.about}: {finding.detail}", flush=True)
        if as_json:
            print(json.dumps([f.as_dict() for f in findings], ensure_ascii=False))
        raise typer.Exit(1 if any(f.state == "wrong" for f in findings) else 0)


@app.command()
def replay(
    receipt: Annotated[Path, typer.Argument(help="a receipt, or a reply that holds one")], as_json: Json = False
) -> None:
    """The same question on the same generation; says what differs where that is gone."""
    with errors(as_json):
        from advisor import batch as rows
        from advisor.errors import UserError
        from advisor.wiring import open_advisor

        loaded = rows.read_json(receipt)
        loaded = loaded.get("receipt", loaded) if isinstance(loaded, dict) else {}
        if "question" not in loaded:
            raise UserError("receipt_broken", str(receipt))
        reply, differs = open_advisor(_settings()).replay(loaded, rows.question_of(loaded))
        for name in differs:
            print(f"differs: {name}", file=sys.stderr)
        print(
            json.dumps({"reply": reply.as_dict(), "differs": differs}, ensure_ascii=False) if as_json else reply.answer
        )


# --- around the commands ------------------------------------------------------------------------


def _settings(**given: Any) -> Settings:
    from advisor.settings import Settings

    return Settings.load(**given)


def _spoken() -> str:
    """The language of sentences on the terminal."""
    chosen = os.environ.get("ADVISOR_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "zh" if chosen.lower().startswith("zh") else "en"


@contextmanager
def errors(as_json: bool) -> Iterator[None]:
    """An error ends in one sentence on stderr and exit code 1; with --json also as JSON on stdout."""
    from advisor.errors import AdvisorError, UserError

    try:
        yield
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except OSError as fault:
        _complain(UserError("disk", str(fault.filename or ""), problem=fault.strerror or str(fault)), as_json)
    except AdvisorError as fault:
        _complain(fault, as_json)
    except Exception as fault:
        if hasattr(fault, "format_message") or isinstance(fault, typer.Exit | typer.Abort):
            raise  # wrong usage, or the end of a command
        _complain(AdvisorError("inside", problem=f"{type(fault).__name__}: {fault}"[:200]), as_json)


def main() -> None:
    """The command `advisor`: wrong usage ends in one sentence too, and exit code 2."""
    arguments = sys.argv[1:] or ["--help"]
    try:
        code = app(arguments, standalone_mode=False)
    except typer.Abort:
        code = 130
    except Exception as fault:
        if not hasattr(fault, "format_message"):
            raise
        sentence = " ".join(fault.format_message().split())
        print(sentence, file=sys.stderr)
        if "--json" in arguments:
            print(json.dumps({"error": {"reason": "usage", "message": sentence, "where": None}}, ensure_ascii=False))
        code = 2
    sys.exit(code)


def _complain(fault: Any, as_json: bool) -> None:
    print(fault.message(_spoken()), file=sys.stderr)
    if as_json:
        print(json.dumps({"error": fault.as_dict(_spoken())}, ensure_ascii=False))
    raise typer.Exit(1)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield report


def _ask_for(name: str) -> str:
    return str(typer.prompt(name))


if TYPE_CHECKING:
    _names = (Advisor, Question, Turn, date)

if __name__ == "__main__":
    main()
