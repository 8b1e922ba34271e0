"""One contract a port, held against the fake and the adapter alike."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEmbedder, ListLexicalEngine, ListVectorEngine, PlainReader

from advisor.adapters.chroma import ChromaEngine
from advisor.adapters.embedder import StaticEmbedder
from advisor.adapters.exact import ExactEngine, VectorsBySize
from advisor.adapters.lexical import Bm25Engine
from advisor.adapters.originals import FileReader
from advisor.errors import CorpusError
from advisor.ports import Earlier, GrowingLexicalEngine, GrowingVectorEngine, GrowingVectorIndex
from advisor.text import tokens

TEXTS = ["龙岩市按实际支出的50%给予补助", "Kit Digital closed on 31 October 2025", "制造执行系统 MES 车间排产"]


@pytest.fixture(params=["fake", "static"])
def embedder(request):
    return (
        HashingEmbedder()
        if request.param == "fake"
        else StaticEmbedder(Path(str(resources.files("advisor") / "models" / "embedder")))
    )


def test_embedder_gives_unit_float32_rows_the_same_each_time(embedder):
    rows = embedder.embed_passages(TEXTS)
    assert rows.shape == (3, embedder.dimension)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(rows, embedder.embed_passages(TEXTS), atol=1e-6)
    assert embedder.fingerprint


def test_embedder_finds_the_text_by_part_of_it(embedder):
    rows = embedder.embed_passages(TEXTS)
    question = embedder.embed_question("Kit Digital closed")
    assert question.shape == (embedder.dimension,)
    assert int(np.argmax(rows @ question)) == 1


def test_embedder_takes_no_texts_and_empty_texts(embedder):
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)
    assert np.isfinite(embedder.embed_passages(["", "\u3000"])).all()


def exact_for_all() -> VectorsBySize:
    return VectorsBySize(most=-1)


@pytest.fixture(
    params=[ListVectorEngine, ChromaEngine, ExactEngine, VectorsBySize, exact_for_all],
    ids=["fake", "chroma", "exact", "by size", "by size, large"],
)
def vector_engine(request):
    return request.param()


@pytest.fixture(
    params=[ChromaEngine, ExactEngine, VectorsBySize, exact_for_all], ids=["chroma", "exact", "by size", "large"]
)
def growing_engine(request):
    return request.param()


def unit(rows: int, dimension: int = 16) -> np.ndarray:
    drawn = np.random.default_rng(7).standard_normal((rows, dimension)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_vector_index_returns_neighbours_by_cosine_best_first(vector_engine, tmp_path):
    rows = unit(50)
    vector_engine.build(tmp_path / "v", [f"p{i}" for i in range(50)], rows)
    index = vector_engine.open(tmp_path / "v")
    found = index.search(rows[7], 5)
    expected = sorted(range(50), key=lambda i: -float(rows[i] @ rows[7]))[:5]
    assert [i for i, _ in found] == [f"p{i}" for i in expected]
    assert found[0][1] == pytest.approx(1.0, abs=1e-4)
    assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)
    assert [s for _, s in found] == pytest.approx([float(rows[i] @ rows[7]) for i in expected], abs=1e-4)
    index.close()


def test_vector_index_reads_every_vector_back(vector_engine, tmp_path):
    rows = unit(30)
    vector_engine.build(tmp_path / "v", [f"p{i}" for i in range(30)], rows)
    index = vector_engine.open(tmp_path / "v")
    ids, stored = index.vectors()
    assert sorted(ids) == sorted(f"p{i}" for i in range(30))
    assert np.allclose(stored, rows[[int(i[1:]) for i in ids]], atol=1e-6)
    assert len(index.search(rows[0], 100)) == 30
    index.close()


def test_vector_index_may_be_empty(vector_engine, tmp_path):
    vector_engine.build(tmp_path / "v", [], np.zeros((0, 16), dtype=np.float32))
    index = vector_engine.open(tmp_path / "v")
    assert index.search(unit(1)[0], 5) == []
    assert index.vectors()[0] == []
    index.close()


def test_an_extended_vector_index_finds_what_a_new_one_finds(growing_engine, tmp_path):
    rows = unit(60)
    before = [f"p{i}" for i in range(50)]
    growing_engine.build(tmp_path / "a", before, rows[:50])
    after = ["p0", *(f"p{i}" for i in range(10, 60))]  # nine are gone, ten are new, p0 has another vector
    vectors = rows[[59, *range(10, 60)]]
    unchanged = frozenset(f"p{i}" for i in range(10, 50))
    growing_engine.extend(tmp_path / "b", after, vectors, Earlier(tmp_path / "a", unchanged))
    growing_engine.build(tmp_path / "c", after, vectors)
    extended, built, old = (growing_engine.open(tmp_path / name) for name in "bca")
    assert isinstance(growing_engine, GrowingVectorEngine)
    assert isinstance(extended, GrowingVectorIndex)
    assert sorted(extended.ids()) == sorted(after)
    assert np.allclose(extended.vectors_of(after), vectors, atol=1e-6)
    with pytest.raises(KeyError):
        extended.vectors_of(["p1"])
    together = extended.search_many(rows[::7], 6)
    assert [[i for i, _ in found] for found in together] == [[i for i, _ in extended.search(r, 6)] for r in rows[::7]]
    for row in rows[::7]:
        assert [i for i, _ in extended.search(row, 6)] == [i for i, _ in built.search(row, 6)]
    assert sorted(old.ids()) == sorted(before)
    for index in (extended, built, old):
        index.close()


def test_of_many_rows_those_looked_at_in_full_hold_the_nearest(tmp_path, monkeypatch):
    monkeypatch.setattr("advisor.nearest._FEW", 1000)
    monkeypatch.setattr("advisor.nearest._TELLING", 12)
    monkeypatch.setattr("advisor.nearest._IN_FULL", 200)
    rows = unit(3000, 24) * (
        0.8 ** np.arange(24, dtype=np.float32)
    )  # as in any trained model, few directions tell most
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ExactEngine().build(tmp_path / "v", [f"p{i}" for i in range(3000)], rows)
    index = ExactEngine().open(tmp_path / "v")
    for i in (0, 17, 2999):
        wanted = np.argsort(-(rows @ rows[i]), kind="stable")[:10]
        found = index.search(rows[i], 10)
        assert [id for id, _ in found] == [f"p{w}" for w in wanted]
        assert found[0][1] == pytest.approx(1.0, abs=1e-5)
    assert len(index.search(rows[0], 300)) == 300


def test_an_index_that_outgrows_the_graph_is_searched_exactly(tmp_path):
    rows = unit(30)
    ids = [f"p{i}" for i in range(30)]
    engine = VectorsBySize(most=20)
    engine.build(tmp_path / "a", ids[:20], rows[:20])
    engine.extend(tmp_path / "b", ids, rows, Earlier(tmp_path / "a", frozenset(ids[:20])))
    assert (tmp_path / "a" / "chroma.sqlite3").exists()
    assert (tmp_path / "b" / "rows.npy").exists()
    index = engine.open(tmp_path / "b")
    assert index.search(rows[29], 1)[0][0] == "p29"
    index.close()


@pytest.fixture(params=[ListLexicalEngine, Bm25Engine], ids=["fake", "bm25"])
def lexical(request, tmp_path):
    engine = request.param()
    rows = [("a", TEXTS[0]), ("b", TEXTS[1]), ("c", TEXTS[2]), ("d", "补助补助补助"), ("e", "")]
    engine.build(tmp_path / "l", rows)
    return engine.open(tmp_path / "l")


def test_lexical_index_finds_words_of_both_languages(lexical):
    assert lexical.search([("kit digital", 1.0)], 5)[0][0] == "b"
    assert lexical.search([("车间排产", 1.0)], 5)[0][0] == "c"
    assert lexical.search([("ZZZ 鲸鱼", 1.0)], 5) == []
    assert lexical.search([("", 1.0)], 5) == []


def test_lexical_scores_are_the_weighted_sum_of_the_parts(lexical):
    one = dict(lexical.search([("补助", 1.0)], 5))
    two = dict(lexical.search([("车间排产", 1.0)], 5))
    both = dict(lexical.search([("补助", 1.0), ("车间排产", 0.5)], 5))
    assert set(both) == set(one) | set(two)
    for id, score in both.items():
        assert score == pytest.approx(one.get(id, 0) + 0.5 * two.get(id, 0), rel=1e-4)


def test_lexical_returns_at_most_k_best_first(lexical):
    found = lexical.search([("补助 digital mes", 1.0)], 2)
    assert len(found) == 2
    assert found[0][1] >= found[1][1] > 0


def test_rare_words_weigh_more(lexical):
    assert lexical.idf("never seen") > lexical.idf("补助") > 0


@pytest.mark.parametrize("engine", [ListLexicalEngine(), Bm25Engine()], ids=["fake", "bm25"])
def test_lexical_index_may_be_empty(engine, tmp_path):
    engine.build(tmp_path / "l", [])
    index = engine.open(tmp_path / "l")
    assert index.search([("补助", 1.0)], 5) == []


WORDS = [
    ("a", "龙岩市按实际支出的50%给予补助，龙岩"),
    ("b", "Kit Digital closed on 31 October 2025; the kit is closed"),
    ("c", "制造执行系统 MES 车间排产"),
    ("d", ""),
    ("e", "补助补助补助"),
]


def test_an_extended_lexical_index_is_the_new_one_to_the_last_byte(tmp_path):
    engine = Bm25Engine()
    assert isinstance(engine, GrowingLexicalEngine)
    engine.build(tmp_path / "a", [*WORDS, ("gone", "鲸鱼灯塔 whale")])
    after = [("a", "another text"), *WORDS[1:3], ("new", "电子发票 invoice"), *WORDS[3:]]
    engine.extend(tmp_path / "b", after, Earlier(tmp_path / "a", frozenset("bcde")))
    engine.build(tmp_path / "c", after)
    files = sorted(p.name for p in (tmp_path / "c").iterdir())
    assert sorted(p.name for p in (tmp_path / "b").iterdir()) == files
    for name in files:
        assert (tmp_path / "b" / name).read_bytes() == (tmp_path / "c" / name).read_bytes(), name


def test_lexical_scores_are_those_of_bm25s(tmp_path):
    bm25s = pytest.importorskip("bm25s")
    theirs = bm25s.BM25(method="lucene", k1=1.2, b=0.6)
    theirs.index([tokens(text) for _, text in WORDS], show_progress=False)
    Bm25Engine().build(tmp_path / "l", WORDS)
    ours = Bm25Engine().open(tmp_path / "l")
    for word in {t for _, text in WORDS for t in tokens(text) if tokens(t) == [t]}:
        scores = theirs.get_scores([word])
        assert dict(ours.search([(word, 1.0)], 9)) == {WORDS[i][0]: s for i, s in enumerate(scores.tolist()) if s > 0}


@pytest.fixture(params=[PlainReader, FileReader], ids=["fake", "files"])
def reader(request):
    return request.param()


def test_reader_gives_the_text_and_its_language(reader, tmp_path):
    path = tmp_path / "a.md"
    path.write_text("# 补助办法\n\n补助50%。\n", "utf-8")
    extracted = reader.read(path)
    assert extracted.text == "# 补助办法\n\n补助50%。\n"
    assert extracted.language == "zh"
    assert extracted.extractor


def test_reader_refuses_what_it_cannot_decode(reader, tmp_path):
    path = tmp_path / "gbk.md"
    path.write_bytes("补助办法".encode("gbk"))
    with pytest.raises(CorpusError) as caught:
        reader.read(path)
    assert caught.value.reason == "encoding_unknown"
    assert str(path) in str(caught.value)
