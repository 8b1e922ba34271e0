"""What the web surface lets through: the chat's own paths, the chat's own pages, requests of a sane size."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 2 * 1024 * 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# Everything Gradio offers beyond this (files, uploads, proxy, streams, monitoring, recordings, code) is not there.
_OPEN = re.compile(
    r"/(?:healthz|config/?|theme\.css|favicon\.ico|robots\.txt|manifest\.json)?"
    r"|/(?:assets|static)/[^?]*"
    r"|/gradio_api/(?:info/?|app_id/?|startup-events|theme\.css|queue/join|queue/data|cancel|reset/?|heartbeat/\w+)"
    r"|/gradio_api/call/(?:v2/)?ask(?:/\w*)?"
    r"|/gradio_api/(?:run|api)/ask/?"
)
# Gradio evaluates its templates with `new Function`; nothing may be fetched from, sent to or framed by another host.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none';"
    " base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


class Guard:
    """Refuses other paths (404), other sites' pages and host names (403) and large bodies (413) with no bytes."""

    def __init__(self, app: App, host: str) -> None:
        self.app = app
        self.hosts = LOOPBACK | {host} if host in LOOPBACK else None  # reachable from outside: any name may lead here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websockets here
        if status := self._refusal(scope):
            await refuse(send, status)
            return
        await self.app(scope, _counted(receive), _with_headers(send))

    def _refusal(self, scope: Scope) -> int | None:
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        host = headers.get("host", "")
        if self.hosts is not None and _name(host) not in self.hosts:
            return 403  # a foreign name that resolves to this machine
        if not own_origin(headers.get("origin"), host, headers.get("x-forwarded-host")):
            return 403
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return 403
        if scope["method"] not in ("GET", "HEAD", "POST") or not _OPEN.fullmatch(scope["path"]):
            return 404
        length = headers.get("content-length", "0")
        return 413 if not length.isdigit() or int(length) > MAX_BODY else None


def own_origin(origin: str | None, host: str, forwarded: str | None) -> bool:
    """No Origin at all, or the page's own; a proxy names the page's host in X-Forwarded-Host, which no foreign page can set."""
    return origin is None or urlsplit(origin).netloc.lower() in {h.lower() for h in (host, forwarded) if h}


def _name(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "").lower()


def _counted(receive: Receive) -> Receive:
    """The body as far as it is small; a sender that lies about its length is cut off."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return message if seen <= MAX_BODY else {"type": "http.disconnect"}

    return counting


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_HEADERS]
        await send(message)

    return sending


async def refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0"), *_HEADERS]})
    await send({"type": "http.response.body", "body": b""})
