"""Generations: written whole, proved, switched by one pointer; whatever dies, the last good one answers."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import AS_OF, ROOT, TESTS, small_advisor
from fakes import HashingEmbedder, ListVectorEngine, ListVectorIndex

from advisor import Question, Settings, open_advisor
from advisor.adapters.chroma import ChromaEngine
from advisor.adapters.exact import VectorsBySize
from advisor.adapters.lexical import Bm25Engine
from advisor.errors import Busy, CorpusError, IndexFault
from advisor.ingest.publish import writer_lock
from advisor.model import Reply

ASKS = Question("What share does the Southvale digital voucher cover at level 2?", as_of=AS_OF)
VOUCHER = "southvale-voucher"


def set_share(corpus: Path, share: int) -> None:
    """Another share in both texts and the record of the voucher."""
    folder = corpus / "documents" / VOUCHER
    for name in ("zh.md", "en.md", "document.yaml"):
        text = (folder / name).read_text("utf-8")
        old = json.loads((corpus / "share.json").read_text()) if (corpus / "share.json").exists() else 25
        text = (
            text.replace(f"{old}%", f"{share}%")
            .replace(f"{old} %", f"{share} %")
            .replace(f"value: {old / 100}", f"value: {share / 100}")
        )
        (folder / name).write_text(text, "utf-8")
    (corpus / "share.json").write_text(str(share))


def says(advisor, share: int) -> bool:
    reply = advisor.ask(ASKS)
    quotes = [c.quote for s in reply.statements for c in s.citations if c.document == VOUCHER]
    return any(f" {share} %" in q for q in quotes)


# --- what an ingest does --------------------------------------------------------------------------


def test_a_second_ingest_does_nothing(advisor):
    name, embedded = advisor.layout.current(), advisor.embedder.embedded
    report = advisor.ingest()
    assert (report.built, report.added, report.changed, report.removed) == (False, (), (), ())
    assert (report.generation, advisor.layout.current()) == (name, name)
    assert advisor.embedder.embedded == embedded


def test_only_what_changed_is_embedded_again(advisor, tiny_corpus):
    before = advisor.embedder.embedded
    set_share(tiny_corpus, 35)
    report = advisor.ingest()
    assert report.built
    assert report.changed == (VOUCHER,)
    assert 0 < advisor.embedder.embedded - before <= len(advisor.passages(VOUCHER))


def test_a_rebuild_takes_every_vector_from_the_cache(advisor):
    before = advisor.embedder.embedded
    assert advisor.ingest(force=True).built
    assert advisor.embedder.embedded == before


def test_another_embedder_never_shares_vectors(advisor):
    first = advisor.layout.current()
    advisor.embedder = HashingEmbedder(salt="another")
    report = advisor.ingest()
    assert report.built
    assert report.generation != first
    assert advisor.embedder.embedded >= report.passages


def test_a_broken_cache_is_dropped(advisor, tiny_corpus):
    advisor.layout.cache.write_bytes(b"not a database" * 100)
    set_share(tiny_corpus, 35)
    assert advisor.ingest().built
    assert says(advisor, 35)


def test_a_removed_document_is_gone(advisor, tiny_corpus):
    shutil.rmtree(tiny_corpus / "documents" / VOUCHER)
    assert advisor.ingest().removed == (VOUCHER,)
    reply = advisor.ask(ASKS)
    assert VOUCHER not in {h.passage.document for h in reply.hits}


def test_a_broken_document_is_quarantined_and_the_rest_goes_on(advisor, tiny_corpus):
    (tiny_corpus / "documents" / VOUCHER / "document.yaml").write_text("title: [", "utf-8")
    report = advisor.ingest()
    assert [e.reason for e in report.quarantined] == ["yaml_broken"]
    assert "southvale-voucher/document.yaml:" in str(report.quarantined[0])
    assert report.documents == 5


def test_no_corpus_is_an_error_and_keeps_the_index(advisor, tiny_corpus):
    before = advisor.layout.current()
    shutil.rmtree(tiny_corpus)
    with pytest.raises(CorpusError, match="ADVISOR_CORPUS"):
        advisor.ingest()
    assert advisor.layout.current() == before
    assert says(advisor, 25)


def test_an_overlay_document_replaces_the_shipped_one(advisor, tiny_corpus):
    own = advisor.layout.overlay / "documents" / VOUCHER
    shutil.copytree(tiny_corpus / "documents" / VOUCHER, own)
    (own / "en.md").write_text(
        "# Voucher\n\nThe Southvale digital voucher covers 77 % of the cost at level 2.\n", "utf-8"
    )
    advisor.ingest()
    assert says(advisor, 77)


# --- readers --------------------------------------------------------------------------------------


def test_a_running_advisor_moves_over_between_questions(advisor, tiny_corpus, tmp_path):
    assert says(advisor, 25)
    first = advisor.layout.current()
    set_share(tiny_corpus, 35)
    small_advisor(tiny_corpus, tmp_path / "home").ingest()
    reply = advisor.ask(ASKS)
    assert reply.receipt["generation"] == advisor.layout.current() != first
    assert says(advisor, 35)


def test_an_answer_in_flight_finishes_on_its_own_generation(advisor, tiny_corpus, tmp_path):
    first = advisor.layout.current()
    steps = advisor.stages(ASKS)
    next(steps)
    for share in (35, 45):
        set_share(tiny_corpus, share)
        small_advisor(tiny_corpus, tmp_path / "home").ingest()
        assert says(advisor, share)
    reply = [s for s in steps if isinstance(s, Reply)][0]
    assert reply.receipt["generation"] == first
    assert any(" 25 %" in s.text for s in reply.statements)


def test_a_retired_generation_closes_with_its_last_reader(advisor):
    generation = advisor._shelf.current()
    closed = []
    generation.vector.close = lambda: closed.append(True)
    with generation, generation:
        generation.retire()
        assert closed == []
    assert closed == [True]


def test_only_the_current_and_the_previous_generation_stay(advisor, tiny_corpus):
    names = [advisor.layout.current()]
    for share in (35, 45, 55):
        set_share(tiny_corpus, share)
        names.append(advisor.ingest().generation)
    assert sorted(p.name for p in advisor.layout.generations.iterdir()) == sorted(names[-2:])
    assert (advisor.layout.current(), advisor.layout.previous()) == (names[-1], names[-2])


def test_replay_answers_from_the_previous_generation(advisor, tiny_corpus):
    old = advisor.ask(ASKS)
    set_share(tiny_corpus, 35)
    advisor.ingest()
    again, differs = advisor.replay(dict(old.receipt), ASKS)
    assert differs == []
    assert again.answer == old.answer


# --- proof ----------------------------------------------------------------------------------------


class Losing(ListVectorEngine):
    def build(self, directory, ids, vectors):
        super().build(directory, ids[:-1], vectors[:-1])


class Altering(ListVectorEngine):
    def build(self, directory, ids, vectors):
        vectors = vectors.copy()
        vectors[0] = np.roll(vectors[0], 1)
        super().build(directory, ids, vectors)


class Unreachable(ListVectorEngine):
    """Holds every vector and finds none: what a broken graph looks like."""

    def open(self, directory):
        class Lost(ListVectorIndex):
            def search(self, vector, k):
                return super().search(-vector, k)

        return Lost(directory)


@pytest.mark.parametrize(
    ("engine", "reason"),
    [(Losing, "index_incomplete"), (Altering, "index_vectors_differ"), (Unreachable, "index_self_query")],
)
def test_an_index_that_fails_its_proof_is_never_switched_to(advisor, tiny_corpus, engine, reason):
    before = advisor.layout.current()
    set_share(tiny_corpus, 35)
    advisor.vector = engine()
    with pytest.raises(IndexFault) as caught:
        advisor.ingest(force=True)
    assert caught.value.reason == reason
    assert advisor.layout.current() == before
    assert [p.name for p in advisor.layout.generations.iterdir()] == [before]
    assert says(advisor, 25)


def damage(*relative: str):
    def cut(folder: Path) -> None:
        hurt = [p for name in relative for p in folder.glob(name)]
        assert hurt, relative
        for path in hurt:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return cut


def forget(*relative: str):
    def drop(folder: Path) -> None:
        for name in relative:
            for path in list(folder.glob(name)):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    return drop


def lower_a_figure(folder: Path) -> None:
    path = folder / "documents.json"
    path.write_bytes(path.read_bytes().replace(b"90,000", b"10,000"))


def swap_two_vectors(folder: Path) -> None:
    """Every id is there, every vector is there, two are exchanged: only the stored copy tells."""
    import chromadb

    client = chromadb.PersistentClient(path=str(folder / "vector"))
    rows = client.get_collection("passages", embedding_function=None)
    two = rows.get(include=["embeddings"], limit=2)
    rows.update(ids=two["ids"], embeddings=two["embeddings"][::-1])
    client.close()


def swap_two_rows(folder: Path) -> None:
    path = folder / "vector" / "rows.npy"
    rows = np.load(path)
    rows[[0, -1]] = rows[[-1, 0]]
    np.save(path, rows)


@pytest.mark.parametrize(
    "hurt",
    [
        damage("vector/rows.npy"),
        damage("vector/ids.json"),
        damage("sources.json"),
        forget("vector/rows.npy"),
        forget("vector"),
        swap_two_rows,
    ],
    ids="rows ids sources no-rows no-vectors swapped".split(),
)
def test_damage_to_exact_vectors_is_noticed_and_rebuilt(advisor, hurt):
    advisor.close()
    advisor.lexical, advisor.vector = Bm25Engine(), VectorsBySize(most=-1)
    advisor.__dict__.pop("_shelf", None)
    first = advisor.ingest(force=True).generation
    hurt(advisor.layout.generations / first)
    report = advisor.ingest()
    assert report.built
    assert report.generation != first
    assert says(advisor, 25)


@pytest.mark.parametrize(
    "hurt",
    [
        damage("manifest.json"),
        damage("passages.json"),
        damage("places.json"),
        damage("lexical/*.npy"),
        damage("lexical/ids.json"),
        damage("reading/*.npy"),
        damage("vector/chroma.sqlite3"),
        forget("manifest.json"),
        forget("vector"),
        forget("*"),
        lower_a_figure,
        swap_two_vectors,
    ],
    ids="manifest passages places bm25 ids reading sqlite no-manifest no-vectors nothing figure swapped".split(),
)
def test_a_damaged_current_generation_is_noticed_and_rebuilt(advisor, hurt):
    advisor.close()
    advisor.lexical, advisor.vector = Bm25Engine(), ChromaEngine()
    advisor.__dict__.pop("_shelf", None)
    first = advisor.ingest(force=True).generation
    hurt(advisor.layout.generations / first)
    report = advisor.ingest()
    assert report.built
    assert report.generation != first
    assert says(advisor, 25)


@pytest.mark.slow
def test_a_lost_vector_segment_is_noticed_though_every_id_is_still_counted(advisor):
    body = "\n".join(
        f"## Part {i}\n\nThe valve number {i} of the test plant is turned by crew {i * 7}.\n" for i in range(1200)
    )
    own = advisor.layout.overlay / "documents" / "long"
    own.mkdir(parents=True)
    (own / "en.md").write_text(body, "utf-8")
    (own / "document.yaml").write_text("title: {en: Valves}\nkind: guide\ntext_origin: original\n", "utf-8")
    advisor.lexical, advisor.vector = Bm25Engine(), ChromaEngine()
    first = advisor.ingest(force=True).generation
    forget("vector/*-*")(advisor.layout.generations / first)
    assert advisor.ingest().built
    assert advisor.ingest().built is False


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"generation": 5}', b'{"generation": "g-gone"}', b"\xff\xfe", b"null"]
)
def test_a_corrupt_pointer_is_rebuilt_by_the_next_ingest(advisor, content):
    advisor.layout.pointer.write_bytes(content)
    advisor.close()
    with pytest.raises(IndexFault):
        advisor.ask(ASKS)
    assert advisor.ingest().built
    assert says(advisor, 25)


# --- generations that begin as the one before ------------------------------------------------------


def put_note(advisor, name: str, text: str) -> None:
    own = advisor.layout.overlay / "documents" / name
    own.mkdir(parents=True, exist_ok=True)
    (own / "en.md").write_text(text, "utf-8")
    (own / "document.yaml").write_text(f"title: {{en: {name}}}\nkind: guide\ntext_origin: own\n", "utf-8")


class Counting(Bm25Engine):
    """Remembers whether an index was begun anew."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def build(self, directory, rows):
        self.done.append("built")
        super().build(directory, rows)

    def extend(self, directory, rows, earlier):
        self.done.append("extended")
        super().extend(directory, rows, earlier)


@pytest.fixture(params=[100_000, -1], ids=["graph", "exact"])
def large(advisor, request):
    """An advisor with the product's engines on a corpus that one more document hardly changes."""
    put_note(advisor, "long", "\n".join(f"## Part {i}\n\nValve {i} is turned by crew {i * 7}.\n" for i in range(200)))
    advisor.lexical, advisor.vector = Counting(), VectorsBySize(request.param)
    advisor.close()
    advisor.__dict__.pop("_shelf", None)
    advisor.ingest(force=True)
    yield advisor
    advisor.close()


def files_of(advisor) -> dict[str, bytes]:
    folder = advisor.layout.generations / advisor.layout.current()
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def alike(one: dict[str, bytes], other: dict[str, bytes]) -> bool:
    """Equal but for what says how they were made, and the graph's own files."""
    return all(one[n] == other[n] for n in one if n != "manifest.json" and not n.startswith("vector/"))


def test_a_generation_that_begins_as_the_one_before_is_what_a_full_build_gives(large):
    put_note(large, "lighthouse", "The Northport lighthouse is painted every 9 years.\n")
    put_note(large, "gone", "A note that does not stay.\n")
    large.ingest()
    shutil.rmtree(large.layout.overlay / "documents" / "gone")
    put_note(large, "lighthouse", "The Northport lighthouse is painted every 8 years.\n")
    report = large.ingest()
    assert (report.changed, report.removed) == (("lighthouse",), ("gone",))
    assert large.lexical.done == ["built", "extended", "extended"]
    question = Question("How often is the Northport lighthouse painted?", as_of=AS_OF)
    grown, reply = files_of(large), large.ask(question)
    assert "every 8 years" in reply.answer
    large.ingest(force=True)
    assert large.lexical.done[-1] == "built"
    assert alike(grown, files_of(large))
    assert large.ask(question).hits == reply.hits
    assert large.ingest().built is False


def test_documents_whose_files_are_the_same_are_not_read_again(large, monkeypatch):
    put_note(large, "lighthouse", "The Northport lighthouse is painted every 9 years.\n")
    read = []
    monkeypatch.setattr("advisor.ingest.read.read_text", lambda path: read.append(path.parent.name) or path.read_text())
    large.ingest()
    assert set(read) <= {"lighthouse", large.settings.corpus.name}


def test_a_change_that_keeps_size_and_date_is_seen(large):
    put_note(large, "lighthouse", "The Northport lighthouse is painted every 9 years.\n")
    large.ingest()
    path = large.layout.overlay / "documents" / "lighthouse" / "en.md"
    before = path.stat()
    path.write_text(path.read_text("utf-8").replace("9", "8"), "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert large.ingest().changed == ("lighthouse",)


def test_after_many_small_changes_everything_is_built_and_proved_anew(large):
    for year in range(40):
        put_note(large, f"note-{year}", f"In year {year} the lighthouse was painted.\n")
        large.ingest()
    assert large.lexical.done.count("built") >= 2
    assert large.lexical.done.count("extended") >= 30


def test_what_other_code_made_is_no_basis(large, monkeypatch):
    monkeypatch.setattr("advisor.ingest.flow.made_by", lambda: "another release")
    put_note(large, "lighthouse", "The Northport lighthouse is painted every 9 years.\n")
    assert large.ingest().built
    assert large.lexical.done == ["built", "built"]


class LosingOne(VectorsBySize):
    def extend(self, directory, ids, vectors, earlier):
        super().extend(directory, ids[:-1], vectors[:-1], earlier)


class AlteringNew(VectorsBySize):
    def extend(self, directory, ids, vectors, earlier):
        changed = np.array([np.roll(v, 1) if i not in earlier.unchanged else v for i, v in zip(ids, vectors)])  # noqa: B905
        super().extend(directory, ids, changed, earlier)


class AlteringKept(VectorsBySize):
    def extend(self, directory, ids, vectors, earlier):
        changed = np.array([np.roll(v, 1) if i in earlier.unchanged else v for i, v in zip(ids, vectors)])  # noqa: B905
        super().extend(directory, ids, changed, earlier)


@pytest.mark.parametrize(
    ("engine", "reason"),
    [
        (LosingOne, "index_incomplete"),
        (AlteringNew, "index_vectors_differ"),
        (AlteringKept, "index_vectors_differ"),
    ],
)
def test_a_copy_that_fails_its_proof_is_never_switched_to(advisor, engine, reason):
    put_note(advisor, "long", "\n".join(f"## Part {i}\n\nValve {i} is turned by crew {i * 7}.\n" for i in range(200)))
    advisor.lexical, advisor.vector = Bm25Engine(), engine(most=-1)
    before = advisor.ingest(force=True).generation
    put_note(advisor, "lighthouse", "The Northport lighthouse is painted every 9 years.\n")
    with pytest.raises(IndexFault) as caught:
        advisor.ingest()
    assert caught.value.reason == reason
    assert advisor.layout.current() == before


def test_an_index_of_another_release_is_built_anew_when_an_advisor_opens(advisor, tiny_corpus):
    manifest = advisor.layout.generations / advisor.layout.current() / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"format": "', '"format": "before-'), "utf-8")
    assert advisor.layout.outdated()
    fresh = open_advisor(Settings(corpus=tiny_corpus, home=advisor.layout.home))
    assert not fresh.layout.outdated()
    assert fresh.status()["documents"] == 6
    fresh.close()


# --- one writer -----------------------------------------------------------------------------------

HOLD = """
import sys, time
from pathlib import Path
from advisor.generation import Layout
from advisor.ingest.publish import writer_lock
with writer_lock(Layout(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(advisor):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(advisor.layout.home)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_writer_is_refused_and_told_who_writes(advisor, holder):
    began = time.monotonic()
    with pytest.raises(Busy) as caught:
        advisor.ingest()
    assert time.monotonic() - began <= 2
    assert caught.value.reason == "locked"
    assert f"process {holder.pid}" in str(caught.value)


def test_a_chat_starts_beside_a_writer(advisor, holder):
    assert advisor.ready() is None
    assert says(advisor, 25)


def test_the_lock_of_a_dead_writer_is_free(advisor, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert advisor.ingest().built is False
    with writer_lock(advisor.layout):
        pass


# --- kills ----------------------------------------------------------------------------------------


@pytest.fixture
def victim():
    """Forks an ingest for each order and reports how it ended."""
    process = subprocess.Popen(
        [sys.executable, str(TESTS / "killed_ingest.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}"},
    )
    assert process.stdout.readline() == "warm\n"

    def order(**words: object) -> int:
        process.stdin.write(json.dumps(words) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())

    yield order
    process.stdin.close()
    process.wait(20)


AIMED = [
    ("open", "embeddings.sqlite", 0),
    ("open", "documents.json", 0),
    ("open", "passages.json", 0),
    ("open", "terms.json", 0),
    ("open", "manifest.json", 0),
    ("open", "current.tmp", 0),
    ("os.rename", "/.g-", 0),
    ("os.rename", "current.tmp", 0),
    ("os.rename", "current.tmp", 0.0005),
]


@pytest.mark.slow
def test_whatever_is_killed_the_old_generation_answers_and_the_next_ingest_succeeds(victim, tiny_corpus, tmp_path):
    chance = random.Random(20261124)
    during_the_index = [("open", "industries.json", round(chance.uniform(0.001, 0.25), 4)) for _ in range(8)]
    anywhere = [("open", "writer.holder", round(chance.uniform(0, 0.6), 4)) for _ in range(5)]
    advisor = small_advisor(tiny_corpus, tmp_path / "home")
    advisor.lexical, advisor.vector = Bm25Engine(), ChromaEngine()
    advisor.ingest()
    share, killed = 25, 0
    for event, part, delay in [*AIMED, *during_the_index, *anywhere]:
        set_share(tiny_corpus, share + 1)
        ended = victim(home=str(tmp_path / "home"), corpus=str(tiny_corpus), event=event, part=part, delay=delay)
        assert ended in (0, -signal.SIGKILL), (event, part, delay)
        killed += ended != 0
        assert says(advisor, share) or says(advisor, share + 1), (event, part, delay)
        report = advisor.ingest()
        assert report.documents == 6
        assert report.quarantined == ()
        share += 1
        assert says(advisor, share), (event, part, delay)
        assert len(list(advisor.layout.generations.iterdir())) <= 2
    advisor.close()
    assert killed >= len(AIMED)
