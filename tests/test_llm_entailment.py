"""The optional entailment model: it may turn a written sentence down, never up; which label counts is read from its config."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import AS_OF, TINY, small_advisor
from llm_models import ScriptedChat, row, shown, spoken
from tiny_models import make_cross_encoder

from advisor import Question, Reply, Settings, doctor
from advisor.adapters.entailment import CrossEncoderEntailment, label_of
from advisor.errors import ModelFault
from advisor.wiring import Advisor

QUESTION = Question("How much does Northport pay a firm that reaches level 2?", as_of=AS_OF)
SENTENCE = "The Northport rules of 2025 pay a firm that reaches level 2 at most 200,000 yuan."
OTHER = "The Northport rules of 2025 pay 40 % of what a firm actually spent on its digital upgrade."
LABELS = [f"P{n}" for n in range(1, 9)]


@dataclass
class Judge:
    """Fakes the port: `turns_down` names sentences that do not follow."""

    turns_down: tuple[str, ...] = ()
    fails_after: int = 1000
    name: str = "judge"
    seen: list[tuple[str, str]] = field(default_factory=list)

    def score(self, premise: str, statement: str) -> float:
        if len(self.seen) >= self.fails_after:
            raise ModelFault("entailment_failed")
        self.seen.append((premise, statement))
        return 0.1 if statement in self.turns_down else 0.9


@pytest.fixture
def asking(advisor: Advisor) -> Advisor:
    advisor.chat = ScriptedChat(  # type: ignore[misc]
        lambda _: (
            row(SENTENCE, LABELS, SENTENCE) + row(OTHER, LABELS, OTHER) + row(OTHER.replace("40", "90"), LABELS, OTHER)
        )
    )
    return advisor


def ask(advisor: Advisor, judge: object) -> Reply:
    advisor.entailment = judge  # type: ignore[misc,assignment]
    return advisor.ask(QUESTION)


def said(reply: Reply) -> list[str]:
    return [s.text for s in reply.statements if s.kind == "written"]


def test_what_does_not_follow_from_its_quote_is_left_out(asking: Advisor) -> None:
    judge = Judge(turns_down=(OTHER,))
    asking.chat = ScriptedChat(lambda _: row(SENTENCE, LABELS, SENTENCE) + row(OTHER, LABELS, OTHER))  # type: ignore[misc]
    reply = ask(asking, judge)
    assert said(reply) == [SENTENCE]
    assert reply.dropped == 1
    assert reply.receipt["entailment"] == "judge"
    premise = next(p for p, s in judge.seen if s == SENTENCE)
    assert premise.endswith(f"\n{SENTENCE}")  # the title of the document stands before its sentence


def test_it_never_turns_up_what_the_verifier_turned_down(asking: Advisor) -> None:
    judge = Judge()
    reply = ask(asking, judge)
    assert said(reply) == [SENTENCE, OTHER]
    assert "90 %" not in reply.answer
    assert all("90 %" not in s for _, s in judge.seen)


def test_where_too_little_follows_the_quotation_takes_over(asking: Advisor) -> None:
    reply = ask(asking, Judge(turns_down=(SENTENCE, OTHER)))
    assert (reply.answerer, reply.fallback) == ("extractive", "model_unsupported")


def test_quotations_and_records_are_not_put_to_it(asking: Advisor) -> None:
    asking.chat = None  # type: ignore[misc]
    judge = Judge(turns_down=(SENTENCE,))
    assert "200,000" in ask(asking, judge).answer
    assert judge.seen == []


@pytest.mark.parametrize("after", [0, 1, 2])
def test_where_it_fails_the_quotation_takes_over(after: int, asking: Advisor) -> None:
    reply = ask(asking, Judge(fails_after=after))
    assert (reply.status, reply.answerer, reply.fallback) == ("answered", "extractive", "entailment_failed")
    assert "could not be checked" in reply.answer
    assert said(reply) == []


def test_unset_there_is_none(asking: Advisor) -> None:
    assert asking.entailment is None
    assert asking.ask(QUESTION).receipt["entailment"] is None


# --- the adapter ----------------------------------------------------------------------------------


def test_the_label_is_read_from_the_config() -> None:
    assert label_of({0: "entailment", 1: "neutral", 2: "contradiction"}) == 0
    assert label_of({0: "CONTRADICTION", 1: "ENTAILMENT"}) == 1
    assert label_of({0: "not_entailment", 1: "entailment"}) == 1
    assert label_of({0: "LABEL_0"}) is None
    for unknown in ({0: "LABEL_0", 1: "LABEL_1"}, {0: "positive", 1: "negative"}):
        with pytest.raises(ModelFault) as fault:
            label_of(unknown)
        assert fault.value.reason == "entailment_unlabelled"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights under four sets of labels; the same weights each time."""
    folder = tmp_path_factory.mktemp("cross")
    make_cross_encoder(folder / "first", ("entailment", "neutral", "contradiction"))
    make_cross_encoder(folder / "last", ("contradiction", "neutral", "entailment"))
    make_cross_encoder(folder / "one", ("score",))
    make_cross_encoder(folder / "unlabelled", ("LABEL_0", "LABEL_1", "LABEL_2"))
    return folder


@pytest.mark.slow
def test_a_cross_encoder_gives_the_likelihood_of_its_entailment_label(models: Path) -> None:
    first, last = (CrossEncoderEntailment(str(models / n)) for n in ("first", "last"))
    pairs = [(SENTENCE, OTHER), (OTHER, SENTENCE), ("北埠市补助40%。", "补助40%。")]
    for pair in pairs:
        a, c = first.score(*pair), last.score(*pair)
        assert 0 <= a <= 1
        assert 0 <= a + c <= 1.0001  # two of three labels of the same weights
        assert a == first.score(*pair)
    assert 0 <= CrossEncoderEntailment(str(models / "one")).score(*pairs[0]) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "reason"), [("unlabelled", "entailment_unlabelled"), ("nowhere", "entailment_unreachable")]
)
def test_a_model_that_cannot_serve_is_said(name: str, reason: str, models: Path, asking: Advisor) -> None:
    model = CrossEncoderEntailment(str(models / name))
    model.warm()
    with pytest.raises(ModelFault) as fault:
        model.score("a", "b")
    assert fault.value.reason == reason
    assert str(models) not in str(fault.value)
    reply = ask(asking, model)
    assert (reply.answerer, reply.fallback) == ("extractive", reason)


@pytest.mark.slow
def test_the_setting_names_the_model(models: Path, tmp_path: Path) -> None:
    name = str(models / "first")
    small = small_advisor(TINY, tmp_path / "home")
    small.settings = Settings(corpus=TINY, home=tmp_path / "home", entailment=name)
    small.ingest()
    small.chat = ScriptedChat(  # type: ignore[misc]
        lambda asked: "".join(row(s, [la], s) for la, text in shown(asked).items() for s in spoken(text)[:2]) or "Well."
    )
    reply = small.ask(QUESTION)
    assert reply.receipt["entailment"] == name
    assert reply.fallback in (None, "model_unsupported")
    assert "entailment" in {f.about for f in doctor.examine(small, "en")}
    small.close()
