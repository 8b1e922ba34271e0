"""The command line as a process: exit codes, one sentence an error, JSON only where JSON is asked for."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT
from test_add import ENGLISH, write_pdf

QUESTION = "How much does the Southvale digital voucher cover at level 2?"


@pytest.fixture(scope="module")
def no_home(tmp_path_factory):
    """A regular file where a folder should be: no folder can be made below it, whoever we are."""
    path = tmp_path_factory.mktemp("blocked") / "file"
    path.write_text("", "utf-8")
    return str(path / "home")


def fails(ran, code: int, reason: str) -> str:
    """One sentence on stderr, the same in JSON on stdout, nothing else in either."""
    assert ran.code == code, ran.err
    shown = json.loads(ran.out)
    assert set(shown) == {"error"}
    error = shown["error"]
    assert set(error) == {"reason", "message", "where"}
    assert error["reason"] == reason
    assert ran.err.strip() == error["message"]
    assert "\n" not in error["message"]
    assert "Traceback" not in ran.err
    return str(error["message"])


def test_a_first_question_builds_the_index_and_answers(process):
    ran = process("ask", QUESTION, "--as-of", "2026-11-24", "--json")
    assert ran.code == 0
    reply = json.loads(ran.out)
    assert reply["status"] == "answered"
    assert "25 %" in reply["answer"]
    again = process("ask", QUESTION, "--as-of", "2026-11-24")
    assert again.code == 0
    assert again.out.startswith(reply["answer"])
    assert "[1] Southvale digital voucher (test data)" in again.out
    assert again.err == ""


def test_every_reading_command_prints_one_json_document(command):
    first = command("ingest", "--json")
    assert json.loads(first.out)["built"] is True
    assert json.loads(command("ingest", "--json").out)["built"] is False
    status = json.loads(command("status", "--json").out)
    assert (status["documents"], status["healthy"], status["corpus_date"]) == (6, True, "2026-11-23")
    assert json.loads(command("check", "--json").out)["errors"] == 0
    shown = json.loads(command("show", "southvale-voucher", "--language", "en", "--json").out)
    assert set(shown) == {"document", "language", "metadata", "text", "passages"}
    for passage in shown["passages"]:
        assert shown["text"][passage["start"] : passage["end"]].strip()
    assert shown["text"] == (ROOT / "tests/tiny_corpus/documents/southvale-voucher/en.md").read_text("utf-8")


def test_broken_input_to_ask(command, tmp_path):
    command("ingest")
    for name, content in (("list.json", "[]"), ("torn.json", "{"), ("odd.json", '{"shoe": 44}')):
        (tmp_path / name).write_text(content, "utf-8")
    fails(command("ask", QUESTION, "--json", "--profile", "nowhere.json"), 1, "file_unreadable")
    assert "torn.json" in fails(command("ask", QUESTION, "--json", "--profile", "torn.json"), 1, "json_broken")
    assert "shoe" in fails(command("ask", QUESTION, "--json", "--profile", "odd.json"), 1, "profile_broken")
    fails(command("ask", QUESTION, "--json", "--history", "odd.json"), 1, "history_broken")
    fails(command("ask", QUESTION, "--json", "--as-of", "yesterday"), 1, "date_broken")
    fails(command("ask", "  ", "--json"), 1, "question_empty")
    fails(command("ask", "--batch", "nowhere.jsonl", "--out", "out.jsonl", "--json"), 1, "file_unreadable")


def test_batch_exit_codes(command, tmp_path):
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "question": QUESTION}) + "\n", "utf-8")
    assert command("ask", "--batch", "in.jsonl", "--out", "out.jsonl").code == 0
    with (tmp_path / "in.jsonl").open("a", encoding="utf-8") as file:
        file.write("not json\n")
    ran = command("ask", "--batch", "in.jsonl", "--out", "out.jsonl")
    assert ran.code == 1
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [("reply" in r, "error" in r) for r in rows] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "q", "--nope"],
        ["ask", "q", "--batch", "x"],
        ["ask", "q", "--language", "fr"],
        ["sing"],
        ["show"],
        ["serve", "--port", "x"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(command, arguments):
    fails(command(*arguments, "--json"), 2, "usage")


@pytest.mark.slow
def test_an_embedder_that_cannot_be_loaded_is_named(process, tmp_path):
    ran = process("ask", QUESTION, "--json", ADVISOR_EMBEDDER=str(tmp_path))
    assert json.loads(ran.out)["error"]["reason"] == "embedder_unreachable"
    assert ran.code == 1
    assert "ADVISOR_EMBEDDER" in ran.err.strip().splitlines()[-1]
    assert "Traceback" not in ran.err


def test_faults_of_surroundings_are_one_sentence(command, tmp_path, monkeypatch, no_home):
    assert "ADVISOR_CORPUS" in fails(
        command("ingest", "--json", ADVISOR_CORPUS=str(tmp_path / "none")), 1, "corpus_missing"
    )
    assert "disk" in fails(command("ingest", "--json", ADVISOR_HOME=no_home), 1, "disk")
    fails(command("ask", QUESTION, "--json", ADVISOR_HOME=no_home), 1, "disk")
    fails(command("status", "--json", ADVISOR_PORT="many"), 1, "settings_value")
    monkeypatch.delenv("ADVISOR_PORT")
    (tmp_path / "advisor.toml").write_text("colour = 'red'\n", "utf-8")
    assert "colour" in fails(command("status", "--json"), 1, "settings_unknown")


def test_unknown_documents(command):
    command("ingest")
    assert "nowhere" in fails(command("show", "nowhere", "--json"), 1, "document_unknown")
    fails(command("show", "southvale-voucher", "--language", "fr", "--json"), 1, "language_missing")
    fails(command("remove", "southvale-voucher", "--json"), 1, "not_removable")
    fails(command("remove", "..", "--json"), 1, "not_removable")


def test_a_broken_document_is_told_and_strict_fails(command, tiny_corpus):
    (tiny_corpus / "documents" / "term-mes" / "document.yaml").write_text("title: [", "utf-8")
    ran = command("ingest", "--json")
    assert ran.code == 0
    assert [q["reason"] for q in json.loads(ran.out)["quarantined"]] == ["yaml_broken"]
    assert len(ran.err.strip().splitlines()) == 1
    assert command("ingest", "--strict").code == 1
    checked = command("check", "--json")
    assert checked.code == 1
    assert json.loads(checked.out)["errors"] == 1


def test_a_torn_pointer_and_a_damaged_generation(command, tmp_path):
    command("ingest")
    home = tmp_path / "home"
    (home / "current.json").write_text("{", "utf-8")
    assert json.loads(command("status", "--json").out)["documents"] == 6
    current = json.loads((home / "current.json").read_text("utf-8"))["generation"]
    (home / "generations" / current / "passages.json").write_text("[", "utf-8")
    assert "advisor ingest" in fails(command("ask", QUESTION, "--json"), 1, "index_damaged")
    assert json.loads(command("ingest", "--json").out)["built"] is True
    assert command("ask", QUESTION).code == 0


def test_an_occupied_lock_names_its_holder(command, tmp_path):
    from advisor.generation import Layout
    from advisor.ingest.publish import writer_lock

    command("ingest")
    with writer_lock(Layout(tmp_path / "home")):
        began = time.monotonic()
        message = fails(command("ingest", "--json"), 1, "locked")
        assert "process" in message
        assert time.monotonic() - began < 20
        assert command("ask", QUESTION).code == 0


@pytest.mark.slow
def test_a_busy_port_is_one_sentence(process):
    process("ingest")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = process("serve", "--port", str(taken.getsockname()[1]))
    assert ran.code == 1
    assert "--port" in ran.err.strip().splitlines()[-1]
    assert "Traceback" not in ran.err


def test_add_and_remove_by_command(command, tmp_path):
    pdf = write_pdf(tmp_path / "lighthouse.pdf", ENGLISH)
    ran = command("add", str(pdf), "--title", "Northport Lighthouse Scheme", "--jurisdiction", "Northport", "--json")
    assert ran.code == 0, ran.err
    added = json.loads(ran.out)[0]
    reply = json.loads(command("ask", "How much does the lighthouse scheme pay a print shop?", "--json").out)
    assert {"page": 2} in [c["at"] for s in reply["statements"] for c in s["citations"]]
    assert json.loads(command("remove", added["document"], "--json").out) == {"removed": added["document"]}
    fails(command("show", added["document"], "--json"), 1, "document_unknown")


def test_of_several_files_the_good_ones_are_added(command, tmp_path):
    (tmp_path / "gbk.md").write_bytes("补助".encode("gbk"))
    (tmp_path / "good.md").write_text("# Good\n\nA good note on cranes.\n", "utf-8")
    ran = command("add", "gbk.md", "good.md", "--json")
    assert ran.code == 1
    assert [r.get("document") or r["error"]["reason"] for r in json.loads(ran.out)] == ["own-good", "encoding_unknown"]
    fails(command("add", "gbk.md", "--json"), 1, "encoding_unknown")


def test_replay_repeats_a_reply_and_says_what_differs(command, tmp_path, tiny_corpus):
    ran = command("ask", QUESTION, "--json")
    (tmp_path / "reply.json").write_text(ran.out, "utf-8")
    again = json.loads(command("replay", "reply.json", "--json").out)
    assert again["differs"] == []
    assert again["reply"]["answer"] == json.loads(ran.out)["answer"]
    receipt = {**json.loads(ran.out)["receipt"], "generation": "g-gone"}
    (tmp_path / "receipt.json").write_text(json.dumps(receipt), "utf-8")
    assert json.loads(command("replay", "receipt.json", "--json").out)["differs"] == ["generation"]
    (tmp_path / "other.json").write_text("[]", "utf-8")
    fails(command("replay", "other.json", "--json"), 1, "receipt_broken")


def test_sentences_come_in_chinese_on_a_chinese_terminal(command):
    ran = command("ask", "  ", LANG="zh_CN.UTF-8")
    assert ran.err.strip().endswith("。")


def test_questions_that_are_no_text(process):
    """Bytes that are no UTF-8, as another terminal may send them."""
    assert process("ask", "MES \udcff?", "--json").code == 0


@pytest.mark.slow
def test_serve_answers_on_loopback_and_stops(command, tmp_path, tiny_corpus):
    import os
    from urllib.request import urlopen

    command("ingest")
    surroundings = {
        **os.environ,
        "ADVISOR_CORPUS": str(tiny_corpus),
        "ADVISOR_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(ROOT),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "advisor.cli", "serve", "--port", "0"],
        cwd=tmp_path,
        env=surroundings,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        with urlopen(address.rstrip("/") + "/healthz", timeout=20) as answer:
            assert answer.status == 200
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(20) in (0, 130, -signal.SIGINT)


def test_help_does_not_load_what_it_does_not_need():
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "advisor.cli", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "serve" in shown.stdout
    loaded = {line.split("|")[-1].strip().split(".")[0] for line in shown.stderr.splitlines()}
    assert not loaded & {"chromadb", "gradio", "numpy", "torch", "pydantic", "langchain", "bm25s", "yaml"}


def test_nothing_is_written_where_a_command_runs(command, tmp_path):
    before = sorted(Path(tmp_path).iterdir())
    command("ask", QUESTION)
    assert sorted(set(Path(tmp_path).iterdir()) - set(before)) == [tmp_path / "home"]
