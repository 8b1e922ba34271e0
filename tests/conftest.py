"""What every test stands on: no network, small advisors on a small corpus, and the real corpus once a session."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from fakes import HashingEmbedder, ListLexicalEngine, ListVectorEngine

from advisor.settings import Settings
from advisor.wiring import Advisor, shipped_corpus

TESTS = Path(__file__).parent
ROOT = TESTS.parent
TINY = TESTS / "tiny_corpus"
AS_OF = date(2026, 11, 24)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to any other machine fails the test that makes it."""
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def allow(address: object) -> None:
        if isinstance(address, tuple) and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test reached for the network: {address}")

    def guarded(self: socket.socket, address: object) -> None:
        allow(address)
        return connect(self, address)

    def guarded_ex(self: socket.socket, address: object) -> int:
        allow(address)
        return connect_ex(self, address)

    def guarded_lookup(host: object, *rest: object, **more: object) -> object:
        if host not in (None, "", "0.0.0.0", *_LOOPBACK, b"localhost"):
            raise AssertionError(f"a test asked for the address of {host!r}")
        return lookup(host, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)


@pytest.fixture(autouse=True)
def own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests leaks in."""
    for name in [n for n in os.environ if n.startswith("ADVISOR_")]:
        monkeypatch.delenv(name)
    for name in ("LANG", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def tiny_corpus(tmp_path: Path) -> Path:
    """A copy of the small corpus that a test may change."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny_corpus"))


def small_advisor(corpus: Path, home: Path) -> Advisor:
    """An advisor with fakes for embedder and both engines."""
    advisor = Advisor(Settings(corpus=corpus, home=home), ListLexicalEngine(), ListVectorEngine())
    advisor.embedder = HashingEmbedder()
    return advisor


@pytest.fixture
def advisor(tiny_corpus: Path, tmp_path: Path) -> Iterator[Advisor]:
    """Ready to answer from the small corpus."""
    small = small_advisor(tiny_corpus, tmp_path / "home")
    small.ingest()
    yield small
    small.close()


@pytest.fixture(scope="session")
def full_advisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Advisor]:
    """The shipped corpus behind the shipped embedder, lexical and vector engines."""
    full = Advisor(Settings(corpus=shipped_corpus(), home=tmp_path_factory.mktemp("full")))
    full.ingest()
    yield full
    full.close()


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def process(tiny_corpus: Path, tmp_path: Path) -> Callable[..., Ran]:
    """Runs `advisor …` as a process of its own, on the small corpus and a home of its own."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("ADVISOR_")}
    surroundings |= {"ADVISOR_CORPUS": str(tiny_corpus), "ADVISOR_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"}

    def run(*arguments: str, **more: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "advisor.cli", *arguments],
            cwd=tmp_path,
            env={**surroundings, "PYTHONPATH": str(ROOT), **more},
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def command(
    tiny_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """The same within this process: what a command prints, also from below Python, and how it exits."""
    from advisor.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def run(*arguments: str, **more: str) -> Ran:
        for name, value in {
            "ADVISOR_CORPUS": str(tiny_corpus),
            "ADVISOR_HOME": str(tmp_path / "home"),
            "LANG": "C.UTF-8",
            **more,
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["advisor", *arguments])
        capfd.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return Ran(code, *capfd.readouterr())

    return run
