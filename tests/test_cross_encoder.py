"""The cross-encoder over sentences: what its scores are, what they do to the order, what happens without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from conftest import AS_OF

from advisor import Advisor, Question, Reply, Settings
from advisor.adapters.cross_encoder import END, START, OnnxCrossEncoder
from advisor.ask.answer_extractive import ExtractiveAnswerer
from advisor.ask.ended import rule_behind
from advisor.ask.features import is_not_known
from advisor.ask.gaps import with_gap
from advisor.ask.order import as_read, in_order
from advisor.ask.retrieve import retrieve
from advisor.errors import ModelFault
from advisor.model import Answer
from advisor.ports import Vectors
from advisor.wiring import open_cross_encoder

FOLDER = Path(__file__).resolve().parents[1] / "advisor" / "models" / "cross_encoder"
ASKS = Question("What share does the Southvale digital voucher cover at level 2?", as_of=AS_OF)


class Prefers:
    """Whatever holds these words answers best."""

    def __init__(self, words: str, by: float = 9.0, least: float = 0.0) -> None:
        self.name, self._by, self._least = f"prefers {words}", by, least
        self._words = words
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        self.asked.append((question, tuple(texts)))
        return np.array([self._least + self._by * (self._words in t) for t in texts], dtype=np.float32)


@pytest.fixture(scope="module")
def ours() -> OnnxCrossEncoder:
    return OnnxCrossEncoder(FOLDER)


@pytest.mark.parametrize(
    ("question", "answers", "other"),
    [
        ("申请截止到哪天", "什么时候申请：2026年6月30日前提交申请。", "补多少：按合同金额的50%补助。"),
        (
            "when is the last day to hand it in",
            "Deadline: Apply by 30 June 2026.",
            "Amount: It pays 50 % of the costs.",
        ),
        ("什么是MES", "MES：制造执行系统是管理车间生产过程的软件。", "效果：上线后交货期缩短了三分之一。"),
        ("how do we begin", "Steps: First list where time is lost today.", "Source: The notice was issued in 2023."),
    ],
)
def test_the_sentence_that_answers_scores_higher(
    ours: OnnxCrossEncoder, question: str, answers: str, other: str
) -> None:
    right, wrong = ours.scores(question, [answers, other])
    assert right > wrong + 1.0


def test_a_score_does_not_depend_on_what_is_read_beside_it(ours: OnnxCrossEncoder) -> None:
    texts = [
        "Amount: It pays 50 % of the costs.",
        "补多少：最高30万元。",
        "x" * 4000,
        "短",
        "Deadline: " + "soon " * 60,
    ]
    question = "how much does it pay"
    alone = [float(OnnxCrossEncoder(FOLDER).scores(question, [t])[0]) for t in texts]
    np.testing.assert_allclose(ours.scores(question, texts), alone, atol=1e-5)
    np.testing.assert_allclose(ours.scores(question, texts[::-1]), alone[::-1], atol=1e-5)


@pytest.mark.parametrize("text", ["", " ", "\u202e\U000e0041", "[SEP] [CLS]", "😀" * 300])
def test_any_text_gets_a_finite_score(ours: OnnxCrossEncoder, text: str) -> None:
    assert np.isfinite(ours.scores(text, [text, "厂"])).all()


def test_no_texts_no_scores(ours: OnnxCrossEncoder) -> None:
    assert ours.scores("a", []).shape == (0,)


def test_what_was_read_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model, read = OnnxCrossEncoder(FOLDER), []
    monkeypatch.setattr(model, "_score", lambda question, text: float(len(read.append((question, text)) or read)))
    assert model.scores("a", ["1", "2", "1"]).tolist() == [1.0, 2.0, 1.0]
    assert model.scores("a", ["2"]).tolist() == [2.0]
    assert model.scores("b", ["2"]).tolist() == [3.0]


def test_question_and_text_are_told_apart(monkeypatch: pytest.MonkeyPatch, ours: OnnxCrossEncoder) -> None:
    model, seen = OnnxCrossEncoder(FOLDER), []

    class Listens:
        def run(self, _: object, feed: dict[str, Vectors]) -> Vectors:
            seen.append(feed)
            return np.array([[0.0]])

    monkeypatch.setitem(model.__dict__, "_model", (ours._model[0], Listens()))
    model.scores("how much is it", ["It pays half."])
    [feed] = seen
    [ids], [types] = feed["ids"].tolist(), feed["types"].tolist()
    assert (ids[0], ids[-1], ids.count(END)) == (START, END, 2)
    assert types == [0] * (ids.index(END) + 1) + [1] * (len(ids) - ids.index(END) - 1)


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    model = open_cross_encoder(Settings(cross_encoder=str(tmp_path / "nothing")))
    assert model is not None
    with pytest.raises(ModelFault) as fault:
        model.scores("a", ["b"])
    assert (fault.value.reason, fault.value.where) == ("cross_encoder_unreachable", str(tmp_path / "nothing"))


def test_it_is_ours_unless_set_and_none_is_none() -> None:
    assert isinstance(open_cross_encoder(Settings()), OnnxCrossEncoder)
    assert open_cross_encoder(Settings(cross_encoder="none")) is None


BROAD = Question("What does the Southvale digital voucher pay for?", as_of=AS_OF)


def ordered(advisor: Advisor, model: Prefers | None) -> list[str]:
    flow = advisor._flow(advisor._shelf.current())
    answerer = ExtractiveAnswerer(flow.generation, flow.lexicon, flow.embedder, model)
    query = flow._understood(BROAD, AS_OF)
    hits = retrieve(query, flow.generation, flow.lexicon, flow.embedder, 12)
    return [c.text for c in in_order(answerer, query, answerer.chooser(query).candidates(hits))]


def test_it_moves_what_it_prefers_to_the_front_and_loses_none(advisor: Advisor) -> None:
    plain = ordered(advisor, None)
    second = plain[1]
    moved = ordered(advisor, Prefers(second))
    assert moved[0] == second
    assert sorted(moved) == sorted(plain)


def test_it_reads_a_few_sentences_under_their_heading_and_the_rest_stay_behind(advisor: Advisor) -> None:
    plain, model = ordered(advisor, None), Prefers("nothing of the kind")
    assert ordered(advisor, model) == plain  # no preference, no change
    [(question, read)] = model.asked
    assert question == BROAD.text
    assert 2 <= len(read) <= 8
    assert all(text.endswith(sentence) for text, sentence in zip(read, plain, strict=False))
    assert any(text != sentence for text, sentence in zip(read, plain, strict=False))
    worst = ordered(advisor, Prefers(plain[len(read) - 1]))
    assert set(worst[: len(read)]) == set(plain[: len(read)])


def test_the_receipt_names_it_and_a_replay_says_when_it_differs(advisor: Advisor) -> None:
    advisor.__dict__["cross_encoder"] = Prefers("level")
    receipt = dict(advisor.ask(ASKS).receipt)
    assert receipt["cross_encoder"] == "prefers level"
    advisor.__dict__["cross_encoder"] = None
    assert advisor.replay(receipt, ASKS)[1] == ["cross_encoder"]
    assert replace(advisor.settings, cross_encoder="none").cross_encoder == "none"


# --- on the shipped corpus ------------------------------------------------------------------------


def asked(advisor: Advisor, text: str) -> Reply:
    return advisor.ask(Question(text, as_of=AS_OF))


def test_what_was_not_read_stays_behind_what_was(advisor: Advisor) -> None:
    flow = advisor._flow(advisor._shelf.current())
    answerer = ExtractiveAnswerer(flow.generation, flow.lexicon, flow.embedder)
    query = flow._understood(BROAD, AS_OF)
    hits = retrieve(query, flow.generation, flow.lexicon, flow.embedder, 12)
    found = answerer.chooser(query).candidates(hits)[:4]
    scored = [replace(c, score=s) for c, s in zip(found, (10.0, 9.0, 1.0, 0.5), strict=True)]
    model = Prefers(scored[1].text)
    told = as_read(replace(answerer, cross_encoder=model), query, scored)
    assert [c.text for c in told] == [scored[i].text for i in (1, 0, 2, 3)]
    assert [c.odds for c in told] == [9.0, 0.0, None, None]
    assert len(model.asked[0][1]) == 2


def test_where_none_of_the_nearest_answers_more_are_read(advisor: Advisor) -> None:
    flow = advisor._flow(advisor._shelf.current())
    answerer = ExtractiveAnswerer(flow.generation, flow.lexicon, flow.embedder)
    query = flow._understood(BROAD, AS_OF)
    found = answerer.chooser(query).candidates(retrieve(query, flow.generation, flow.lexicon, flow.embedder, 12))[:3]
    scored = [replace(c, score=s) for c, s in zip(found, (10.0, 3.0, 1.0), strict=True)]
    for odds, read, leads in ((-2.0, 3, 2), (2.0, 1, 0)):
        model = Prefers(scored[2].text, least=odds)
        told = as_read(replace(answerer, cross_encoder=model), query, scored)
        assert sum(c.odds is not None for c in told) == read
        assert told[0].text == scored[leads].text


@pytest.mark.parametrize(
    ("heading", "gap"), [("不清楚的地方", True), ("What is not known", True), ("Piece wages unclear", False)]
)
def test_a_trouble_that_is_called_unclear_is_no_gap(advisor: Advisor, heading: str, gap: bool) -> None:
    passage = next(iter(advisor._flow(advisor._shelf.current()).generation.passages.values()))
    assert is_not_known(replace(passage, heading=heading)) is gap


@pytest.mark.slow
@pytest.mark.parametrize(("asks", "first"), [("新加坡的PSG最多报销百分之几", 0), ("新加坡的PSG", 1)])
def test_what_is_admitted_does_not_lead_before_the_figure_that_was_asked(
    full_advisor: Advisor, asks: str, first: int
) -> None:
    flow = full_advisor._flow(full_advisor._shelf.current())
    answerer = ExtractiveAnswerer(flow.generation, flow.lexicon, flow.embedder)
    query = flow._understood(Question(asks, as_of=AS_OF), AS_OF)
    hits = retrieve(query, flow.generation, flow.lexicon, flow.embedder, 12)
    every = [c for c in answerer.chooser(query).candidates(hits) if c.passage.document == "sg-psg"]
    lead = replace(next(c for c in every if "最高为费用的50%" in c.text), odds=1.0)
    gap = replace(next(c for c in every if is_not_known(c.passage)), odds=4.0)
    told = with_gap(answerer, query, Answer("answered", (lead.quoted(),)), [lead, gap])
    assert {s.text for s in told.statements} == {lead.text, gap.text}
    assert told.statements[0].text == (gap if first else lead).text
    assert told.status == ("abstained" if first else "answered")


@pytest.mark.slow
def test_whether_something_runs_is_told_by_a_rule_only_beside_a_case_of_it(full_advisor: Advisor) -> None:
    flow = full_advisor._flow(full_advisor._shelf.current())
    answerer = ExtractiveAnswerer(flow.generation, flow.lexicon, flow.embedder)
    query = flow._understood(Question("is the DTSPP in Hong Kong still open?", as_of=AS_OF), AS_OF)
    hits = retrieve(query, flow.generation, flow.lexicon, flow.embedder, 12)
    documents = flow.generation.documents
    near = [c for c in answerer.chooser(query).candidates(hits) if c.passage.document == "hk-dtspp"]
    case = documents["case-hk-dtspp-outcome"]
    assert query.plan.type == "status"
    assert rule_behind(answerer, query, case, near).id == "hk-dtspp"
    guide = replace(case, kind="guide")
    assert rule_behind(answerer, query, guide, near) is guide


@pytest.mark.slow
def test_what_a_document_admits_comes_second_where_what_leads_hardly_answers(full_advisor: Advisor) -> None:
    reply = asked(full_advisor, "南康那个共享备料中心，像我们20人的小家具厂去下单怎么收费的")
    assert "没有写明南康共享备料和共享喷涂怎么收费" in reply.statements[1].text


@pytest.mark.slow
def test_what_a_document_admits_comes_second_where_it_reads_as_well(full_advisor: Advisor) -> None:
    reply = asked(
        full_advisor, "boss bought a ready made ERP for 280k yuan, can i put it thru the R&D super deduction??"
    )
    assert any("does not say whether buying ready-made software" in s.text for s in reply.statements[:2])


@pytest.mark.slow
def test_a_sentence_that_reads_as_the_answer_is_not_refused(
    full_advisor: Advisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Too many projects, none finished. Seen that elsewhere?"
    reply = asked(full_advisor, text)
    assert reply.status == "answered"
    assert "24 projects in parallel" in reply.statements[0].text
    monkeypatch.setitem(full_advisor.__dict__, "cross_encoder", None)
    assert asked(full_advisor, text).status == "abstained"


@pytest.mark.slow
def test_a_rule_with_a_date_leads_no_question_about_machines(full_advisor: Advisor) -> None:
    text = "Two eccentric presses from 1987, no socket for anything. Can you still get a stroke count out of them?"
    assert "add sensors from outside" in asked(full_advisor, text).statements[0].text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asks", "first"),
    [
        ("How much money did Coaching 4.0 in Portugal have for a firm?", "10,000"),
        ("How much money did Coaching 4.0 in Portugal have, the whole programme?", "20 million"),
    ],
)
def test_the_money_of_a_whole_scheme_is_no_firms_share(full_advisor: Advisor, asks: str, first: str) -> None:
    assert first in asked(full_advisor, asks).statements[0].text


def test_its_bytes_are_unsigned(ours: OnnxCrossEncoder) -> None:
    """Products of signed bytes overflow on processors without VNNI, so that the answer would depend on the machine."""
    model = onnx.load(ours._folder / "model.onnx")
    kept = {i.name: i for i in model.graph.initializer}
    kinds = {kept[n.input[1]].data_type for n in model.graph.node if n.op_type == "MatMulInteger"}
    assert kinds == {onnx.TensorProto.UINT8}
