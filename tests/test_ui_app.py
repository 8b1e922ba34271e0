"""The web surface: what it answers, what it refuses, and what it says when something fails."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from fake_advisor import FakeAdvisor

from advisor.errors import Busy, IndexFault
from advisor.settings import Settings
from advisor.ui.app import learn, serve
from advisor.ui.gate import Full, Gate
from advisor.ui.guard import MAX_BODY, Guard, own_origin


@pytest.fixture(scope="module")
def port():
    """A chat that is served, on a port of its own."""
    ready, found = threading.Event(), []

    def on_ready(address: str) -> None:
        found.append(int(address.rsplit(":", 1)[1].strip("/")))
        ready.set()

    threading.Thread(target=serve, args=(FakeAdvisor(), Settings(port=0), on_ready), daemon=True).start()
    assert ready.wait(60)
    return found[0]


def fetch(port: int, method: str, path: str, body: object = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    data = json.dumps(body).encode() if body is not None else None
    more = {"Content-Type": "application/json"} if data else {}
    connection.request(method, path, data, {**more, **{k.replace("_", "-"): v for k, v in headers.items()}})
    answer = connection.getresponse()
    return answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}


def test_health_names_the_generation_that_is_loaded(port):
    status, body, _ = fetch(port, "GET", "/healthz")
    assert status == 200
    assert json.loads(body)["status"] == "ok"
    assert json.loads(body)["generation"] == "g-1"


def ask(port: int, *data: object) -> dict:
    _, body, _ = fetch(port, "POST", "/gradio_api/call/ask", {"data": data})
    _, events, _ = fetch(port, "GET", f"/gradio_api/call/ask/{json.loads(body)['event_id']}")
    rows = [line[6:] for line in events.decode().splitlines() if line.startswith("data: ") and line != "data: null"]
    return json.loads(rows[-1])[0]


def test_ask_gives_the_contracts_reply(port):
    reply = ask(port, "Longyan level 2?", "auto", None, None, None)
    assert reply["status"] == "answered"
    assert reply["statements"][0]["citations"][0]["quote"] == "A Longyan firm at level 2 gets at most 250,000 yuan."


def test_ask_takes_every_part_of_a_question(port):
    turn = {"question": "a", "answer": "b"}
    reply = ask(port, "Grants?", "zh", {"region": "Longyan", "level": 2}, [turn], "2026-01-31")
    assert reply["language"] == "zh"
    assert ask(port, "Grants?", "zh", None, [{"x": 1}], None)["error"]["reason"] == "history_broken"
    assert ask(port, "Grants?", "zh", None, None, "soon")["error"]["reason"] == "date_broken"


def test_ask_says_what_cannot_be_used(port):
    error = ask(port, "Longyan?", "en", {"employees": "many"}, None, None)["error"]
    assert error["reason"] == "profile_broken"
    assert "employees" in error["message"]


def test_a_fault_inside_shows_no_trace(port):
    reply = ask(port, "boom", "en", None, None, None)
    assert reply["error"]["reason"] == "failed"
    assert "secret" not in json.dumps(reply)


@pytest.mark.parametrize(
    "path",
    [
        "/monitoring",
        "/monitoring/summary",
        "/gradio_api/upload_progress",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/file=/etc/passwd",
        "/gradio_api/proxy=http://127.0.0.1:1/",
        "/gradio_api/stream/a/1/2/playlist.m3u8",
        "/gradio_api/runs",
        "/gradio_api/run-history/buckets",
        "/gradio_api/deep_link",
        "/gradio_api/vibe-code",
        "/docs",
        "/openapi.json",
        "/..%2f..%2fetc/passwd",
    ],
)
def test_what_the_chat_does_not_need_is_not_there(port, path):
    assert fetch(port, "GET", path)[:2] == (404, b"")


def test_nobody_can_leave_files_here(port):
    assert fetch(port, "POST", "/gradio_api/upload", {"x": 1})[:2] == (404, b"")


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/healthz"])
def test_pages_of_other_sites_get_no_bytes(port, path):
    status, body, headers = fetch(port, "GET", path, Origin="http://evil.example")
    assert (status, body) == (403, b"")
    assert "access-control-allow-origin" not in headers


def test_a_foreign_name_for_this_machine_is_refused(port):
    assert fetch(port, "GET", "/", Host="evil.example")[:2] == (403, b"")


def test_the_pages_own_requests_pass(port):
    assert fetch(port, "GET", "/config", Origin=f"http://127.0.0.1:{port}")[0] == 200


def test_bodies_have_a_limit(port):
    assert fetch(port, "POST", "/gradio_api/queue/join", Content_Length=str(MAX_BODY + 1))[:2] == (413, b"")


def test_only_ask_is_offered_to_programs(port):
    info = json.loads(fetch(port, "GET", "/gradio_api/info")[1])
    assert list(info["named_endpoints"]) == ["/ask"]
    assert info["unnamed_endpoints"] == {}


def test_nothing_may_be_fetched_from_elsewhere(port):
    policy = fetch(port, "GET", "/")[2]["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_a_body_longer_than_it_says_is_cut_off():
    received: list[str] = []

    async def app(scope, receive, send):
        while (message := await receive())["type"] == "http.request":
            received.append(message["type"])
        received.append(message["type"])

    async def endless():
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    async def send(message):
        pass

    scope = {"type": "http", "method": "POST", "path": "/gradio_api/queue/join", "headers": [(b"host", b"localhost")]}
    asyncio.run(Guard(app, "127.0.0.1")(scope, endless, send))
    assert received[-1] == "http.disconnect"
    assert len(received) == MAX_BODY // 65536 + 1


def test_a_proxy_may_name_the_pages_host():
    assert own_origin("https://chat.example", "127.0.0.1:7860", "chat.example")
    assert not own_origin("https://evil.example", "127.0.0.1:7860", "chat.example")
    assert not own_origin("null", "127.0.0.1:7860", None)


def test_a_busy_port_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Busy) as raised:
            serve(FakeAdvisor(), Settings(port=taken.getsockname()[1]))
    assert raised.value.reason == "port_busy"


def test_ctrl_c_ends_quietly():
    code = (
        "from fake_advisor import FakeAdvisor; from advisor.settings import Settings; from advisor.ui.app import serve;"
        "serve(FakeAdvisor(), Settings(port=0), lambda address: print(address, flush=True))"
    )
    folder = Path(__file__).parent
    chat = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": f"{folder}:{folder.parent}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert chat.stdout is not None
    assert chat.stdout.readline().startswith("http://127.0.0.1:")
    chat.send_signal(signal.SIGINT)
    _, said = chat.communicate(timeout=30)
    assert (chat.returncode, said) == (0, "")


def test_health_is_not_ok_without_a_generation():
    from starlette.testclient import TestClient

    from advisor.ui.app import build_app

    class Empty(FakeAdvisor):
        def status(self):
            raise IndexFault("index_missing", "somewhere")

    answer = TestClient(build_app(Empty(), Settings()), base_url="http://127.0.0.1").get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "reason": "index_missing"}


def test_a_full_house_says_so_at_once():
    async def crowd() -> tuple[int, float]:
        gate = Gate(working=1, waiting=1)
        held = threading.Event()

        def slowly():
            held.wait(5)
            yield "done"

        async def visit() -> str:
            return [step async for step in gate.run(slowly)][0]

        inside = [asyncio.ensure_future(visit()), asyncio.ensure_future(visit())]
        await asyncio.sleep(0.1)
        began = time.perf_counter()
        with pytest.raises(Full):
            await visit()
        waited = time.perf_counter() - began
        held.set()
        assert await asyncio.gather(*inside) == ["done", "done"]
        assert await visit() == "done"  # the room is free again
        return 1, waited

    assert asyncio.run(crowd())[1] < 1


def test_a_reader_who_leaves_lets_go_of_the_generation():
    closed: list[bool] = []

    def steps():
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    async def leave() -> None:
        visit = Gate(1, 1).run(steps)
        await anext(visit)
        await visit.aclose()

    asyncio.run(leave())
    assert closed == [True]


def test_a_reader_may_leave_in_the_middle_of_a_step():
    closed, goes_on = threading.Event(), threading.Event()

    def steps():
        try:
            goes_on.wait(5)
            yield 1
        finally:
            closed.set()

    async def leave() -> None:
        async def visit() -> None:
            async for _ in Gate(1, 0).run(steps):
                pass

        task = asyncio.create_task(visit())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not closed.is_set()
        goes_on.set()

    asyncio.run(leave())
    assert closed.wait(5)


def test_a_visit_may_end_in_another_task_than_it_began_in():
    async def visit() -> list[int]:
        gate = Gate(1, 0)
        steps = gate.run(lambda: iter([1, 2]))
        said = [await asyncio.create_task(anext(steps))]
        await asyncio.create_task(steps.aclose())
        return said + [step async for step in gate.run(lambda: iter([3]))]

    assert asyncio.run(visit()) == [1, 3]


@pytest.mark.parametrize(
    ("slot", "choice", "fact"),
    [
        ("region", "龙岩", {"region": "龙岩"}),
        ("level", "二级", {"level": 2}),
        ("level", "level 3", {"level": 3}),
        ("level", "unknown", {}),
        ("size", "50 to 249", {"employees": 50}),
        ("year", "2025", {}),
    ],
)
def test_a_choice_teaches_the_profile(slot, choice, fact):
    assert learn(slot, choice) == fact
