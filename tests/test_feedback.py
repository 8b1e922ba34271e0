"""From a thumbs-down with a correction to a candidate gold question."""

from __future__ import annotations

import importlib
import json
from datetime import date

import pytest

from advisor.model import Question

# `import eval` would shadow the builtin; the package is addressed by name.
feedback, load = (importlib.import_module(f"eval.{n}") for n in ("feedback", "load"))
EvalError = importlib.import_module("eval.errors").EvalError
TODAY = date(2026, 11, 24)
ASKED = "How much can a Northport firm get at level 2?"


def write(path, *rows):
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return path


@pytest.fixture
def generation(advisor):
    with advisor._shelf.current() as generation:
        yield generation


def candidate(tmp_path, generation, **row):
    complaints, _ = feedback.read(write(tmp_path / "f.jsonl", {"question": ASKED, **row}))
    return feedback.candidate(complaints[0], generation, TODAY)


def test_a_correction_with_a_document_becomes_a_question_with_its_evidence(tmp_path, generation):
    item = candidate(
        tmp_path, generation, mark="wrong", correction="It is 200,000 yuan.", document="northport-rules-2025"
    )
    assert (item.type, item.language, item.split, item.as_of) == ("numeric", "en", "dev", "2026-11-24")
    assert item.evidence[0].document == "northport-rules-2025"
    for language, quote in item.evidence[0].quotes():
        assert quote in generation.documents["northport-rules-2025"].texts[language]
    assert "200,000 yuan" in item.evidence[0].quote.en
    assert "20万元" in item.evidence[0].quote.zh
    assert item.nuggets[0].aliases == ("200,000 yuan",)
    assert [(n.value, n.unit) for n in item.numbers] == [(200000, "CNY")]
    assert item.writer == "feedback"


def test_a_figure_that_the_corpus_does_not_say_is_pointed_out(tmp_path, generation):
    right = candidate(tmp_path, generation, correction="200,000 yuan", document="northport-rules-2025")
    wrong = candidate(tmp_path, generation, correction="987,000 yuan", document="northport-rules-2025")
    assert "the corpus does not say this figure" not in right.note
    assert "the corpus does not say this figure" in wrong.note


def test_without_a_document_the_corpus_is_searched_for_the_correction(tmp_path, generation):
    item = candidate(tmp_path, generation, correction="At level 2 Northport pays at most 200,000 yuan.")
    assert item.evidence[0].document == "northport-rules-2025"


def test_the_reply_and_its_receipt_say_when_and_after_what_it_was_asked(tmp_path, generation, advisor):
    said = advisor.ask(Question("Northport level 2?", as_of=date(2026, 3, 1))).as_dict()
    said["receipt"] = dict(said["receipt"]) | {"history": [{"question": "Hello?", "answer": "Hello."}]}
    row = {"reply": said, "correction": "200,000 yuan", "document": "northport-rules-2025"}
    complaints, _ = feedback.read(write(tmp_path / "f.jsonl", row))
    item = feedback.candidate(complaints[0], generation, TODAY)
    assert item.question == "Northport level 2?"
    assert item.as_of == "2026-03-01"
    assert item.history[0].question == "Hello?"
    assert "was said: " in item.note


def test_praise_and_bare_complaints_are_counted_not_taken(tmp_path):
    rows = [
        {"question": ASKED, "mark": "right", "note": "thanks"},
        {"question": ASKED, "mark": "wrong", "note": ""},
        {"question": ASKED, "mark": "wrong", "note": "It is 200,000 yuan."},
    ]
    complaints, others = feedback.read(write(tmp_path / "f.jsonl", *rows))
    assert [c.correction for c in complaints] == ["It is 200,000 yuan."]
    assert others == 2


def test_the_same_complaint_twice_is_one_candidate(tmp_path, generation):
    item = candidate(tmp_path, generation, correction="200,000 yuan", document="northport-rules-2025")
    out = tmp_path / "candidates.jsonl"
    assert feedback.append([item, item], out) == 1
    assert feedback.append([item], out) == 0
    assert [p.item for p in load.load_files([out], split_named=False)] == [item]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"correction": "x"}, "has no question"),
        ({"question": "q?", "correction": 7}, "correction must be a text"),
        ({"question": "q?", "correction": "x", "language": "fr"}, "language must be zh or en"),
        ({"question": "q?", "correction": "x", "reply": "text"}, "reply must be an object"),
    ],
)
def test_a_broken_row_is_named_with_file_and_line(tmp_path, row, words):
    with pytest.raises(EvalError, match=rf"f\.jsonl:2: .*{words}"):
        feedback.read(write(tmp_path / "f.jsonl", {"question": "q?", "mark": "right"}, row))


def test_an_unknown_document_is_named_with_file_and_line(tmp_path, generation):
    with pytest.raises(EvalError, match=r"f\.jsonl:1: the corpus has no document no-such"):
        candidate(tmp_path, generation, correction="200,000 yuan", document="no-such")
