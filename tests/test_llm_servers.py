"""Real servers on loopback, from an environment of their own: LiteLLM's proxy with its mock faults, Transformers with random weights."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from conftest import AS_OF, ROOT, TESTS, TINY, small_advisor

from advisor import Question, Reply, Turn, doctor
from advisor.adapters.chat import open_chat
from advisor.ports import Message
from advisor.wiring import Advisor

SERVERS = ROOT / ".venv-servers" / "bin"
KEY = "sk-test-5f0c1d7a9b3e4f62a8d1c0b7"
QUESTIONS = {
    "en": "How much does Northport pay a firm that reaches level 2?",
    "zh": "北埠市对达到二级的企业最多补助多少？",
}
FACT = {"en": "200,000", "zh": "20万元"}
SENTENCE = "The Northport rules of 2025 pay a firm that reaches level 2 at most 200,000 yuan."
GOOD = json.dumps({"text": SENTENCE, "sources": ["P1", "P2", "P3"], "quote": SENTENCE}) + '\n{"complete": true}\n'
BAD = GOOD.replace("200,000", "900,000", 1)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (SERVERS.parent / "ready").exists(), reason="no .venv-servers here: make test-servers"),
]


@contextmanager
def running(command: Sequence[str], port: int, path: str, folder: Path, **more: str) -> Iterator[str]:
    """A server until the block ends; its address."""
    surroundings = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    log = folder / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=folder, env={**surroundings, **more}
        )
    try:
        end = time.monotonic() + 180
        while not _answers(f"http://127.0.0.1:{port}{path}"):
            assert server.poll() is None, log.read_text("utf-8")[-2000:]
            assert time.monotonic() < end, log.read_text("utf-8")[-2000:]
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Advisor]:
    small = small_advisor(TINY, tmp_path_factory.mktemp("servers") / "home")
    small.ingest()
    yield small
    small.close()


def ask(advisor: Advisor, url: str, model: str, tmp_path: Path, timeout_s: float = 20, language: str = "en") -> Reply:
    advisor.chat = open_chat(f"openai:{model}", url, KEY, timeout_s, 0, tmp_path / "tokens.json")  # type: ignore[misc]
    return advisor.ask(Question(QUESTIONS[language], as_of=AS_OF))


def expect_extractive(reply: Reply, language: str = "en") -> None:
    assert (reply.status, reply.answerer) == ("answered", "extractive")
    assert reply.fallback is not None
    assert FACT[language] in reply.answer
    assert all(s.supported and s.citations for s in reply.statements if s.kind != "notice")
    for secret in (KEY, "127.0.0.1", "litellm", "LiteLLM", "Traceback"):
        assert secret not in reply.to_json()


# --- LiteLLM --------------------------------------------------------------------------------------

MOCKS: dict[str, dict[str, object]] = {
    "sound": {"mock_response": GOOD},
    "invents": {"mock_response": BAD},
    "babbles": {"mock_response": "Xq zorp blim 77 % fnord. " * 20},
    "busy": {"mock_response": "litellm.RateLimitError"},
    "broken": {"mock_response": "litellm.InternalServerError"},
    "times_out": {"mock_timeout": True, "timeout": 1},
    "slow": {"mock_response": GOOD, "mock_delay": 60},
}


@pytest.fixture(scope="module")
def litellm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("litellm"), _free_port()
    models = [
        {"model_name": name, "litellm_params": {"model": "openai/any", "api_key": "none", **mock}}
        for name, mock in MOCKS.items()
    ]
    config = {
        "model_list": models,
        "litellm_settings": {"num_retries": 0, "drop_params": True},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    command = [str(SERVERS / "litellm"), "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    options = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": KEY}
    with running([*command, "--telemetry", "False"], port, "/health/liveliness", folder, **options) as url:
        yield url


def test_a_sound_model_behind_the_proxy_is_used(asking: Advisor, litellm: str, tmp_path: Path) -> None:
    reply = ask(asking, litellm, "sound", tmp_path)
    assert (reply.answerer, reply.fallback) == ("llm:openai:sound", None)
    assert [s.text for s in reply.statements if s.kind == "written"] == [SENTENCE]


@pytest.mark.parametrize(
    ("model", "reasons"),
    [
        ("invents", {"model_unsupported"}),
        ("babbles", {"model_unreadable"}),
        ("busy", {"model_busy"}),
        ("broken", {"model_failed"}),
        ("times_out", {"model_failed", "model_timeout"}),
        ("slow", {"model_timeout"}),
        ("nobody", {"model_rejected"}),
    ],
)
def test_the_proxys_faults_end_in_a_cited_extractive_answer(
    model: str, reasons: set[str], asking: Advisor, litellm: str, tmp_path: Path
) -> None:
    began = time.monotonic()
    reply = ask(asking, litellm, model, tmp_path, timeout_s=6)
    assert time.monotonic() - began < 10
    expect_extractive(reply)
    assert reply.fallback in reasons
    assert "900,000" not in reply.to_json()


def test_a_wrong_key_ends_in_a_cited_extractive_answer(asking: Advisor, litellm: str, tmp_path: Path) -> None:
    asking.chat = open_chat("openai:sound", litellm, "sk-wrong", 6, 0, tmp_path / "t")  # type: ignore[misc]
    reply = asking.ask(Question(QUESTIONS["zh"], as_of=AS_OF))
    expect_extractive(reply, "zh")
    assert reply.fallback == "model_rejected"


def test_the_doctor_sees_through_the_proxy(asking: Advisor, litellm: str, tmp_path: Path) -> None:
    asking.chat = open_chat("openai:busy", litellm, KEY, 6, 0, tmp_path / "t")  # type: ignore[misc]
    found = {f.about: f for f in doctor.examine(asking, "en")}
    assert found["chat_model"].state == "wrong"
    assert "127.0.0.1" not in found["chat_model"].detail


# --- Transformers with random weights -------------------------------------------------------------


@pytest.fixture(scope="module")
def gibberish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(address, name of the model): what it says is made of pieces of words of the corpus."""
    folder, port = tmp_path_factory.mktemp("transformers"), _free_port()
    model = folder / "tiny"
    python = str(SERVERS / "python")
    subprocess.run([python, str(TESTS / "tiny_models.py"), "chat", str(model)], check=True, capture_output=True)
    command = [str(SERVERS / "transformers"), "serve", str(model), "--host", "127.0.0.1", "--port", str(port)]
    options = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf"), "OMP_NUM_THREADS": "1"}
    with running([*command, "--device", "cpu"], port, "/health", folder, **options) as url:
        yield url, str(model)


def test_the_random_model_does_speak(gibberish: tuple[str, str], tmp_path: Path) -> None:
    url, model = gibberish
    chat = open_chat(f"openai:{model}", url, KEY, 20, 0, tmp_path / "t")
    pieces = [p for p in chat.stream([Message("user", QUESTIONS["en"])]) if p]
    assert len(pieces) > 5


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_gibberish_never_reaches_the_reader(
    language: str, asking: Advisor, gibberish: tuple[str, str], tmp_path: Path
) -> None:
    url, model = gibberish
    asking.chat = open_chat(f"openai:{model}", url, KEY, 20, 0, tmp_path / "t")  # type: ignore[misc]
    for history in ((), (Turn(QUESTIONS[language], FACT[language]),)):
        for _ in range(3):
            reply = asking.ask(Question(QUESTIONS[language], history=history, as_of=AS_OF))
            expect_extractive(reply, language)
            assert [s for s in reply.statements if s.kind == "written"] == []
            assert reply.receipt["rewrite"] is None
