"""What `advisor doctor` says, with no chat model, with a good one and with bad ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Ran, small_advisor
from fault_server import KEY, fault_server
from llm_models import ScriptedChat, row, shown, spoken

from advisor import doctor
from advisor.adapters.chat import open_chat
from advisor.ports import Message
from advisor.wiring import Advisor
from advisor.wording import wording


@pytest.fixture(autouse=True)
def northport_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions that the small corpus answers, in place of the starters."""
    starters = {
        "en": ["How much does Northport pay a firm that reaches level 2?"] * 5,
        "zh": ["北埠市对达到二级的企业最多补助多少？"] * 5,
    }
    monkeypatch.setattr(
        doctor, "wording", lambda key, language: starters[language] if key == "starters" else wording(key, language)
    )


def copies(messages: list[Message]) -> str:
    """The first two sentences of the passages, and one that no passage carries."""
    facts = [(la, s) for la, text in shown(messages).items() for s in spoken(text)]
    if not facts:
        return "Digitalization is the use of digital tools in a firm."
    invented = "Northport pays 97 % of everything." if facts[0][1].isascii() else "北埠市支付97%的全部费用。"
    return "".join(row(s, [la], s) for la, s in facts[:3]) + row(invented, ["P1"])


def states(advisor: Advisor) -> dict[str, tuple[str, str]]:
    return {f.about: (f.state, f.detail) for f in doctor.examine(advisor, "en")}


def test_without_a_model_there_is_nothing_to_mend(advisor: Advisor) -> None:
    found = states(advisor)
    assert {k: s for k, (s, _) in found.items()} == {"index": "ok", "corpus": "ok", "chat_model": "ok"}
    assert "No chat model" in found["chat_model"][1]


def test_a_model_is_judged_by_what_of_its_text_is_verified(advisor: Advisor) -> None:
    advisor.chat = ScriptedChat(copies)  # type: ignore[misc,arg-type]
    found = states(advisor)
    assert "10 of 10 answers" in found["chat_answers"][1]
    assert found["chat_verified"] == ("warning", "30 of 40 sentences it wrote were verified")
    assert found["chat_language"][0] == "ok"


def test_the_form_of_its_replies_and_its_rewrites_are_judged(advisor: Advisor, tmp_path: Path) -> None:
    advisor.chat = ScriptedChat(copies)  # type: ignore[misc,arg-type]
    found = states(advisor)
    assert found["chat_form"][0] == "ok"
    assert "does not hold" in found["chat_form"][1]
    assert "10 of 10 replies" in found["chat_form"][1]
    assert found["chat_rewrites"][0] == "warning"
    assert "0 of 2 follow-ups" in found["chat_rewrites"][1]

    def rewords(messages: list[Message]) -> str:
        if "translation" not in messages[0].text:
            return copies(messages)
        pair = ["2024年版评测指标里，三级要满足什么条件？", "What does level 3 require under the 2024 indicators?"]
        chinese = "三级" in messages[-1].text
        return json.dumps(dict(zip(("question", "translation"), pair if chinese else pair[::-1], strict=True)))

    advisor.chat = ScriptedChat(rewords)  # type: ignore[misc,arg-type]
    assert states(advisor)["chat_rewrites"][0] == "ok"


def test_a_server_that_holds_the_form_is_seen(advisor: Advisor, tmp_path: Path) -> None:
    said = row("The Northport rules of 2025 pay a firm that reaches level 2 at most 200,000 yuan.", ["P1", "P2"])
    with fault_server("sound", [said[:30], said[30:]]) as server:
        chat = open_chat("openai:m", server.url, KEY, 20, 0, tmp_path / "t")
        chat.warm()
        advisor.chat = chat  # type: ignore[misc]
        found = states(advisor)
    assert "the server holds the model to the form" in found["chat_form"][1]


def test_an_entailment_model_is_tried_on_sentences_of_both_languages(advisor: Advisor) -> None:
    class Judge:
        name = "judge"

        def score(self, premise: str, statement: str) -> float:
            return 0.0 if statement in follow else 1.0

    advisor.chat = ScriptedChat(copies)  # type: ignore[misc,arg-type]
    advisor.entailment = Judge()  # type: ignore[misc]
    follow: list[str] = []
    assert states(advisor)["entailment"][0] == "warning"
    follow += [p["not"] for la in ("zh", "en") for p in wording("doctor.entailment_pairs", la)]
    assert states(advisor)["entailment"][0] == "ok"
    assert "8 of 8 pairs" in states(advisor)["entailment"][1]


def test_a_model_that_does_not_answer_is_wrong_and_no_question_is_put(advisor: Advisor, tmp_path: Path) -> None:
    with fault_server("bad_key_401") as server:
        advisor.chat = open_chat("openai:m", server.url, KEY, 2, 0, tmp_path / "t")  # type: ignore[misc]
        found = states(advisor)
    state, detail = found["chat_model"]
    assert state == "wrong"
    assert "ADVISOR_CHAT_API_KEY" in detail
    assert KEY not in detail
    assert "127.0.0.1" not in detail
    assert "chat_answers" not in found


def test_a_model_that_babbles_is_wrong(advisor: Advisor) -> None:
    advisor.chat = ScriptedChat(lambda messages: "lorem ipsum dolor sit amet")  # type: ignore[misc]
    state, detail = states(advisor)["chat_answers"]
    assert state == "wrong"
    assert "model_unreadable" in detail


def test_no_index_is_said(tiny_corpus: Path, tmp_path: Path) -> None:
    assert states(small_advisor(tiny_corpus, tmp_path / "empty"))["index"][0] == "wrong"


@pytest.mark.slow
def test_the_command(command: Callable[..., Ran]) -> None:
    ran = command("doctor", "--json")
    assert ran.code == 0
    assert [f["about"] for f in json.loads(ran.out)] == ["index", "corpus", "chat_model"]
    with fault_server("status_500") as server:
        ran = command(
            "doctor", ADVISOR_CHAT_MODEL="openai:m", ADVISOR_CHAT_BASE_URL=server.url, ADVISOR_CHAT_API_KEY=KEY
        )
    assert ran.code == 1
    assert "wrong   chat_model:" in ran.out
    assert KEY not in ran.out + ran.err
    assert server.url not in ran.out + ran.err
