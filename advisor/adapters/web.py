"""The public web, distrusted: pages and files from addresses that someone wrote down.

Every hop's name is looked up once, all its addresses must be public, and the connection goes to the address that was
checked, so that no redirect and no second lookup can lead into the machine or its network.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from advisor.errors import UserError
from advisor.ports import Fetched, Page

_CHUNK = 64 * 1024
_MOVED = (301, 302, 303, 307, 308)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Web:
    """Fetches one address at a time; `loopback` is for tests that serve on this machine."""

    hops: int = 3
    megabytes: float = 20
    seconds: float = 15
    loopback: bool = False

    def fetch(self, url: str) -> Fetched:
        """Raises UserError with a reason code (url_malformed, url_not_public, url_unreachable, url_status, …)."""
        deadline = time.monotonic() + self.seconds
        at = url
        for _ in range(self.hops + 1):
            try:
                answer = self._ask(at, deadline)
            except UserError:
                raise
            except Exception as error:  # a server can make http.client and ssl fail in any way
                raise self._failure(url, deadline, error) from error
            if isinstance(answer, Fetched):
                return answer
            at = urljoin(at, answer)
        raise UserError("url_hops", url, limit=self.hops)

    def _failure(self, url: str, deadline: float, error: Exception) -> UserError:
        if time.monotonic() >= deadline or isinstance(error, TimeoutError):
            return UserError("url_slow", url, limit=f"{self.seconds:g}")
        return UserError("url_unreachable", url, problem=" ".join(str(error).split())[:120] or type(error).__name__)

    def _ask(self, url: str, deadline: float) -> Fetched | str:
        """The content, or the address where it has moved to."""
        scheme, host, port, target = _parts(url)
        address = self._public(url, host, port, deadline)
        with _connected(address, port, host if scheme == "https" else None, deadline) as connection:
            if not self._allowed(connection.getpeername()[0]):
                raise UserError("url_not_public", url)
            client = http.client.HTTPConnection(host, port)
            client.sock = connection
            default = 443 if scheme == "https" else 80
            named = f"[{host}]" if ":" in host else host
            headers = {
                "Host": named if port == default else f"{named}:{port}",
                "User-Agent": "advisor (fetches documents it cites)",
                "Accept": "text/html, application/pdf, text/plain;q=0.8",
                "Accept-Encoding": "identity",
                "Connection": "close",
            }
            client.request("GET", target, headers=headers)
            response = client.getresponse()
            if response.status in _MOVED and response.headers.get("Location"):
                return str(response.headers["Location"])
            if response.status != 200:
                raise UserError("url_status", url, status=response.status)
            content = self._content(url, response, deadline)
            return Fetched(url, response.headers.get_content_type(), response.headers.get_content_charset(), content)

    def _content(self, url: str, response: http.client.HTTPResponse, deadline: float) -> bytes:
        """All of it; what a compressed answer inflates to counts, not what it declares."""
        most = int(self.megabytes * 2**20)
        encoding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
        if encoding not in ("identity", "gzip", "deflate"):
            raise UserError("url_unreachable", url, problem=f"encoding {encoding[:20]}")
        inflate = None if encoding == "identity" else zlib.decompressobj(47 if encoding == "gzip" else zlib.MAX_WBITS)
        parts: list[bytes] = []
        size = 0
        if (response.length or 0) > most:
            raise UserError("url_large", url, limit=f"{self.megabytes:g}")
        while chunk := response.read1(_CHUNK):
            part = inflate.decompress(chunk, most + 1 - size) if inflate else chunk
            size += len(part)
            if size > most or (inflate and inflate.unconsumed_tail):
                raise UserError("url_large", url, limit=f"{self.megabytes:g}")
            parts.append(part)
            if time.monotonic() >= deadline:
                raise TimeoutError
        if response.length or time.monotonic() >= deadline:  # cut off: by the server, or by the watchdog
            raise ConnectionError("the connection ended early")
        return b"".join(parts)

    def _public(self, url: str, host: str, port: int, deadline: float) -> str:
        """One address of the host, if all of them are public."""
        found = _look_up(host, port, deadline)
        if not found or not all(self._allowed(a) for a in found):
            raise UserError("url_not_public", url)
        return found[0]

    def _allowed(self, address: str) -> bool:
        return is_public(address) or (self.loopback and ipaddress.ip_address(address).is_loopback)


def is_public(address: str) -> bool:
    """Reachable from anywhere; an IPv4 address inside an IPv6 one counts as itself.

    >>> [is_public(a) for a in ("8.8.8.8", "10.0.0.1", "100.64.0.1", "::ffff:127.0.0.1", "2002:7f00:1::", "169.254.169.254")]
    [True, False, False, False, False, False]
    """
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    inner: list[ipaddress.IPv4Address] = []
    if isinstance(ip, ipaddress.IPv6Address):
        inner += [a for a in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if a]
        if ip in _NAT64:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip.ipv4_mapped or ip in _NAT64:
            return all(is_public(str(a)) for a in inner)
    outside = ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)
    return outside and all(is_public(str(a)) for a in inner)


def _parts(url: str) -> tuple[str, str, int, str]:
    """(scheme, host, port, path with query); raises UserError url_malformed."""
    shown = "".join(c if c.isprintable() else " " for c in url)[:200]
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = (parts.hostname or "").rstrip(".")
        host = host if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise UserError("url_malformed", shown) from error
    strange = re.search(r"[\x00-\x20\x7f\\]", url) or parts.username is not None or parts.password is not None
    if parts.scheme not in ("http", "https") or not host or strange:
        raise UserError("url_malformed", shown)
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        f"?{quote(parts.query, safe=_QUERY)}" if parts.query else ""
    )
    return parts.scheme, host, port, target


_QUERY = "/%:@!$&'()*+,;=~-._?[]"


def _look_up(host: str, port: int, deadline: float) -> list[str]:
    """Addresses of the host in the resolver's order; a resolver that hangs is left behind."""
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if failed:
        raise failed[0]
    if thread.is_alive():
        raise TimeoutError
    return found


@contextmanager
def _connected(address: str, port: int, tls_name: str | None, deadline: float) -> Iterator[socket.socket]:
    """A connection to that very address, cut off at the deadline however slowly the server drips."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection: socket.socket = socket.create_connection((address, port), timeout=left)
    if tls_name:
        try:
            context = ssl.create_default_context()
            connection = context.wrap_socket(connection, server_hostname=tls_name, do_handshake_on_connect=False)
        except BaseException:
            connection.close()
            raise

    def cut() -> None:
        with suppress(OSError):  # the base class, since SSLSocket.shutdown pulls the ground from under a running read
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    watchdog = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        if isinstance(connection, ssl.SSLSocket):
            connection.do_handshake()
        yield connection
    finally:
        watchdog.cancel()
        connection.close()


def read_page(html: bytes, url: str) -> Page:
    """The words of a web page without navigation, as Markdown; empty where there are none."""
    import trafilatura

    words = trafilatura.extract(
        html,
        url=url,
        output_format="markdown",
        include_comments=False,
        include_tables=True,
        include_links=False,
        include_images=False,
        favor_recall=True,
    )
    known = trafilatura.extract_metadata(html, default_url=url)
    title = known.title if known else None
    return Page(
        " ".join(str(title).split()) if title else None, (words or "").strip(), f"trafilatura {trafilatura.__version__}"
    )


__all__ = ["Web", "is_public", "read_page"]
