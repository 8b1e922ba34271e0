"""The sealed questions stay sealed: nothing that tunes reads them, and a run over them gives figures, not items."""

from __future__ import annotations

import ast
import hashlib
import importlib
import json
from pathlib import Path

import pytest
from test_eval import TINY, opener, row, write_gold

from advisor import Settings

load, main, report, run = (importlib.import_module(f"eval.{n}") for n in ("load", "__main__", "report", "run"))
ROOT = Path(__file__).parent.parent


def readers_of_test(source):
    """What in a program could read the sealed split: its file names, its loader with more than dev, a listing of the folder."""
    tree = ast.parse(source)
    docstrings = {n.value for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
    texts = [
        n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and n not in docstrings
    ]
    for text in texts:
        if text.value.strip("/").endswith(("test.jsonl", "test.sha256")) and "qrels" not in text.value:
            yield text.value
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    names_gold = any(t.value == "gold" or "eval/gold" in t.value for t in texts)
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name == "load_gold" and not (len(call.args) == 2 and ast.unparse(call.args[1]) in ("['dev']", "('dev',)")):
            yield ast.unparse(call)
        if name == "load_files" or (
            names_gold and name in ("glob", "rglob", "iterdir", "listdir") and "gold" in ast.unparse(call).lower()
        ):
            yield ast.unparse(call)


@pytest.mark.parametrize("folder", ["scripts", "advisor"])
def test_nothing_that_tunes_or_answers_reads_the_sealed_split(folder):
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    found = {str(f.relative_to(ROOT)): list(readers_of_test(f.read_text("utf-8"))) for f in files}
    assert {f: r for f, r in found.items() if r} == {}


@pytest.mark.parametrize(
    "source",
    [
        'open("eval/gold/test.jsonl")',
        'ROOT / "gold" / "test.jsonl"',
        "load_gold(GOLD)",
        'load_gold(GOLD, ["dev", "test"])',
        "load_gold(GOLD, SPLITS)",
        'for f in (ROOT / "eval" / "gold").glob("*.jsonl"): pass',
        "load_files(GOLD.iterdir())",
    ],
)
def test_the_search_for_readers_finds_them(source):
    assert list(readers_of_test(source))


def test_reading_dev_is_no_breach():
    assert not list(
        readers_of_test('"""Never test.jsonl."""\nload_gold(GOLD, ["dev"])\n(ROOT / "gold" / "dev.jsonl").read_text()')
    )


def test_the_committed_hash_is_that_of_the_sealed_file():
    folder = ROOT / "eval" / "gold"
    digest = hashlib.sha256((folder / "test.jsonl").read_bytes()).hexdigest()
    assert (folder / "test.sha256").read_text().split()[0] == digest


def test_the_sealed_split_is_asked_only_where_it_is_named():
    assert main._parser().parse_args(["run", "x"]).split == "dev"
    for path in (ROOT / "Makefile", *(ROOT / ".github").rglob("*.yml")):
        assert "--split" not in path.read_text("utf-8")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """Two runs over sealed questions: one that answers, one that lost its replies."""
    base = tmp_path_factory.mktemp("sealed")
    rows = [row(id="test-en-001", split="test", note="kept secret"), row(id="test-en-002", split="test")]
    placed = load.load_gold(write_gold(base / "gold", rows, "test.jsonl"), ["test"])
    for name in ("first", "lost"):
        run.run(name, placed, Settings(home=base / "home", corpus=TINY), base / "runs", opener=opener)
    replies = base / "runs" / "lost" / "replies.jsonl"
    lost = [json.loads(line) | {"reply": None} for line in replies.read_text("utf-8").splitlines()]
    replies.write_text("".join(json.dumps(r) + "\n" for r in lost), "utf-8")
    return base / "runs"


@pytest.mark.parametrize(
    "command",
    [
        ["score", "lost"],
        ["score", "lost", "--json"],
        ["compare", "first", "lost"],
        ["compare", "first", "lost", "--json"],
    ],
)
def test_a_sealed_run_prints_figures_and_names_no_question(sealed, capsys, command):
    main.main([*command, "--runs", str(sealed)])
    said = capsys.readouterr().out
    assert "right" in said
    assert "test-en-00" not in said
    assert row()["question"] not in said


def test_a_sealed_run_leaves_its_questions_out_of_scores_and_report(sealed):
    assert main.main(["score", "lost", "--runs", str(sealed)]) == 0
    assert "test-en-00" not in (sealed / "lost" / "scores.json").read_text("utf-8")
    page = report.write("lost", "first", runs=sealed).read_text("utf-8")
    assert "test-en-00" not in page
    assert row()["question"] not in page
