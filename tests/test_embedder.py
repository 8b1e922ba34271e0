"""The committed embedder: what it promises about any text, and that Chinese and English meet."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from advisor.adapters.embedder import SentenceTransformerEmbedder, StaticEmbedder, prefixes

FOLDER = Path(__file__).resolve().parents[1] / "advisor" / "models" / "embedder"
TRANSLATIONS = [
    ("这家工厂想把设备数据放到云上", "This factory wants to move its machine data to the cloud"),
    ("网络出现故障时应该怎么办", "What should one do when the network breaks down"),
    ("请在三十天内提交申请表", "Please submit the application form within thirty days"),
    ("我们需要培训员工使用新软件", "We need to train staff to use the new software"),
    ("定期备份文件并检查密码", "Back up files regularly and check the passwords"),
    ("政府为小企业提供补贴", "The government gives subsidies to small companies"),
]


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder(FOLDER)


def test_rows_have_length_one(embedder: StaticEmbedder) -> None:
    rows = embedder.embed_passages([text for pair in TRANSLATIONS for text in pair])
    assert rows.dtype == np.float32
    assert rows.shape == (2 * len(TRANSLATIONS), embedder.dimension)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_a_text_without_words_is_zero(embedder: StaticEmbedder) -> None:
    assert not embedder.embed_question("……！ ").any()


def test_same_text_same_vector(embedder: StaticEmbedder) -> None:
    alone = embedder.embed_question(TRANSLATIONS[0][0])
    among = embedder.embed_passages([zh for zh, _ in TRANSLATIONS])[0]
    np.testing.assert_array_equal(alone, among)


def test_traditional_spelling_has_the_same_vector(embedder: StaticEmbedder) -> None:
    np.testing.assert_allclose(embedder.embed_question("電子發票"), embedder.embed_question("电子发票"), atol=1e-5)


@pytest.mark.parametrize("number", range(len(TRANSLATIONS)))
def test_a_translation_is_nearest_both_ways(embedder: StaticEmbedder, number: int) -> None:
    zh = embedder.embed_passages([zh for zh, _ in TRANSLATIONS])
    en = embedder.embed_passages([en for _, en in TRANSLATIONS])
    assert int(np.argmax(en @ zh[number])) == number
    assert int(np.argmax(zh @ en[number])) == number


@pytest.mark.slow
def test_sentence_transformers_gives_the_same_vectors(embedder: StaticEmbedder) -> None:
    sentence_transformers = pytest.importorskip("sentence_transformers")
    model = sentence_transformers.SentenceTransformer(str(FOLDER), device="cpu")
    texts = [text for pair in TRANSLATIONS for text in pair] + ["數位轉型 ＥＲＰ v2.0", "unknown \u2603 sign"]
    np.testing.assert_allclose(embedder.embed_passages(texts), model.encode(texts), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "prompts", "expected"),
    [
        ("intfloat/multilingual-e5-small", {}, ("query: ", "passage: ")),
        ("/models/e5-base-v2/", {"query": "", "document": ""}, ("query: ", "passage: ")),
        ("BAAI/bge-small-zh-v1.5", {}, ("为这个句子生成表示以用于检索相关文章：", "")),
        ("BAAI/bge-base-en-v1.5", {}, ("Represent this sentence for searching relevant passages: ", "")),
        ("BAAI/bge-m3", {}, ("", "")),
        ("nomic-ai/nomic-embed-text-v1.5", {}, ("search_query: ", "search_document: ")),
        ("Qwen/Qwen3-Embedding-0.6B", {"query": "Own: ", "document": ""}, ("Own: ", "")),
        ("some/model-e5-like", {"passage": "P: ", "query": "Q: "}, ("Q: ", "P: ")),
        ("sentence-transformers/all-MiniLM-L6-v2", {}, ("", "")),
    ],
)
def test_a_model_gets_the_prefixes_it_wants(name: str, prompts: dict[str, str], expected: tuple[str, str]) -> None:
    assert prefixes(name, prompts) == expected


@pytest.mark.parametrize("name", ["intfloat/multilingual-e5-large-instruct", "Qwen/Qwen3-Embedding-8B"])
def test_an_instructed_model_without_prompts_gets_an_instruction_for_questions_only(name: str) -> None:
    question, passage = prefixes(name, {})
    assert question.startswith("Instruct: ")
    assert question.endswith("Query: ")
    assert passage == ""


@pytest.mark.slow
def test_another_model_is_served_with_its_prefixes(tmp_path: Path) -> None:
    """Our own model under a name of the E5 family: a question is embedded as `query: …`, a passage as `passage: …`."""
    pytest.importorskip("sentence_transformers")
    folder = shutil.copytree(FOLDER, tmp_path / "e5-of-ours")
    ours, other = StaticEmbedder(FOLDER), SentenceTransformerEmbedder(str(folder))
    assert other.dimension == ours.dimension
    np.testing.assert_allclose(other.embed_question("补贴"), ours.embed_question("query: 补贴"), atol=1e-5)
    np.testing.assert_allclose(other.embed_passages(["补贴"]), ours.embed_passages(["passage: 补贴"]), atol=1e-5)
    assert other.embed_passages([]).shape == (0, ours.dimension)
    before = other.fingerprint
    os.utime(next(folder.rglob("model.safetensors")), ns=(1, 1))
    assert SentenceTransformerEmbedder(str(folder)).fingerprint != before


def test_a_question_without_a_word_is_near_to_nothing(embedder: StaticEmbedder) -> None:
    pieces, lengths = embedder.cut(["数字化 is here", "x"])
    words, nearest, products = embedder.compare("", np.ones((1, embedder.dimension), np.float32), pieces, lengths)
    assert words == ()
    assert nearest.shape == (2, 0)
    assert products.shape == (2, 1)
