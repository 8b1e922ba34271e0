"""Any chat model that LangChain reaches → the port: one deadline over all, at most one retry, every fault one reason code.

Nothing of the vendors' errors leaves this file: they name addresses, keys and people's words.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from advisor.errors import ModelFault
from advisor.ports import Message

CONNECT_S = 5.0  # longest wait for a connection, within the whole
RETRY_AFTER_S = 0.4
CONTEXT = 8192  # tokens; our longest prompts take some 3,000, an answer well below 1,000
MOST_BYTES = 4_000_000  # of one reply, markup and all
_TICK_S = 0.25
_FAULTS_TO_REST = 3
_REST_S = 30.0
_QUIET = (
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "openai",
    "langchain_openai",
    "langchain_core",
    "ollama",
    "anthropic",
)
_RETRIED = ("model_unreachable", "model_failed", "model_busy")


def open_chat(
    model: str, base_url: str | None, api_key: str | None, timeout_s: float, daily_tokens: int, spent: Path
) -> LangChainChat:
    """A chat model by the name that `init_chat_model` takes; a bare name with an address means an OpenAI-compatible server."""
    budget = Budget(daily_tokens, spent) if daily_tokens > 0 else None
    return LangChainChat(model, lambda: _vendor_model(model, base_url, api_key, timeout_s), timeout_s, budget)


@dataclass
class LangChainChat:
    """`build` makes the vendor's model on the first question."""

    name: str
    build: Callable[[], Any]
    timeout_s: float
    budget: Budget | None = None
    breaker: Breaker = field(default_factory=lambda: Breaker())
    holds_form: bool | None = None  # whether the server takes the form of a reply; None: not known yet
    _built: Any = None
    _building: threading.Lock = field(default_factory=threading.Lock)

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Pieces of the reply, "" while nothing is new. Raises ModelFault; ends within `timeout_s`."""
        if self.budget:
            self.budget.check()
        self.breaker.check()
        spoken = 0
        reason: str | None = None
        ended = False
        try:
            for piece in self._attempts(messages, time.monotonic() + self.timeout_s):
                spoken += estimate(piece)
                yield piece
            ended = True
        except ModelFault as fault:
            reason = fault.reason
            raise
        finally:
            if reason or spoken or ended:  # a reader who left before the first word learned nothing
                self.breaker.record(reason)
            if self.budget:
                self.budget.add(spoken + sum(estimate(m.text) for m in messages))

    def warm(self) -> None:
        """Load the vendor's packages before the first question; a name that means nothing is said when it is asked."""
        with suppress(ModelFault):
            self._model()

    def _attempts(self, messages: Sequence[Message], deadline: float) -> Iterator[str]:
        """Once more where a request failed before it said anything; without the form where the server refused it."""
        retries, form, refused = 1, self.holds_form is not False, False
        while True:
            heard = False
            try:
                for piece in self._attempt(messages, deadline, form):
                    heard = heard or bool(piece)
                    yield piece
                if heard:
                    self.holds_form = False if refused else self.holds_form or form
                return
            except ModelFault as fault:
                if heard:
                    raise
                if form and fault.reason == "model_rejected" and any(m.form for m in messages):
                    form, refused = False, True
                    continue
                if not retries or fault.reason not in _RETRIED or time.monotonic() + 2 * RETRY_AFTER_S > deadline:
                    raise
                form = form and fault.reason != "model_failed"
            retries -= 1
            time.sleep(RETRY_AFTER_S)

    def _attempt(self, messages: Sequence[Message], deadline: float, form: bool) -> Iterator[str]:
        pieces: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        future = _run(self._produce(messages, form, pieces.put))
        try:
            while (left := deadline - time.monotonic()) > 0:
                try:
                    kind, value = pieces.get(timeout=min(_TICK_S, left))
                except queue.Empty:
                    yield ""
                    continue
                if kind == "fault":
                    raise ModelFault(value)
                if kind == "end":
                    return
                yield value
            raise ModelFault("model_timeout")
        finally:
            future.cancel()  # cancels the task in its loop: the connection closes, whatever it was waiting for

    async def _produce(self, messages: Sequence[Message], form: bool, put: Callable[[tuple[str, str]], None]) -> None:
        """Runs in the loop's thread; the one place where anything may be raised by a vendor."""
        try:
            model = self._built or await asyncio.to_thread(self._model)
            said = [(m.role, m.text) for m in messages]
            wanted = next((m.form for m in messages if m.form), None) if form else None
            with _untraced():
                async for chunk in model.astream(said, **(_held_to(model, wanted) if wanted else {})):
                    if text := str(chunk.text):
                        put(("piece", _whole(text)))
            put(("end", ""))
        except Exception as error:
            put(("fault", error.reason if isinstance(error, ModelFault) else reason_of(error)))

    def _model(self) -> Any:
        with self._building:
            if self._built is None:
                self._built = self.build()
            return self._built


def _whole(text: str) -> str:
    """Without halves of characters, which no file or socket would take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def estimate(text: str) -> int:
    """Tokens of a text, about: one a Chinese character, one for four others."""
    wide = sum(c > "\u2e7f" for c in text)
    return wide + (len(text) - wide + 3) // 4


# --- faults ---------------------------------------------------------------------------------------


def reason_of(error: BaseException) -> str:
    """The reason code of any vendor's error, by its HTTP status or else by its name or those of its causes."""
    chain = list(_causes(error))
    for one in chain:
        status = getattr(one, "status_code", None)
        if isinstance(status, int):
            return (
                "model_busy"
                if status == 429
                else "model_rejected"
                if 300 <= status < 500 and status != 408
                else "model_failed"
            )
    names = " ".join(type(e).__name__ for e in chain).lower()
    if "timeout" in names:
        return "model_timeout"
    if "connect" in names or "ssl" in names or "gaierror" in names:
        return "model_unreachable"
    if "toolong" in names:
        return "model_too_long"
    return "model_failed"


class TooLong(Exception):
    """More bytes than any answer has."""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


@dataclass
class Breaker:
    """After several faults in a row the model is left alone for a while; then one question tries it."""

    clock: Callable[[], float] = time.monotonic
    _faults: int = 0
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        with self._lock:
            if self._faults < _FAULTS_TO_REST:
                return
            if self.clock() < self._until:
                raise ModelFault("model_resting")
            self._until = self.clock() + _REST_S  # others rest on while this one tries

    def record(self, reason: str | None) -> None:
        """A reply of which something was heard, even where its reader left, shows that the model is there."""
        with self._lock:
            self._faults = 0 if reason is None else self._faults + 1
            if self._faults >= _FAULTS_TO_REST:
                self._until = self.clock() + _REST_S


@dataclass
class Budget:
    """Tokens spent today, about, kept over restarts."""

    limit: int
    path: Path
    today: Callable[[], date] = date.today
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        with self._lock:
            if self._spent() >= self.limit:
                raise ModelFault("model_budget")

    def add(self, tokens: int) -> None:
        with self._lock:
            row = {"day": self.today().isoformat(), "tokens": self._spent() + tokens}
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                draft = self.path.with_suffix(f".{os.getpid()}")
                draft.write_text(json.dumps(row), "utf-8")
                os.replace(draft, self.path)
            except OSError:
                logging.getLogger(__name__).warning("today's tokens could not be written down")

    def _spent(self) -> int:
        try:
            row = json.loads(self.path.read_text("utf-8"))
            return int(row["tokens"]) if row["day"] == self.today().isoformat() else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0


# --- the vendors ----------------------------------------------------------------------------------


def _vendor_model(model: str, base_url: str | None, api_key: str | None, timeout_s: float) -> Any:
    """LangChain's model; raises ModelFault where its name or package is unknown."""
    for name in _QUIET:  # their lines name addresses
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        from langchain.chat_models import init_chat_model

        provider, _, rest = model.partition(":")
        if base_url and (not rest or not provider.isidentifier()):
            provider, model = "openai", f"openai:{model}"
        return init_chat_model(model, **_options(provider, base_url, api_key, timeout_s))
    except Exception:
        fault = ModelFault("model_unknown", model)
    raise fault


def _options(provider: str, base_url: str | None, api_key: str | None, timeout_s: float) -> dict[str, Any]:
    options: dict[str, Any] = {"timeout": timeout_s, "max_retries": 0}
    if base_url:
        options["base_url"] = base_url
        options["temperature"] = 0
    if provider == "ollama":
        return {
            "temperature": 0,
            "num_ctx": CONTEXT,  # Ollama's own default would cut off the head of a prompt, and say nothing
            **({"base_url": base_url} if base_url else {}),
            "async_client_kwargs": _http_options(timeout_s),
        }
    if provider == "openai":
        import httpx

        options["http_async_client"] = httpx.AsyncClient(transport=_transport(), **_http_options(timeout_s))
    if api_key or base_url:  # another server never gets the key that lies in the environment for OpenAI's
        options["api_key"] = api_key or "none"
    return options


def _held_to(model: Any, form: str) -> dict[str, Any]:
    """How this vendor is told the form of a reply; nothing where it has no way."""
    vendor = type(model).__module__.partition(".")[0]
    if vendor == "langchain_ollama":
        return {"format": json.loads(form)}
    if (
        vendor == "langchain_openai"
    ):  # as part of the body: the client would else parse the stream itself, and fail at its end
        schema = {"name": "reply", "schema": json.loads(form)}
        return {"extra_body": {"response_format": {"type": "json_schema", "json_schema": schema}}}
    return {}


def _http_options(timeout_s: float) -> dict[str, Any]:
    """No redirects: words and keys go to the configured address only."""
    import httpx

    return {"timeout": httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)), "follow_redirects": False}


def _transport() -> Any:
    """HTTP that stops reading at MOST_BYTES."""
    import httpx

    class Counted(httpx.AsyncByteStream):
        def __init__(self, stream: Any) -> None:
            self._stream = stream

        async def __aiter__(self) -> Any:
            read = 0
            async for part in self._stream:
                read += len(part)
                if read > MOST_BYTES:
                    raise TooLong
                yield part

        async def aclose(self) -> None:
            await self._stream.aclose()

    class Transport(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            response.stream = Counted(response.stream)
            return response

    return Transport(limits=httpx.Limits(max_connections=None, max_keepalive_connections=20), retries=0)


def _untraced() -> Any:
    """No tracing service hears of it, whatever the environment says."""
    from langsmith.run_helpers import tracing_context

    return tracing_context(enabled=False)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop in one thread for all requests: a hundred slow streams cost a hundred tasks."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="chat", daemon=True).start()
    return loop


def _run(work: Coroutine[Any, Any, None]) -> Future[None]:
    return asyncio.run_coroutine_threadsafe(work, _loop())


__all__ = ["Breaker", "Budget", "LangChainChat", "estimate", "open_chat", "reason_of"]
