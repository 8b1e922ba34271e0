"""Known questions: read by line, proved against the text, found by meaning, and offered to go on with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import AS_OF, small_advisor

from advisor import Question, Turn
from advisor.adapters.originals import FileReader
from advisor.ask.known import KnownQuestions
from advisor.ask.retrieve import retrieve
from advisor.ask.turns import understood
from advisor.ingest.check import check
from advisor.ingest.read import read_corpus
from advisor.ports import Vectors
from advisor.wiring import Advisor

RULES = "northport-rules-2025"


def sentences_of(corpus: Path, language: str) -> list[str]:
    lines = (corpus / "documents" / RULES / f"{language}.md").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def row(corpus: Path, at: int, **asked: list[str]) -> dict[str, Any]:
    zh, en = (sentences_of(corpus, language)[at] for language in ("zh", "en"))
    return {"zh": asked.get("zh", []), "en": asked.get("en", []), "said": [{"zh": zh, "en": en}]}


def write(corpus: Path, *rows: dict[str, Any]) -> None:
    text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
    (corpus / "documents" / RULES / "questions.jsonl").write_text(text, "utf-8")


def test_a_broken_line_is_named(tiny_corpus: Path) -> None:
    write(tiny_corpus, row(tiny_corpus, 0, en=["what is it"]), {"en": ["who pays"]})
    corpus = read_corpus([tiny_corpus], FileReader())
    assert [(e.reason, Path(e.where or "").name) for e in corpus.quarantined] == [("schema", "questions.jsonl:2")]


def test_the_sentences_that_answer_stand_in_the_text(tiny_corpus: Path) -> None:
    good = row(tiny_corpus, 0, en=["what is it"])
    invented = {**row(tiny_corpus, 1, en=["who pays"]), "said": [{"zh": "没有这句话。", "en": "No such sentence."}]}
    write(tiny_corpus, good, invented, row(tiny_corpus, 2, en=["what is it"]))
    found = check(read_corpus([tiny_corpus], FileReader()))
    assert [(f.reason, f.detail[:18]) for f in found if f.severity == "error"] == [
        ("question_twice", "questions.jsonl as"),
        ("said_not_once", "questions.jsonl:2 "),
        ("said_not_once", "questions.jsonl:2 "),
    ]


def test_words_that_no_sentence_has_find_the_sentence_they_were_written_for(tiny_corpus: Path, tmp_path: Path) -> None:
    asks = Question("Northport: my cousin with the big hall wants a slice of the pie", as_of=AS_OF)
    advisor = small_advisor(tiny_corpus, tmp_path / "home")
    advisor.ingest()
    write(
        tiny_corpus, row(tiny_corpus, -2, en=["can my cousin with the big hall in Northport have a slice of the pie"])
    )
    assert advisor.ingest().changed == (RULES,)
    with advisor._shelf.current() as generation:
        lexicon = advisor._lexicon(generation)
        query = understood(asks, lexicon, generation, advisor.embedder, AS_OF)
        best = lexicon.known.match(query, advisor.embedder, lambda q, t: _nothing_near(t), lambda d: 0).best[0]
    assert (best.document, best.entry) == (RULES, 0)
    assert sentences_of(tiny_corpus, "en")[-2] in advisor.hits(asks)[0][0].passage.text
    advisor.close()


class Prefers:
    """Reads wordings with one word in them as the very question."""

    name = "prefers"

    def __init__(self, word: str) -> None:
        self._word, self.read = word, list[str]()

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        self.read += texts
        return np.array([6.0 * (self._word in t) - 3.0 for t in texts], dtype=np.float32)


def test_the_likeliest_are_read_together_with_the_question(tiny_corpus: Path, tmp_path: Path) -> None:
    wordings = [f"does Northport pay for a {thing}" for thing in ("lathe", "robot", "scanner", "printer", "server")]
    wordings += [f"who in Northport signs the {thing}" for thing in ("form", "list", "bill", "plan", "offer", "map")]
    write(tiny_corpus, *(row(tiny_corpus, i % 3, en=[w]) for i, w in enumerate(wordings)))
    advisor = small_advisor(tiny_corpus, tmp_path / "home")
    advisor.ingest()
    with advisor._shelf.current() as generation:
        lexicon = advisor._lexicon(generation)
        query = understood(
            Question("does Northport pay for a lathe", as_of=AS_OF), lexicon, generation, advisor.embedder, AS_OF
        )
        model = Prefers("robot")
        plain, read = (
            lexicon.known.match(query, advisor.embedder, lambda q, t: _nothing_near(t), lambda d: 0, by)
            for by in (None, model)
        )
    advisor.close()
    assert [wordings[m.entry] for m in (plain.best[0], read.best[0])] == wordings[:2]
    assert 2 <= len(model.read) <= 8
    assert {m.entry for m in read.best} == {m.entry for m in plain.best}
    behind = {wordings[m.entry] for m in read.best[len(model.read) :]}
    assert behind.isdisjoint(model.read)
    assert all(a.score >= b.score for a, b in zip(read.best, read.best[1:], strict=False))


def _nothing_near(texts: Any) -> Any:
    return np.zeros((len(texts), 1), dtype=np.float32), np.ones(1)


@pytest.mark.slow
def test_each_part_is_read_in_its_own_words_where_passages_are_sought(full_advisor: Advisor) -> None:
    flow, asked = full_advisor._flow(full_advisor._shelf.current()), list[str]()

    class Listens(Prefers):
        def scores(self, question: str, texts: Sequence[str]) -> Vectors:
            asked.append(question)
            return super().scores(question, texts)

    question = Question("龙岩评到三级最多补多少，政策到哪天", as_of=AS_OF)
    query = understood(question, flow.lexicon, flow.generation, flow.embedder, AS_OF)
    retrieve(query, flow.generation, flow.lexicon, flow.embedder, 12, cross_encoder=Listens("level"))
    assert asked == ["龙岩评到三级最多补多少", "政策到哪天"]


@pytest.mark.slow
def test_chips_lead_to_sentences_that_answer_them(full_advisor: Advisor) -> None:
    reply = full_advisor.ask(Question("How much does Longyan pay for a level 2 upgrade?", as_of=AS_OF))
    with full_advisor._shelf.current() as generation:
        documents = list(generation.documents.values())
    known = {w: d.id for d in documents for q in d.questions for w in q.asked["en"]}
    chips = [c for c in reply.followups if c in known]
    assert chips
    for chip in chips:
        then = full_advisor.ask(Question(chip, as_of=AS_OF))
        assert then.status == "answered", chip
        assert then.statements[0].citations[0].document == known[chip], chip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("how do we keep hackers out of our mail and bookkeeping, nobody here knows computers", True),
        ("another thing: what should a small shop do first about ransomware?", True),
        ("what does the German Digitalbonus in Bavaria pay a small firm", True),
        ("and for level 3?", False),
        ("who pays it out?", False),
    ],
)
def test_a_turn_that_changes_the_subject_stands_alone(full_advisor: Advisor, text: str, alone: bool) -> None:
    before = Turn("How much does Longyan pay at level 2?", "A Longyan firm at level 2 gets at most 250,000 yuan. [1]")
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        question = Question(text, history=(before,), as_of=AS_OF)
        query = understood(question, lexicon, generation, full_advisor.embedder, AS_OF)
    assert (query.previous is None) == alone


@pytest.mark.slow
def test_what_is_known_leads_to_words_that_no_sentence_has(full_advisor: Advisor) -> None:
    reply = full_advisor.ask(Question("工人嫌麻烦不肯用系统，怎么办？", as_of=AS_OF))
    with full_advisor._shelf.current() as generation:
        lexicon = full_advisor._lexicon(generation)
        kept, lexicon.__dict__["known"] = lexicon.known, KnownQuestions(replace_questions(generation))
        try:
            without = full_advisor.ask(Question("工人嫌麻烦不肯用系统，怎么办？", as_of=AS_OF))
        finally:
            lexicon.__dict__["known"] = kept
    assert "最烦哪一步" in reply.statements[0].text
    assert [h.score for h in reply.hits] != [h.score for h in without.hits]


def replace_questions(generation: Any) -> Any:
    """The same generation, as if nobody had written questions."""
    import copy

    bare = copy.copy(generation)
    bare.documents = {}
    return bare
