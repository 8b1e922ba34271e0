"""An OpenAI-compatible server on loopback, in this process, that fails in every way we could think of."""

from __future__ import annotations

import asyncio
import json
import re
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from llm_models import spoken

KEY = "sk-test-5f0c1d7a9b"
Writer = asyncio.StreamWriter


@dataclass
class FaultServer:
    """`kind` decides how the next request is answered; `pieces` is what a sound reply says."""

    kind: str = "sound"
    pieces: list[str] = field(default_factory=list)
    pause: float = 0.0
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    open_now: int = 0
    sent: list[float] = field(default_factory=list)  # when each piece of a sound reply went out
    bodies: dict[Writer, dict[str, Any]] = field(default_factory=dict)  # each connection's own
    first_rows: dict[str, float] = field(default_factory=dict)  # when the first row of `copies` was out, by question
    left: int = 0  # readers who hung up before the reply was over

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.open_now += 1
        watch: asyncio.Task[bytes] | None = None
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next(
                (int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0
            )
            body = await reader.readexactly(length)
            self.bodies[writer] = json.loads(body or b"{}")
            self.requests.append(
                {"head": head, "body": json.loads(body or b"{}"), "at": asyncio.get_running_loop().time()}
            )
            watch = asyncio.ensure_future(reader.read(1))
            answer = asyncio.ensure_future(KINDS[self.kind](self, writer))
            done, _ = await asyncio.wait({watch, answer}, return_when=asyncio.FIRST_COMPLETED)
            if answer not in done:
                self.left += 1
                answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the reader is gone, or the server stops
        finally:
            if watch:
                watch.cancel()
            self.open_now -= 1
            writer.close()


@contextmanager
def fault_server(kind: str = "sound", pieces: list[str] | None = None, pause: float = 0.0) -> Iterator[FaultServer]:
    """Running while the block runs."""
    faults = FaultServer(kind, pieces or [], pause)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # its own troubles are no finding
    ready = threading.Event()
    holder: list[asyncio.Server] = []

    async def start() -> None:
        server = await asyncio.start_server(faults.serve, "127.0.0.1", 0, limit=2**22, backlog=512)
        faults.port = server.sockets[0].getsockname()[1]
        holder.append(server)
        ready.set()

    def run() -> None:
        loop.create_task(start())
        loop.run_forever()

    async def stop() -> None:
        holder[0].close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.01)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield faults
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


# --- how to answer --------------------------------------------------------------------------------


def _head(status: str = "200 OK", type_: str = "text/event-stream", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {type_}\r\nConnection: close\r\n{more}\r\n".encode()


def _event(delta: dict[str, Any] | None, **more: Any) -> bytes:
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
    }
    return f"data: {json.dumps({**chunk, **more}, ensure_ascii=False)}\n\n".encode()


def _said(text: Any) -> bytes:
    return _event({"role": "assistant", "content": text})


_DONE = b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


async def _send(writer: Writer, *parts: bytes) -> None:
    for part in parts:
        writer.write(part)
    await writer.drain()


async def _sound(server: FaultServer, writer: Writer) -> None:
    await _send(writer, _head())
    for piece in server.pieces:
        await _send(writer, _said(piece))
        server.sent.append(asyncio.get_running_loop().time())
        await asyncio.sleep(server.pause)
    await _send(writer, _DONE)


def _answers(
    status: str, body: str, type_: str = "application/json", more: str = ""
) -> Callable[[FaultServer, Writer], Awaitable[None]]:
    async def answer(server: FaultServer, writer: Writer) -> None:
        await _send(writer, _head(status, type_, f"Content-Length: {len(body.encode())}\r\n{more}"), body.encode())

    return answer


def _error(status: str, message: str, more: str = "") -> Callable[[FaultServer, Writer], Awaitable[None]]:
    body = json.dumps({"error": {"message": message, "type": "e", "code": status[:3]}})
    return _answers(status, body, more=more)


def _streams(*parts: bytes, ending: bytes = _DONE) -> Callable[[FaultServer, Writer], Awaitable[None]]:
    async def answer(server: FaultServer, writer: Writer) -> None:
        await _send(writer, _head(), *parts, ending)

    return answer


def _says(text: str) -> Callable[[FaultServer, Writer], Awaitable[None]]:
    return _streams(*(_said(text[i : i + 7]) for i in range(0, len(text), 7)))


async def _hang(server: FaultServer, writer: Writer) -> None:
    await asyncio.sleep(3600)


async def _hang_after_head(server: FaultServer, writer: Writer) -> None:
    await _send(writer, _head())
    await asyncio.sleep(3600)


async def _hang_midway(server: FaultServer, writer: Writer) -> None:
    await _send(writer, _head(), _said('{"text": "'))
    await asyncio.sleep(3600)


async def _slow_drip(server: FaultServer, writer: Writer) -> None:
    await _send(writer, _head())
    while True:
        await _send(writer, _said("a"))
        await asyncio.sleep(0.2)


async def _comments_only(server: FaultServer, writer: Writer) -> None:
    await _send(writer, _head())
    while True:
        await _send(writer, b": still here\n\n")
        await asyncio.sleep(0.1)


async def _slow_bytes(server: FaultServer, writer: Writer) -> None:
    for byte in _head() + _said("hello"):
        await _send(writer, bytes([byte]))
        await asyncio.sleep(0.1)


async def _reset(server: FaultServer, writer: Writer) -> None:
    import socket

    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _reset_midway(server: FaultServer, writer: Writer) -> None:
    await _send(writer, _head(more="Transfer-Encoding: chunked\r\n"))
    part = _said(server.pieces[0] if server.pieces else "x")
    await _send(writer, f"{len(part):x}\r\n".encode(), part, b"\r\n")
    await asyncio.sleep(0.05)
    await _reset(server, writer)


async def _endless(server: FaultServer, writer: Writer) -> None:
    await _send(writer, _head())
    while True:
        await _send(writer, _said("lorem ipsum dolor sit amet " * 20))
        await asyncio.sleep(0)


async def _endless_one_event(server: FaultServer, writer: Writer) -> None:
    await _send(writer, _head(), b'data: {"choices": [{"delta": {"content": "')
    while True:
        await _send(writer, b"x" * 65536)
        await asyncio.sleep(0)


async def _duplicated(server: FaultServer, writer: Writer) -> None:
    text = "".join(server.pieces)
    await _send(writer, _head())
    for i in range(0, len(text), 5):
        await _send(writer, _said(text[i : i + 5]), _said(text[i : i + 5]))
    await _send(writer, _DONE)


async def _parrots_prompt(server: FaultServer, writer: Writer) -> None:
    text = server.requests[-1]["body"]["messages"][0]["content"]
    await _says(text)(server, writer)


async def _cut_utf8(server: FaultServer, writer: Writer) -> None:
    cut = "补贴".encode()[:-1]
    await _send(writer, _head(), b'data: {"choices":[{"index":0,"delta":{"content":"' + cut + b'"}}]}\n\n', _DONE)


async def _copies(server: FaultServer, writer: Writer) -> None:
    """The first sentences of the passages it was shown, a token at a time."""
    prompt = server.bodies[writer]["messages"][-1]["content"]
    rows = [
        _row(s, label, s)
        for label, text in re.findall(r'<passage label="(P\d+)"[^>]*>\n(.*?)\n</passage>', prompt, re.S)
        for s in spoken(text)[:1]
    ]
    await _send(writer, _head())
    for n, row in enumerate(rows[:4]):
        for i in range(0, len(row), 4):
            await _send(writer, _said(row[i : i + 4]))
            await asyncio.sleep(server.pause)
        if n == 0:
            asked = prompt.partition("<question>\n")[2].partition("\n</question>")[0]
            server.first_rows[asked] = asyncio.get_running_loop().time()
    await _send(writer, _DONE)


async def _refuses_form(server: FaultServer, writer: Writer) -> None:
    asked = "response_format" in server.requests[-1]["body"]
    await (_error("400 Bad Request", "response_format is unavailable now") if asked else _sound)(server, writer)


async def _redirect(server: FaultServer, writer: Writer) -> None:
    await _send(
        writer,
        _head(
            "307 Temporary Redirect",
            "text/plain",
            f"Location: http://localhost:{server.port}/elsewhere\r\nContent-Length: 0\r\n",
        ),
    )


def _row(text: str, source: str = "P1", quote: str = "") -> str:
    return json.dumps({"text": text, "sources": [source], "quote": quote}, ensure_ascii=False) + "\n"


_LEAK = f"Incorrect API key provided: {KEY}. See http://127.0.0.1/v1 Traceback (most recent call last)"
KINDS: dict[str, Callable[[FaultServer, Writer], Awaitable[None]]] = {
    "sound": _sound,
    "hang": _hang,
    "hang_after_head": _hang_after_head,
    "hang_midway": _hang_midway,
    "slow_drip": _slow_drip,
    "slow_bytes": _slow_bytes,
    "comments_only": _comments_only,
    "status_429": _error("429 Too Many Requests", _LEAK, "Retry-After: 3600\r\n"),
    "status_500": _error("500 Internal Server Error", _LEAK),
    "status_503_html": _answers("503 Service Unavailable", "<html><h1>nginx</h1></html>", "text/html"),
    "status_400": _error("400 Bad Request", _LEAK),
    "bad_key_401": _error("401 Unauthorized", _LEAK),
    "forbidden_403": _error("403 Forbidden", _LEAK),
    "wrong_model_404": _error("404 Not Found", "The model `m` does not exist"),
    "html_with_200": _answers("200 OK", "<html><body>Welcome to the proxy</body></html>", "text/html"),
    "json_not_stream": _answers("200 OK", '{"id": "c", "choices": [{"message": {"content": "no stream"}}]}'),
    "empty_body": _answers("200 OK", "", "text/event-stream"),
    "half_json": _streams(b'data: {"id": "c", "choices": [{"index": 0, "del', ending=b""),
    "half_json_event": _streams(b'data: {"id": "c", "choices": [{"index\n\n'),
    "half_statement": _says('{"text": "Northport pays 40 % of what a firm spent", "sources": ["P'),
    "empty_choices": _streams(_event(None, choices=[])),
    "no_choices": _streams(b'data: {"id": "c"}\n\n'),
    "null_content": _streams(_said(None), _said(None)),
    "null_delta": _streams(_event(None)),
    "number_content": _streams(_said(5)),
    "cut_utf8": _cut_utf8,
    "error_event": _streams(f'data: {{"error": {{"message": "{_LEAK}", "code": 500}}}}\n\n'.encode()),
    "huge_reply": _streams(*[_said("x" * 50_000)] * 60),
    "huge_event": _endless_one_event,
    "endless_stream": _endless,
    "reset": _reset,
    "reset_midway": _reset_midway,
    "bad_length": _answers("200 OK", "data: {}", "text/event-stream", "Content-Length: 999999\r\n"),
    "bad_chunks": _streams(b"zz\r\nnot chunked\r\n", ending=b""),
    "not_http": lambda s, w: _send(w, b"SSH-2.0-OpenSSH_9.6\r\n"),
    "redirect": _redirect,
    "refuses_form": _refuses_form,
    "copies": _copies,
    "gibberish": _says("Xq zorp blim 77 % fnord. " * 40),
    "gibberish_rows": _says("".join(_row(f"Zorp {n} blims pay 7{n} % fnord to Quux.") for n in range(9))),
    "refuses": _says("I'm sorry, but as an AI model I cannot help with that."),
    "uncited": _says("".join(json.dumps({"text": f"Northport pays {n}0 % of the cost."}) + "\n" for n in range(3, 9))),
    "invented_labels": _says("".join(_row(f"Northport pays {n}0 % of the cost.", f"P{n}0") for n in range(3, 9))),
    "wrong_language": _says(_row("Nordhafen zahlt vierzig Prozent der Ausgaben.") + _row("北埠市按支出的40%给予补助。")),
    "duplicate_chunks": _duplicated,
    "parrots_prompt": _parrots_prompt,
    "thinks_for_ever": _says("<think>" + "let me see, Northport pays 40 %. " * 1500),
    "nothing_known": _says('{"complete": false}'),
}  # fmt: skip
