"""Questions from JSON: bad rows are reported by line, the rest goes on, in order."""

from __future__ import annotations

import json

import pytest

from advisor.batch import question_of, run
from advisor.errors import UserError
from advisor.model import Profile, Turn

GOOD = {"id": "a", "question": "什么是MES？", "as_of": "2026-11-24"}
BAD_ROWS = [
    ("not json", "row_not_json"),
    ("[1]", "row_not_json"),
    ("[" * 100_000, "row_not_json"),
    ("1" * 5000, "row_not_json"),
    ('{"question": "no id"}', "row_no_id"),
    ('{"id": 7, "question": "number as id"}', "row_no_id"),
    ('{"id": "b"}', "row_no_question"),
    ('{"id": "b", "question": "  "}', "row_no_question"),
    ('{"id": "b", "question": ["x"]}', "row_no_question"),
    ('{"id": "a", "question": "again"}', "row_duplicate_id"),
    ('{"id": "b", "question": "x", "language": "fr"}', "language_unknown"),
    ('{"id": "b", "question": "x", "as_of": "tomorrow"}', "date_broken"),
    ('{"id": "b", "question": "x", "as_of": "2026-02-30"}', "date_broken"),
    ('{"id": "b", "question": "x", "profile": [1]}', "profile_broken"),
    ('{"id": "b", "question": "x", "profile": {"shoe": 44}}', "profile_broken"),
    ('{"id": "b", "question": "x", "profile": {"employees": "many"}}', "profile_broken"),
    ('{"id": "b", "question": "x", "profile": {"employees": -5}}', "profile_broken"),
    ('{"id": "b", "question": "x", "profile": {"revenue": NaN}}', "profile_broken"),
    ('{"id": "b", "question": "x", "profile": {"level": 9}}', "profile_broken"),
    ('{"id": "b", "question": "x", "history": {"question": "q"}}', "history_broken"),
    ('{"id": "b", "question": "x", "history": ["q"]}', "history_broken"),
    ('{"id": "b", "question": "?!"}', "question_empty"),
    (json.dumps({"id": "b", "question": "x" * 3000}), "question_too_long"),
]


def answers(advisor, tmp_path, *lines: str) -> tuple[bool, list[dict]]:
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    good = run(advisor, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    return good, [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").split("\n") if line]


def test_bad_rows_are_named_and_the_rest_is_answered(advisor, tmp_path):
    bad = [row.replace('"id": "b"', f'"id": "b{i}"') for i, (row, _) in enumerate(BAD_ROWS)]
    lines = [json.dumps(GOOD), *bad, json.dumps({**GOOD, "id": "z"})]
    good, rows = answers(advisor, tmp_path, *lines)
    assert not good
    assert [rows[0]["id"], rows[-1]["id"]] == ["a", "z"]
    assert rows[0]["reply"]["answer"] == rows[-1]["reply"]["answer"]
    assert [r["error"]["reason"] for r in rows[1:-1]] == [reason for _, reason in BAD_ROWS]
    assert [r["line"] for r in rows[1:-1]] == list(range(2, len(lines)))
    assert all(r["error"]["message"] and "\n" not in r["error"]["message"] for r in rows[1:-1])


def test_good_rows_and_empty_lines_only(advisor, tmp_path):
    good, rows = answers(advisor, tmp_path, json.dumps(GOOD), "", json.dumps({**GOOD, "id": "b"}))
    assert good
    assert [r["id"] for r in rows] == ["a", "b"]


def test_separators_and_half_characters_within_a_string(advisor, tmp_path):
    question = json.dumps("什么是\u2028MES\x85？", ensure_ascii=False)
    good, rows = answers(
        advisor, tmp_path, f'{{"id": "a", "question": {question}}}', '{"id": "\\ud800", "question": "MES \\udfff?"}'
    )
    assert good
    assert rows[0]["reply"]["question"] == "什么是\u2028MES\x85？"
    assert rows[1]["reply"]["question"] == "MES ??"


def test_a_question_that_breaks_us_does_not_take_the_others_along(tmp_path):
    class Fragile:
        def ask(self, question):
            raise ZeroDivisionError

    good, rows = answers(Fragile(), tmp_path, json.dumps(GOOD), json.dumps({**GOOD, "id": "b"}))
    assert not good
    assert [(r["id"], r["error"]["reason"]) for r in rows] == [("a", "inside"), ("b", "inside")]


def test_profile_and_history_arrive_whole():
    question = question_of(
        {
            "question": "And at level 3?",
            "profile": {
                "region": "Northport",
                "employees": 60,
                "revenue": 1.5e6,
                "titles": ["a"],
                "goals": None,
                "level": 2,
            },
            "history": [{"question": "q", "answer": "a"}, {"question": "r"}],
            "as_of": None,
        }
    )
    assert question.profile == Profile(region="Northport", employees=60, revenue=1.5e6, titles=("a",), level=2)
    assert question.history == (Turn("q", "a"), Turn("r", ""))
    assert question.as_of is None


@pytest.mark.parametrize("as_of", ["20261124", "2026-W01-1", "2026-11-24T00:00", 20261124])
def test_a_date_is_written_one_way(as_of):
    with pytest.raises(UserError, match="YYYY-MM-DD"):
        question_of({"question": "x", "as_of": as_of})
