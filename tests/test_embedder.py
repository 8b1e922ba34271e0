"""The committed embedder: what it promises about any text, and that Chinese and English meet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from advisor.adapters.embedder import StaticEmbedder

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
