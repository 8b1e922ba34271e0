"""Questions as people ask them, and whether the chosen sentence leads."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from conftest import AS_OF

from advisor import Advisor, Reply
from advisor.model import Citation, Question, Statement
from eval.errors import EvalError

leads = importlib.import_module("eval.leads")
main = importlib.import_module("eval.__main__")

ROW = {
    "id": "a-1",
    "language": "zh",
    "question": "龙岩评到二级能补多少",
    "document": "fj-longyan-rules-2025",
    "sentences": ["示例市对达到二级的企业最高补助20万元。"],
    "answerable": True,
}


def write(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return path


@pytest.mark.slow
def test_a_chosen_sentence_that_leads_is_counted(tmp_path: Path, full_advisor: Advisor) -> None:
    reply: Reply = full_advisor.ask(Question(str(ROW["question"]), as_of=AS_OF))
    quote = next(c.quote for s in reply.statements for c in s.citations)
    rows = leads.load_asked(
        write(
            tmp_path / "a.jsonl",
            {**ROW, "sentences": [quote]},
            {**ROW, "id": "a-2", "sentences": ["谁也没有说过的话。"]},
            {**ROW, "id": "a-3", "question": "火星基地补多少", "answerable": False, "sentences": []},
        ),
        AS_OF,
    )
    found = leads.measure(rows, full_advisor.ask)["zh"]
    assert (found["first"]["numerator"], found["first"]["denominator"]) == (1.0, 2.0)
    assert found["declined"]["denominator"] == 1.0
    assert "first 0.500" in leads.table(leads.measure(rows, full_advisor.ask))


def test_a_turn_is_counted_beside_its_question_told_whole(tmp_path: Path, replies: Callable[[Question], Reply]) -> None:
    turn = {**ROW, "question": "那二级呢", "history": [{"question": "龙岩三级补多少", "answer": "35万元。"}]}
    path = write(tmp_path / "a.jsonl", {**turn, "standalone": "龙岩评到二级能补多少"}, {**turn, "id": "a-2"})
    found = leads.measure(leads.load_asked(path, AS_OF), replies)["both"]
    assert (found["first"]["numerator"], found["first"]["denominator"]) == (0.0, 2.0)
    assert (found["first, told whole"]["numerator"], found["first, told whole"]["denominator"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    "change", [{"answerable": "yes"}, {"sentences": "one"}, {"sentences": []}, {"question": ""}, {"profile": "big"}]
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    path = write(tmp_path / "a.jsonl", ROW, {**ROW, **change})
    with pytest.raises(EvalError, match="a.jsonl:2"):
        leads.load_asked(path, AS_OF)


@pytest.fixture
def replies() -> Callable[[Question], Reply]:
    """Answers who tells all, and nobody who asks on."""
    said = str(ROW["sentences"][0])  # type: ignore[index]
    citation = Citation("d", "zh", "p", said, 0, len(said))
    statement = Statement(said, "quoted", (citation,))
    blank = {f.name: None for f in fields(Reply)}

    def ask(question: Question) -> Reply:
        told = () if question.history else (statement,)
        return Reply(**{**blank, "status": "answered" if told else "abstained", "statements": told})  # type: ignore[arg-type]

    return ask


@pytest.mark.parametrize("path", [*leads.ASKED, *sorted(leads.ASKED[0].parent.glob("turns-*.jsonl"))])
def test_every_chosen_sentence_stands_in_the_corpus(path: Path) -> None:
    corpus = Path(leads.__file__).parent.parent / "corpus" / "documents"
    language = path.stem.rpartition("-")[2]
    text = "\n".join(p.read_text("utf-8") for p in sorted(corpus.glob(f"*/{language}.md")))
    rows = leads.load_asked(path, AS_OF)
    missing = [r.id for r in rows if not all(s in text for s in r.sentences)]
    assert not missing
    assert len({r.id for r in rows}) == len(rows)
