"""A cross-encoder by setting: it reorders the best candidates, and rules of another place stay last."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import AS_OF

from advisor import Question, Settings
from advisor.adapters.reranker import CrossEncoderReranker
from advisor.ask.retrieve import second_opinion
from advisor.errors import ModelFault
from advisor.wiring import open_reranker

ASKS = Question("What share does the Southvale digital voucher cover at level 2?", as_of=AS_OF)


class Longest:
    """Likes long passages, whatever they say."""

    name = "longest"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def scores(self, question, texts):
        self.asked.append(question)
        return [float(len(t)) for t in texts]


class Shortest(Longest):
    def scores(self, question, texts):
        return [-s for s in super().scores(question, texts)]


def found(advisor, reranker):
    advisor.__dict__["reranker"] = reranker
    advisor.settings = replace(advisor.settings, top_k=30)  # all that are reordered
    return [h for h, _ in advisor.hits(ASKS)]


def test_without_the_setting_nothing_changes(advisor):
    assert open_reranker(Settings()) is None
    assert advisor.reranker is None
    assert advisor.ask(ASKS).receipt["reranker"] is None


def test_the_reranker_decides_the_order_and_the_scores_stay_on_their_ranks(advisor):
    plain = found(advisor, None)
    reranker = Longest()
    long, short = found(advisor, reranker), found(advisor, Shortest())
    assert reranker.asked == [ASKS.text]
    assert {h.passage.id for h in long} == {h.passage.id for h in plain}
    assert [h.passage.id for h in long] != [h.passage.id for h in short]
    for hits in (long, short):
        assert [h.rank for h in hits] == list(range(1, len(hits) + 1))
        assert [h.score for h in hits] == sorted((h.score for h in plain), reverse=True)


def test_a_rule_of_another_place_stays_last_however_well_it_reads(advisor):
    hits = found(advisor, None)
    flow = advisor._flow(advisor._shelf.current())
    lexicon, generation = flow.lexicon, flow.generation
    from advisor.ask.query import understand

    query = understand(ASKS, lexicon, AS_OF)
    ours = {d.id for d in generation.documents.values() if d.jurisdiction in query.places}
    assert ours, "the question names a place of the small corpus"
    elsewhere = replace(query, places=("SG",), places_from="question", plan=replace(query.plan, type="amount"))
    reordered = second_opinion(elsewhere, hits, generation, lexicon, Longest())
    rules = [
        generation.documents[h.passage.document].kind in ("policy", "notice")
        and generation.documents[h.passage.document].jurisdiction not in (None, "SG")
        for h in reordered
    ]
    assert rules == sorted(rules)
    assert any(rules)
    assert not all(rules)


def test_the_receipt_names_it_and_a_replay_says_when_it_differs(advisor):
    advisor.__dict__["reranker"] = Longest()
    receipt = dict(advisor.ask(ASKS).receipt)
    assert receipt["reranker"] == "longest"
    advisor.__dict__["reranker"] = None
    assert advisor.replay(receipt, ASKS)[1] == ["reranker"]


@pytest.fixture(scope="module")
def tiny_cross_encoder(tmp_path_factory):
    """One layer of random weights: as large as a test needs."""
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("cross-encoder")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz补助数字"]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    transformers.BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    config.num_labels = 1
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.mark.slow
def test_any_cross_encoder_folder_serves(tiny_cross_encoder, advisor):
    reranker = open_reranker(Settings(reranker=str(tiny_cross_encoder)))
    assert isinstance(reranker, CrossEncoderReranker)
    scores = reranker.scores("a b", ["a c", "补 助", "z"])
    assert len(scores) == 3
    assert scores == pytest.approx(reranker.scores("a b", ["a c", "补 助", "z"]))
    assert reranker.scores("a b", []) == []
    hits = found(advisor, reranker)
    assert {h.passage.id for h in hits} == {h.passage.id for h in found(advisor, None)}


@pytest.mark.slow
def test_a_name_that_is_no_cross_encoder_is_said_in_one_sentence(tmp_path):
    with pytest.raises(ModelFault) as caught:
        CrossEncoderReranker(str(tmp_path / "nothing")).scores("a", ["b"])
    assert caught.value.reason == "reranker_unreachable"
    assert "ADVISOR_RERANKER" in str(caught.value)
