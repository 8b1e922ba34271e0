"""A failing model never reaches the reader raw: every kind of fault ends, in time, in a cited extractive answer that says so."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from conftest import AS_OF, small_advisor
from fault_server import KEY, KINDS, fault_server

from advisor import Question, Reply, Settings
from advisor.adapters.chat import Breaker, Budget, LangChainChat, estimate, open_chat
from advisor.errors import ModelFault
from advisor.ports import Message
from advisor.ui import render
from advisor.ui.app import Handlers
from advisor.wiring import Advisor

TIMEOUT_S = 1.5
QUESTIONS = {
    "en": "How much does Northport pay a firm that reaches level 2?",
    "zh": "北埠市对达到二级的企业最多补助多少？",
}
FACT = {"en": "200,000", "zh": "20万元"}
SENTENCE = "The Northport rules of 2025 pay a firm that reaches level 2 at most 200,000 yuan."
GOOD = [json.dumps({"text": SENTENCE, "sources": ["P1", "P2", "P3"], "quote": SENTENCE}) + "\n", '{"complete": true}\n']


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Advisor]:
    """One advisor for all faults; each test gives it a model."""
    folder = tmp_path_factory.mktemp("llm")
    small = small_advisor(Path(__file__).parent / "tiny_corpus", folder / "home")
    small.ingest()
    yield small
    small.close()


def chat_at(url: str, tmp_path: Path, timeout_s: float = TIMEOUT_S, tokens: int = 0) -> LangChainChat:
    return open_chat("openai:test-model", url, KEY, timeout_s, tokens, tmp_path / "tokens.json")


def ask(advisor: Advisor, chat: object, language: str = "en") -> Reply:
    advisor.chat = chat  # type: ignore[misc,assignment]
    return advisor.ask(Question(QUESTIONS[language], as_of=AS_OF))


def expect_extractive(reply: Reply, language: str, logged: str) -> None:
    from advisor.wording import say

    assert reply.status == "answered"
    assert reply.answerer == "extractive"
    assert reply.fallback is not None
    assert say(f"reply.fallback.{reply.fallback}", language) in reply.answer
    assert FACT[language] in reply.answer
    assert all(s.supported and s.citations for s in reply.statements if s.kind != "notice")
    for text in (reply.to_json(), logged):
        for secret in (KEY, "127.0.0.1", "localhost", "Traceback", "nginx"):
            assert secret not in text


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"sound", "refuses_form", "copies"}))
def test_each_fault_ends_in_a_cited_extractive_answer(
    kind: str, asking: Advisor, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    language = "zh" if len(kind) % 2 else "en"
    if kind == "wrong_language":
        language = "en"
    with fault_server(kind, GOOD) as server:
        chat = chat_at(server.url, tmp_path)
        began = time.monotonic()
        reply = ask(asking, chat, language)
        took = time.monotonic() - began
    out = capfd.readouterr()
    expect_extractive(reply, language, caplog.text + out.out + out.err)
    assert took < TIMEOUT_S + 4.0  # the first builds the vendor's client
    if kind == "redirect":
        assert all(r["head"].startswith("POST /v1/") for r in server.requests)
    assert len(server.requests) <= 2


def test_a_refused_connection(asking: Advisor, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    reply = ask(asking, chat_at(f"http://127.0.0.1:{port}/v1", tmp_path))
    assert reply.fallback == "model_unreachable"
    expect_extractive(reply, "en", caplog.text)


def test_tls_spoken_to_a_server_without_it(asking: Advisor, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with fault_server() as server:
        reply = ask(asking, chat_at(server.url.replace("http:", "https:"), tmp_path))
    expect_extractive(reply, "en", caplog.text)


def test_an_unknown_provider(asking: Advisor, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reply = ask(asking, open_chat("nobody:model", None, KEY, TIMEOUT_S, 0, tmp_path / "t"))
    assert reply.fallback == "model_unknown"
    expect_extractive(reply, "en", caplog.text)


@pytest.mark.parametrize("kind", ["hang", "status_500", "wrong_model_404", "html_with_200", "reset", "not_http"])
def test_another_vendors_faults_end_the_same_way(
    kind: str, asking: Advisor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with fault_server(kind) as server:
        chat = open_chat("ollama:test-model", server.url.removesuffix("/v1"), None, TIMEOUT_S, 0, tmp_path / "t")
        reply = ask(asking, chat)
    expect_extractive(reply, "en", caplog.text)


def test_settings_do_not_show_the_key() -> None:
    assert KEY not in repr(Settings(chat_api_key=KEY))
    assert "model.example" not in str(Advisor(Settings(chat_api_key=KEY, chat_base_url="http://model.example")))


def test_what_is_written_is_text_on_the_page() -> None:
    html = render.working_html("q", "en", "checking", {"checking": 1}, ["<img src=x> & more"])
    assert "<img" not in html
    assert "&lt;img src=x&gt; &amp; more" in html


def test_a_sound_model_is_used(asking: Advisor, tmp_path: Path) -> None:
    with fault_server("sound", GOOD) as server:
        reply = ask(asking, chat_at(server.url, tmp_path))
    assert reply.answerer == "llm:openai:test-model"
    assert reply.fallback is None
    assert reply.receipt["chat_model"] == "openai:test-model"
    assert [s.text for s in reply.statements if s.kind == "written"] == [SENTENCE]
    assert "Authorization: Bearer " + KEY in server.requests[0]["head"].replace("authorization", "Authorization")


def test_another_server_never_gets_the_key_of_the_environment(
    asking: Advisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    with fault_server("sound", GOOD) as server:
        ask(asking, open_chat("openai:test-model", server.url, None, TIMEOUT_S, 0, tmp_path / "t"))
    assert server.requests
    assert "sk-from-the-environment" not in server.requests[0]["head"]


def test_no_tracing_service_is_told(asking: Advisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fault_server("sound", GOOD) as server, fault_server("sound") as tracing:
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGSMITH_API_KEY", "x")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", tracing.url)
        reply = ask(asking, chat_at(server.url, tmp_path))
        time.sleep(0.5)
    assert reply.answerer.startswith("llm:")
    assert tracing.requests == []


def test_a_reader_who_leaves_ends_the_request(asking: Advisor, tmp_path: Path) -> None:
    """Stop really stops: the server sees the connection close while it would still be writing."""
    with fault_server("slow_drip") as server:
        asking.chat = chat_at(server.url, tmp_path, timeout_s=20)  # type: ignore[misc]
        steps = asking.stages(Question(QUESTIONS["en"], as_of=AS_OF))
        for step in steps:
            if getattr(step, "name", "") == "writing" and server.requests:
                break
        began = time.monotonic()
        steps.close()  # type: ignore[attr-defined]
        assert _until(lambda: server.left == 1, 2.0)
        assert time.monotonic() - began < 1.0


def test_the_first_statement_does_not_wait_for_the_last(asking: Advisor, tmp_path: Path) -> None:
    second = json.dumps(
        {
            "text": "The Northport rules of 2025 pay 40 % of what a firm actually spent on its digital upgrade.",
            "sources": ["P1", "P2", "P3"],
        }
    )
    with fault_server("sound", [GOOD[0], *[" "] * 20, second + "\n"], pause=0.1) as server:
        chat = chat_at(server.url, tmp_path, timeout_s=20)
        list(chat.stream([Message("user", "warm")]))
        server.sent.clear()
        asking.chat = chat  # type: ignore[misc]
        came: list[tuple[float, int]] = []
        for step in asking.stages(Question(QUESTIONS["en"], as_of=AS_OF)):
            if getattr(step, "name", "") == "statement":
                came.append((time.monotonic(), step.count))  # type: ignore[union-attr]
        ended = time.monotonic()
    assert came[0][1] == 1
    assert came[0][0] - server.sent[0] < 1.0
    assert ended - came[0][0] > 1.0


def test_questions_over_http_wait_for_a_model_side_by_side(asking: Advisor) -> None:
    """One reader's model must not hold up another's question."""

    class Slow:
        def ask(self, question: Question) -> Reply:
            time.sleep(0.3)
            return reply

    reply = ask(asking, None)
    handlers = Handlers(Slow(), Settings(chat_model="openai:m"))  # type: ignore[arg-type]

    async def all_at_once() -> list[dict[str, object]]:
        return await asyncio.gather(*(handlers.api(QUESTIONS["en"], "en") for _ in range(12)))

    began = time.monotonic()
    replies = asyncio.run(all_at_once())
    assert [r["status"] for r in replies] == ["answered"] * 12
    assert time.monotonic() - began < 1.8


@pytest.mark.slow
def test_a_hundred_at_once(asking: Advisor, tmp_path: Path) -> None:
    """Fifty pieces a second to each of a hundred readers: nobody gets an error."""
    text = "".join(GOOD)
    pieces = [text[i : i + 4] for i in range(0, len(text), 4)]
    with fault_server("sound", pieces, pause=0.02) as server:
        chat = chat_at(server.url, tmp_path, timeout_s=60)
        ask(asking, chat)
        replies: list[Reply] = []

        def one() -> None:
            replies.append(asking.ask(Question(QUESTIONS["en"], as_of=AS_OF)))

        threads = [threading.Thread(target=one) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
    assert len(replies) == 100
    assert {(r.answerer, r.fallback) for r in replies} == {("llm:openai:test-model", None)}


# --- the form of a reply --------------------------------------------------------------------------


def forms_of(server: object) -> list[bool]:
    return ["response_format" in r["body"] for r in server.requests]  # type: ignore[attr-defined]


def test_a_server_is_asked_to_hold_the_model_to_the_form(asking: Advisor, tmp_path: Path) -> None:
    """One object, as constrained decoding makes it: the same statements, and whether they are complete."""
    rows = [json.loads(line) for line in "".join(GOOD).splitlines()]
    forced = json.dumps({"statements": rows[:1], "end": {"complete": False}})
    with fault_server("sound", [forced[i : i + 9] for i in range(0, len(forced), 9)]) as server:
        chat = chat_at(server.url, tmp_path)
        reply = ask(asking, chat)
    schema = server.requests[0]["body"]["response_format"]["json_schema"]["schema"]
    assert "P1" in schema["properties"]["statements"]["items"]["properties"]["sources"]["items"]["enum"]
    assert [s.text for s in reply.statements if s.kind == "written"] == [SENTENCE]
    assert reply.status == "partial"  # the model said that it is not complete
    assert chat.holds_form is True


def test_a_server_that_refuses_the_form_is_asked_without_it_from_then_on(asking: Advisor, tmp_path: Path) -> None:
    with fault_server("refuses_form", GOOD) as server:
        chat = chat_at(server.url, tmp_path)
        replies = [ask(asking, chat) for _ in range(2)]
    assert [r.answerer for r in replies] == ["llm:openai:test-model"] * 2
    assert forms_of(server) == [True, False, False]
    assert chat.holds_form is False


def test_a_key_that_is_refused_says_nothing_about_the_form(asking: Advisor, tmp_path: Path) -> None:
    with fault_server("bad_key_401") as server:
        chat = chat_at(server.url, tmp_path)
        assert ask(asking, chat).fallback == "model_rejected"
    assert forms_of(server) == [True, False]
    assert chat.holds_form is None


def test_ollama_is_told_the_form_in_its_own_way(asking: Advisor, tmp_path: Path) -> None:
    with fault_server("status_400") as server:
        chat = open_chat("ollama:test-model", server.url.removesuffix("/v1"), None, TIMEOUT_S, 0, tmp_path / "t")
        ask(asking, chat)
    assert [r["body"].get("format", {}).get("type") for r in server.requests] == ["object", None]


# --- the parts ------------------------------------------------------------------------------------


def test_after_three_faults_the_model_rests_and_then_one_question_tries_it() -> None:
    now = [0.0]
    breaker = Breaker(clock=lambda: now[0])
    for _ in range(3):
        breaker.check()
        breaker.record("model_timeout")
    with pytest.raises(ModelFault) as resting:
        breaker.check()
    assert resting.value.reason == "model_resting"
    now[0] = 31.0
    breaker.check()
    with pytest.raises(ModelFault):
        breaker.check()
    breaker.record(None)
    breaker.check()


def test_a_resting_model_costs_no_time(asking: Advisor, tmp_path: Path) -> None:
    with fault_server("hang") as server:
        chat = chat_at(server.url, tmp_path, timeout_s=0.5)
        reasons = [ask(asking, chat).fallback for _ in range(3)]
        began = time.monotonic()
        reply = ask(asking, chat)
    assert (reasons, reply.fallback) == (["model_timeout"] * 3, "model_resting")
    assert time.monotonic() - began < 1.0


def test_the_days_tokens_are_kept_over_restarts_and_end_at_midnight(tmp_path: Path) -> None:
    day = [date(2026, 11, 24)]
    budget = Budget(100, tmp_path / "t.json", lambda: day[0])
    budget.add(99)
    budget.check()
    budget.add(1)
    with pytest.raises(ModelFault) as spent:
        Budget(100, tmp_path / "t.json", lambda: day[0]).check()
    assert spent.value.reason == "model_budget"
    day[0] = date(2026, 11, 25)
    budget.check()


def test_a_spent_budget_is_said(asking: Advisor, tmp_path: Path) -> None:
    with fault_server("sound", GOOD) as server:
        chat = chat_at(server.url, tmp_path, tokens=50)
        assert ask(asking, chat).answerer.startswith("llm:")
        reply = ask(asking, chat)
    assert reply.fallback == "model_budget"
    assert len(server.requests) == 1


def test_estimate_counts_chinese_characters_whole() -> None:
    assert estimate("数字化补贴") == 5
    assert estimate("twelve chars") == 3


def _until(holds: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()
