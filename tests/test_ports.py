"""One contract a port, held against the fake and the adapter alike."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEmbedder, ListLexicalEngine, ListVectorEngine, PlainReader

from advisor.adapters.chroma import ChromaEngine
from advisor.adapters.embedder import StaticEmbedder
from advisor.adapters.lexical import Bm25Engine
from advisor.adapters.originals import FileReader
from advisor.errors import CorpusError

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


@pytest.fixture(params=[ListVectorEngine, ChromaEngine], ids=["fake", "chroma"])
def vector_engine(request):
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


@pytest.fixture(params=[ListLexicalEngine, Bm25Engine], ids=["fake", "bm25s"])
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


@pytest.mark.parametrize("engine", [ListLexicalEngine(), Bm25Engine()], ids=["fake", "bm25s"])
def test_lexical_index_may_be_empty(engine, tmp_path):
    engine.build(tmp_path / "l", [])
    index = engine.open(tmp_path / "l")
    assert index.search([("补助", 1.0)], 5) == []


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
