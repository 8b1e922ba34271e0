"""What the evaluation says of a model's words: paraphrases with planted faults, and rewrites good and bad."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from conftest import AS_OF, TINY
from test_eval import opener, row, write_gold

from advisor import Settings
from advisor.generation import Generation
from advisor.wiring import Advisor

# `import eval` would shadow the builtin; the package is addressed by name.
load, main = (importlib.import_module(f"eval.{n}") for n in ("load", "__main__"))
paraphrases, rewriting = (importlib.import_module(f"eval.{n}") for n in ("paraphrases", "rewriting"))
EvalError = importlib.import_module("eval.errors").EvalError

QUOTE = "The Northport rules of 2025 pay a firm that reaches level 2 at most 200,000 yuan."
OTHER = "The Northport rules of 2025 pay 40 % of what a firm actually spent on its digital upgrade."
ROW = {
    "id": "p-1",
    "language": "en",
    "document": "northport-rules-2025",
    "quote": QUOTE,
    "paraphrase": "Under the Northport rules of 2025, a firm that reaches level 2 gets at most 200,000 yuan.",
    "faults": {
        "number": "Under the Northport rules of 2025, a firm that reaches level 2 gets at most 900,000 yuan.",
        "wrong_citation": {"document": "northport-rules-2025", "quote": OTHER},
    },
}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return path


def measured(advisor: Advisor, path: Path) -> dict:
    name = str(advisor.layout.current())
    generation = Generation(advisor.layout.generations / name, advisor.lexical, advisor.vector)
    result = paraphrases.measure(paraphrases.load_cases(path), advisor, generation, AS_OF)
    generation.retire()
    return result


def test_a_faithful_paraphrase_survives_and_planted_faults_are_caught(advisor: Advisor, tmp_path: Path) -> None:
    result = measured(advisor, write(tmp_path / "p.jsonl", ROW))
    for way in ("quoted", "labelled"):
        kinds = result["ways"][way]["kinds"]
        assert {k: (r["both"]["right"], r["both"]["of"]) for k, r in kinds.items()} == {
            "faithful": (1, 1),
            "number": (1, 1),
            "place": (0, 0),
            "negation": (0, 0),
            "wrong_citation": (1, 1),
        }
    assert "faithful" in paraphrases.table(result)
    assert "1.000 1/1" in paraphrases.table(result)


def test_what_is_wrong_is_named(advisor: Advisor, tmp_path: Path) -> None:
    untrue = {**ROW, "paraphrase": "Southvale gives away 3 robots.", "faults": {"number": ROW["paraphrase"]}}
    result = measured(advisor, write(tmp_path / "p.jsonl", untrue))
    found = {w["kind"]: w["because"] for w in result["ways"]["quoted"]["wrong"]}
    assert set(found) == {"faithful", "number"}  # the second is faithful, and called a fault
    assert found["faithful"] != ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quote": ""}, "bad_row"),
        ({"language": "de"}, "bad_row"),
        ({"faults": {"spelling": "x"}}, "bad_row"),
        ({"faults": {"number": 5}}, "bad_row"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(change: dict, reason: str, tmp_path: Path) -> None:
    with pytest.raises(EvalError) as error:
        paraphrases.load_cases(write(tmp_path / "p.jsonl", ROW, {**ROW, **change}))
    assert error.value.reason == reason
    assert "p.jsonl:2" in str(error.value)


def test_a_quote_that_the_corpus_does_not_hold_is_named(advisor: Advisor, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="in no passage of northport-rules-2025"):
        measured(advisor, write(tmp_path / "p.jsonl", {**ROW, "quote": "Northport pays nothing."}))


@pytest.mark.slow
def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ADVISOR_CORPUS", str(TINY))
    monkeypatch.setenv("ADVISOR_HOME", str(tmp_path / "home"))
    path = str(write(tmp_path / "p.jsonl", ROW))
    assert main.main(["paraphrases", "--file", path]) == 0
    assert "faithful" in capsys.readouterr().out
    assert main.main(["paraphrases", "--file", path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cases"] == 3
    assert main.main(["paraphrases", "--file", str(tmp_path / "none.jsonl")]) == 1


# --- rewriting ------------------------------------------------------------------------------------

FOLLOW_UP = row(
    id="dev-en-002",
    type="multi_turn",
    question="And for level 3?",
    history=[{"question": "How much does Northport pay a firm that reaches level 2?", "answer": "200,000 yuan"}],
    dialogue="d1",
    standalone="How much does Northport pay a firm that reaches level 3?",
    nuggets=[{"vital": True, "aliases": ["320,000"]}],
    numbers=[{"value": 320000, "unit": "CNY"}],
    forbidden=[],
)


def test_each_scripted_model_rewords_in_its_way(tmp_path: Path) -> None:
    placed = load.load_gold(write_gold(tmp_path / "gold", [FOLLOW_UP]), ["dev"])
    item = placed[0].item
    said = {name: words(item) for name, words in rewriting.variants([item, item]).items() if words and name != "stray"}
    assert said["gold"] == {"question": item.standalone}
    assert said["echo"]["question"] == item.history[-1].question
    assert said["babble"] == rewriting.variants([item])["babble"](item)
    assert rewriting.variants([item])["none"] is None


def test_every_way_is_asked_and_scored(tmp_path: Path) -> None:
    more = {**FOLLOW_UP, "id": "dev-en-004", "dialogue": "d2", "question": "And at level 3, how much is it?"}
    placed = load.load_gold(write_gold(tmp_path / "gold", [FOLLOW_UP, more]), ["dev"])
    settings = Settings(home=tmp_path / "home", corpus=TINY)
    result = rewriting.measured(placed, settings, tmp_path / "runs", lambda _: None, opener)
    assert result["questions"] == 2
    assert {name: row["rewrites_asked"] for name, row in result["models"].items()} == {
        "none": 0,
        "gold": 2,
        "stray": 2,
        "babble": 2,
        "echo": 2,
    }
    assert all(row["recall@5"]["of"] == 2 for row in result["models"].values())
    assert "stray" in rewriting.table(result)


def test_translations_belong_to_questions_that_hide_a_language() -> None:
    rows = [json.loads(line) for line in rewriting.TRANSLATIONS.read_text("utf-8").splitlines()]
    hidden = {p.item.id for p in load.load_gold(load.GOLD, ["dev"]) if p.item.hide}
    assert {r["id"] for r in rows} == hidden
