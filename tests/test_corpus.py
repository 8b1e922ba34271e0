"""The corpus: what `check` proves, what it owes its registers, its overview, and the originals beside its digests."""

from __future__ import annotations

import gzip
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from test_add import ENGLISH, write_pdf
from test_schema import RULES, edit, findings

from advisor.adapters import web
from advisor.adapters.originals import FileReader
from advisor.adapters.web import Web, is_public
from advisor.errors import AdvisorError, CorpusError
from advisor.ingest.against import check_against, read_registers
from advisor.ingest.check import check, read_hosts
from advisor.ingest.read import read_corpus
from advisor.wiring import Advisor, shipped_corpus

LOOK_UP = socket.getaddrinfo  # as it is before a test guards it
TITLE = "Northport digital upgrade subsidy rules 2025 (test data)"


def append(corpus: Path, name: str, text: str, document: str = RULES) -> None:
    path = corpus / "documents" / document / name
    path.write_text(path.read_text("utf-8") + text, "utf-8")


# --- what check proves ----------------------------------------------------------------------------


def funding(**changes: object) -> Callable[[Path], None]:
    return lambda corpus: edit(corpus, lambda m: m["records"]["funding"][0].update(changes))


def first_condition(**changes: object) -> Callable[[Path], None]:
    return lambda corpus: edit(corpus, lambda m: m["records"]["funding"][0]["conditions"][0].update(changes))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: edit(c, lambda m: m.update(issued="2026-12-01")), "date_implausible"),
        (lambda c: edit(c, lambda m: m["in_force"].update({"from": "1875-01-01"})), "date_implausible"),
        (lambda c: edit(c, lambda m: m["sources"][0].update(seen="1875")), "date_implausible"),
        (lambda c: edit(c, lambda m: m.update(issued="2021")), "dates_reversed"),
        (funding(window={"from": "2026-01-01", "to": "2025-01-01"}), "dates_reversed"),
        (lambda c: edit(c, lambda m: m["sources"][0].update(kind="own")), "no_source"),
        (lambda c: edit(c, lambda m: m["sources"][0].update(title=" ")), "no_source"),
        (funding(currency=None), "currency_missing"),
        (funding(id="level-3"), "record_twice"),
        (first_condition(field="region", value="somewhere in the north"), "place_unknown"),
        (first_condition(field="industry", value=["whaling"]), "industry_unknown"),
        (lambda c: append(c, "zh.md", "\n见[办法](https://northport.example)。\n"), "markup"),
        (lambda c: append(c, "en.md", "\n<b>Bold</b> words.\n"), "markup"),
    ],
)
def test_check_finds_what_a_reader_would_stumble_over(tiny_corpus, change, reason):
    change(tiny_corpus)
    assert {(r, d) for r, d, _ in findings(tiny_corpus)} == {(reason, RULES)}


def test_a_case_needs_known_industry_and_scenes_and_figures_of_the_text(tiny_corpus):
    said = {
        "zh": "北埠市2025年版办法对达到二级的企业最高补助20万元。",
        "en": "The Northport rules of 2025 pay a firm that reaches level 2 at most 200,000 yuan.",
    }
    result = {
        "metric": {"zh": "产量", "en": "output"},
        "before": 777,
        "after": 200000,
        "kind": "achieved",
        "said": said,
    }
    case = {
        "company": {"zh": "甲", "en": "A"},
        "industry": "whaling",
        "place": "TL/Northport",
        "scenes": ["napping"],
        "results": [result],
    }
    edit(tiny_corpus, lambda m: m["records"].update(case=[case]))
    assert {r for r, _, _ in findings(tiny_corpus)} == {"industry_unknown", "scene_unknown", "said_lacks_figure"}


def test_links_lead_to_hosts_that_a_maintainer_recognised(tiny_corpus):
    (tiny_corpus / "hosts.yaml").write_text("official: [northport.example]\npress: [daily.example]\n", "utf-8")

    def unknown() -> list[str]:
        found = check(read_corpus([tiny_corpus], FileReader()), read_hosts([tiny_corpus]))
        return [f.document for f in found if f.reason == "host_unknown" and f.document == RULES]

    assert unknown() == []
    for url, known in (
        ("https://www.northport.example/a", True),
        ("https://daily.example:8080/a", True),
        ("https://notnorthport.example/a", False),
        ("https://northport.example.copies.test/a", False),
    ):
        edit(tiny_corpus, lambda m, url=url: m["sources"][0].update(url=url))
        assert unknown() == ([] if known else [RULES])


def test_a_copy_of_a_document_is_found(tiny_corpus):
    folder = tiny_corpus / "documents"
    copy = folder / "northport-again"
    copy.mkdir()
    for name in ("document.yaml", "zh.md", "en.md"):
        (copy / name).write_text((folder / RULES / name).read_text("utf-8"), "utf-8")
    edit(tiny_corpus, lambda m: m.update(supersedes=[]), "northport-again")
    assert {r for r, _, _ in findings(tiny_corpus)} == {"near_duplicate"}


# --- what the corpus owes its registers -------------------------------------------------------------


REGISTER = """
- id: northport-rules-2025
  title_en: Northport digital upgrade subsidy rules 2025
  official_url: https://northport.example/2025
  seen_at: [https://northport.example/2025, "https://copies.test/77 (copy)"]
  facts: ["Firms hand in the signed form together with all invoices and photographs. [seen]", "Trades: paint, glue, rope, sails, nets, boats."]
- id: never-written
  title: Something else
  seen_at: []
  facts: []
"""


def owed(corpus: Path, registers: Path, left_out: str = "") -> list[tuple[str, str]]:
    found = check_against(
        read_corpus([corpus], FileReader()), read_registers(registers), left_out, {"northport.example"}
    )
    return [(f.reason, f.document) for f in found]


def test_every_entry_of_a_register_is_a_document_or_left_out_with_its_reason(tiny_corpus, tmp_path):
    (tmp_path / "a.yaml").write_text(REGISTER, "utf-8")
    assert owed(tiny_corpus, tmp_path) == [("register_missing", "never-written")]
    assert owed(tiny_corpus, tmp_path, "| `never-written` | … |") == []


def test_a_sentence_of_a_register_is_not_copied_but_names_are(tiny_corpus, tmp_path):
    (tmp_path / "a.yaml").write_text(REGISTER.replace("never-written", "term-mes"), "utf-8")
    append(tiny_corpus, "en.md", "\nThe Northport trades are paint, glue, rope, sails, nets, boats and oars.\n")
    assert owed(tiny_corpus, tmp_path) == []
    append(
        tiny_corpus,
        "en.md",
        "\nIn Northport firms hand in the signed form together with all invoices and photographs.\n",
    )
    assert owed(tiny_corpus, tmp_path) == [("copied", RULES)]


def test_a_copy_on_another_domain_is_no_link(tiny_corpus, tmp_path):
    (tmp_path / "a.yaml").write_text(REGISTER.replace("never-written", "term-mes"), "utf-8")
    edit(tiny_corpus, lambda m: m["sources"][0].update(url="https://copies.test/77"))
    assert owed(tiny_corpus, tmp_path) == [("link_republished", RULES)]


def test_a_folder_without_registers_is_said(tmp_path):
    with pytest.raises(CorpusError) as caught:
        read_registers(tmp_path)
    assert caught.value.reason == "file_missing"


# --- the shipped corpus -----------------------------------------------------------------------------


def test_the_shipped_corpus_has_no_finding_at_all():
    corpus = read_corpus([shipped_corpus()], FileReader())
    began = time.process_time()
    assert check(corpus, read_hosts([shipped_corpus()])) == []
    assert time.process_time() - began < 5


def test_the_generated_overview_is_not_stale():
    import importlib.util

    spec = importlib.util.spec_from_file_location("corpus_overview", ROOT / "scripts" / "corpus_overview.py")
    assert spec is not None
    assert spec.loader is not None
    overview = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(overview)
    stated = overview.PAGE.read_text("utf-8").split("validity as of ")[1][:10]
    for path, text in overview.written(date.fromisoformat(stated)).items():
        assert path.read_text("utf-8") == text, f"{path.name} is stale: run scripts/corpus_overview.py --as-of {stated}"


def test_every_gap_names_documents_that_are_there():
    known = {d.name for d in (shipped_corpus() / "documents").iterdir()}
    topics = yaml.safe_load((shipped_corpus() / "gaps.yaml").read_text("utf-8"))
    rows = [row for topic in topics for row in topic["gaps"]]
    assert len(rows) >= 30
    for row in rows:
        assert row["lacks"]
        assert row["instead"]
        assert set(row["documents"]) <= known
        assert row["documents"]


# --- the web ----------------------------------------------------------------------------------------


WORDS = "The Northport rules of 2025 pay a firm that reaches level 2 a part of what the firm spent on the upgrade. "
HTML = f"<html><head><title>{TITLE}</title></head><body><nav>Home About</nav><article><h1>{TITLE}</h1><p>{WORDS * 5}</p></article></body></html>"
GERMAN = f"<html><head><title>{TITLE}</title></head><body><article><p>{'Die Verordnung gilt im ganzen Land und alle Betriebe zahlen Abgaben. ' * 8}</p></article></body></html>"


@dataclass(frozen=True)
class Site:
    """A web server on this machine that serves `pages` and counts what it was asked."""

    address: str
    pages: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]]
    asked: list[str]

    def url(self, path: str) -> str:
        return self.address + path


def reply(body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str):
    def send(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def moved(to: str, status: int = 302):
    return reply(b"", status=status, Location=to)


def dripping(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def dripping_headers(handler: http.server.BaseHTTPRequestHandler) -> None:
    for char in b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Long: " + b"x" * 200:
        handler.wfile.write(bytes([char]))
        handler.wfile.flush()
        time.sleep(0.1)


def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/pdf")
    handler.end_headers()
    for _ in range(4000):
        handler.wfile.write(b"x" * 65536)


def cut_short(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b"half")


@pytest.fixture
def site() -> Iterator[Site]:
    pages: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = {}
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            try:
                pages.get(self.path, reply(b"gone", status=404))(self)
            except OSError:  # the client left
                return

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(f"http://127.0.0.1:{server.server_port}", pages, asked)
    server.shutdown()
    server.server_close()


LOCAL = Web(seconds=1.5, megabytes=1, loopback=True)


def refused(fetch: Callable[[], object]) -> str:
    with pytest.raises(AdvisorError) as caught:
        fetch()
    for language in ("zh", "en"):
        assert "\n" not in caught.value.message(language)
        assert "{" not in caught.value.message(language)
    return caught.value.reason


def test_a_page_is_fetched_through_at_most_three_redirects(site):
    site.pages["/page"] = reply(HTML.encode())
    for n in range(1, 6):
        site.pages[f"/{n}"] = moved(f"/{n - 1}" if n > 1 else "/page")
    fetched = LOCAL.fetch(site.url("/3"))
    assert (fetched.url, fetched.media_type, fetched.charset) == (site.url("/page"), "text/html", "utf-8")
    assert fetched.content == HTML.encode()
    assert refused(lambda: LOCAL.fetch(site.url("/4"))) == "url_hops"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (reply(b"gone", status=404), "url_status"),
        (reply(b"oops", status=500), "url_status"),
        (reply(b"x" * (2**20 + 1)), "url_large"),
        (endless, "url_large"),
        (reply(gzip.compress(b"x" * 50 * 2**20), Content_Encoding="gzip"), "url_large"),
        (reply(b"not gzip at all", Content_Encoding="gzip"), "url_unreachable"),
        (dripping, "url_slow"),
        (dripping_headers, "url_slow"),
        (cut_short, "url_unreachable"),
        (lambda handler: handler.wfile.write(b"no http here\r\n\r\n"), "url_unreachable"),
        (lambda handler: None, "url_unreachable"),
    ],
    ids=["404", "500", "large", "endless", "bomb", "no-gzip", "drip", "drip-headers", "cut", "no-http", "silent"],
)
def test_a_bad_answer_ends_in_one_sentence_within_the_time(site, page, reason):
    site.pages["/a"] = page
    began = time.monotonic()
    assert refused(lambda: LOCAL.fetch(site.url("/a"))) == reason
    assert time.monotonic() - began < 4


def test_a_compressed_answer_is_inflated(site):
    site.pages["/a"] = reply(gzip.compress(HTML.encode()), Content_Encoding="gzip")
    assert LOCAL.fetch(site.url("/a")).content == HTML.encode()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ],
)
def test_this_machine_is_never_asked(site, host, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", LOOK_UP)
    port = site.address.rsplit(":", 1)[1]
    assert refused(lambda: Web(seconds=2).fetch(f"http://{host}:{port}/a")) in ("url_not_public", "url_unreachable")
    assert site.asked == []


def answers(monkeypatch, table: dict[str, list[str]]) -> list[str]:
    """A resolver of our own; returns the list of names it was asked for."""
    names: list[str] = []

    def look_up(host: str, port: int, deadline: float) -> list[str]:
        names.append(host)
        return table[host]

    monkeypatch.setattr(web, "_look_up", look_up)
    return names


def test_a_redirect_into_the_network_is_refused(site, monkeypatch):
    answers(
        monkeypatch, {"127.0.0.1": ["127.0.0.1"], "inside.test": ["10.0.0.7"], "169.254.169.254": ["169.254.169.254"]}
    )
    for target in ("http://inside.test/a", "http://169.254.169.254/latest"):
        site.pages["/a"] = moved(target)
        assert refused(lambda: LOCAL.fetch(site.url("/a"))) == "url_not_public"
    for target in ("file:///etc/passwd", "ftp://inside.test/a", "gopher://inside.test/1"):
        site.pages["/a"] = moved(target)
        assert refused(lambda: LOCAL.fetch(site.url("/a"))) == "url_malformed"


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    answers(monkeypatch, {"mixed.test": ["93.184.215.14", "192.168.1.1"], "nowhere.test": []})
    assert refused(lambda: Web(seconds=1).fetch("http://mixed.test/")) == "url_not_public"
    assert refused(lambda: Web(seconds=1).fetch("http://nowhere.test/")) == "url_not_public"


def test_the_connection_goes_to_the_address_that_was_checked(site, monkeypatch):
    """A name that changes its answer between two lookups is looked up once."""
    site.pages["/a"] = reply(HTML.encode())
    names = answers(monkeypatch, {"rebinding.test": ["127.0.0.1"]})
    port = site.address.rsplit(":", 1)[1]
    assert LOCAL.fetch(f"http://rebinding.test:{port}/a").content == HTML.encode()
    assert names == ["rebinding.test"]


@pytest.mark.parametrize(
    "address",
    "10.1.2.3 172.16.0.1 192.168.0.1 127.0.0.1 100.64.0.1 169.254.1.1 0.0.0.0 224.0.0.1 255.255.255.255 240.0.0.1 192.0.2.1 198.18.0.1 "
    "::1 :: fe80::1 fc00::1 fd12::1 ff02::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: 2002:a00:1:: "
    "2001:db8::1 fe80::1%eth0 nonsense".split(),
)
def test_what_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_what_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "northport",
        "file:///etc/passwd",
        "ftp://a.test/b",
        "http://",
        "http://user:word@a.test/",
        "http://a.test:99999/",
        "http://a.test/b c",
        "http://a.test/\r\nHost: b",
        "http://a\\@b.test/",
    ],
)
def test_what_is_no_web_address(url):
    assert refused(lambda: Web(seconds=1).fetch(url)) == "url_malformed"


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """(certificate, key) of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "northport")])
    day, here = datetime(2020, 1, 1), x509.SubjectAlternativeName([x509.DNSName("secure.test")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, day, datetime(2100, 1, 1))
    builder = builder.add_extension(here, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    files[0].write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files[1].write_bytes(key.private_bytes(*pem))
    return files


def test_an_encrypted_connection_is_checked_against_the_name(monkeypatch, certificate):
    answers(monkeypatch, {"secure.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]})

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            (dripping if self.path == "/slow" else reply(HTML.encode()))(self)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    try:
        assert (
            refused(lambda: LOCAL.fetch(f"https://secure.test:{port}/")) == "url_unreachable"
        )  # signed by nobody known
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert LOCAL.fetch(f"https://secure.test:{port}/").content == HTML.encode()
        assert refused(lambda: LOCAL.fetch(f"https://other.test:{port}/")) == "url_unreachable"
        assert refused(lambda: LOCAL.fetch(f"https://secure.test:{port}/slow")) == "url_slow"
    finally:
        server.shutdown()
        server.server_close()


def test_a_server_that_never_shakes_hands_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        assert refused(lambda: LOCAL.fetch(f"https://127.0.0.1:{silent.getsockname()[1]}/")) == "url_slow"
    assert time.monotonic() - began < 4


# --- originals --------------------------------------------------------------------------------------


def listed(corpus: Path, *rows: tuple[str, str]) -> None:
    """`originals.yaml` with (id, url) rows, all of the Northport rules."""
    listing = [{"id": id, "document": RULES, "title": TITLE, "url": url} for id, url in rows]
    (corpus / "originals.yaml").write_text(yaml.safe_dump(listing), "utf-8")


def fetched(advisor: Advisor) -> dict[str, str]:
    """What became of each address: the language it was read in, or the reason why not."""
    outcomes = advisor.fetch_originals(fetcher=LOCAL)
    return {o.address.id: o.error.reason if o.error else str(o.language) for o in outcomes}


def test_originals_that_can_be_reached_stand_beside_their_digests(site, advisor, tiny_corpus, tmp_path):
    pdf = write_pdf(tmp_path / "a.pdf", [[TITLE, *(line for page in ENGLISH for line in page)]])
    site.pages.update(
        {
            "/page": reply(HTML.encode()),
            "/file": reply(pdf.read_bytes(), "application/octet-stream"),
            "/moved": moved("/page"),
            "/frame": reply(f"<html><title>{TITLE}</title><body><div id=app></div></body></html>".encode()),
            "/other": reply(
                HTML.replace(TITLE, "Fish of the harbour")
                .replace(WORDS, "Herring and cod swim in the cold sea. " * 3)
                .encode()
            ),
            "/german": reply(GERMAN.encode()),
            "/picture": reply(b"\x89PNG", "image/png"),
            "/torn": reply(pdf.read_bytes()[:400], "application/pdf"),
        }
    )
    names = ("page", "file", "moved", "frame", "other", "german", "picture", "torn", "gone")
    listed(tiny_corpus, *((f"{RULES}-{n}", site.url(f"/{n}")) for n in names))
    assert fetched(advisor) == {
        f"{RULES}-page": "en",
        f"{RULES}-file": "en",
        f"{RULES}-moved": "en",
        f"{RULES}-frame": "page_empty",
        f"{RULES}-other": "page_other",
        f"{RULES}-german": "page_language",
        f"{RULES}-picture": "url_kind",
        f"{RULES}-torn": "malformed",
        f"{RULES}-gone": "url_status",
    }
    report = advisor.ingest()
    assert report.added == (f"{RULES}-file", f"{RULES}-moved", f"{RULES}-page")
    assert report.quarantined == ()
    original, digest = advisor.document(f"{RULES}-page"), advisor.document(RULES)
    assert (original.text_origin, original.verification, original.url) == (
        "original",
        "official_text",
        site.url("/page"),
    )
    assert original.texts["en"].startswith(f"# {TITLE}")
    assert "Home About" not in original.texts["en"]
    for name in (
        "number",
        "issued",
        "in_force_from",
        "in_force_to",
        "status",
        "jurisdiction",
        "topics",
        "superseded_by",
    ):
        assert getattr(original, name) == getattr(digest, name)
    assert [f for f in advisor.check()[1] if f.severity == "error"] == []


def test_fetching_again_changes_nothing_until_the_page_does(site, advisor, tiny_corpus):
    site.pages["/page"] = reply(HTML.encode())
    listed(tiny_corpus, (f"{RULES}-original", site.url("/page")))
    written = [o.written for _ in range(2) for o in advisor.fetch_originals(fetcher=LOCAL)]
    assert written == [True, False]
    site.pages["/page"] = reply(HTML.replace("level 2", "level 3").encode())
    assert [o.written for o in advisor.fetch_originals(fetcher=LOCAL)] == [True]
    site.pages.clear()
    assert fetched(advisor) == {f"{RULES}-original": "url_status"}
    advisor.ingest()
    assert "level 3" in advisor.document(f"{RULES}-original").texts["en"]  # what was fetched once stays


def test_one_document_can_be_chosen(site, advisor, tiny_corpus):
    listed(tiny_corpus, (f"{RULES}-original", site.url("/page")))
    assert refused(lambda: advisor.fetch_originals("nobody", fetcher=LOCAL)) == "document_unknown"
    assert [o.address.id for o in advisor.fetch_originals(RULES, fetcher=LOCAL)] == [f"{RULES}-original"]


def test_the_command_reports_each_address_and_breaks_nothing(site, command, tiny_corpus):
    listed(tiny_corpus, ("a-original", site.url("/a")), ("b-original", "ftp://b.test/b"))
    ran = command("originals", "fetch", "--json")
    assert ran.code == 0
    rows = {row["id"]: row["error"]["reason"] for row in json.loads(ran.out)}
    assert rows == {"a-original": "url_not_public", "b-original": "url_malformed"}
    assert len(ran.err.strip().splitlines()) == 2
    assert site.asked == []
    assert command("originals", "fetch", "--strict").code == 1
    (tiny_corpus / "originals.yaml").write_text("- {id: a}\n", "utf-8")
    assert json.loads(command("originals", "fetch", "--json").out)["error"]["reason"] == "schema"
