"""Sentences read at ingest: what is stored of them is what a reader of their text would find."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEmbedder

from advisor.adapters.embedder import StaticEmbedder
from advisor.ingest.split import split
from advisor.model import Bilingual, Document
from advisor.offers import SIGNS, offers
from advisor.reading import KINDS, Reading, joined, letters, numbers, read
from advisor.text import tokens

ZH = "# 补多少\n\n二级企业补50%，最高25万元。\n2025年10月31日截止。\n"
EN = "# What it pays\n\nLevel 2 firms get 50 %, at most CNY 250,000.\nIt closes on 31 October 2025.\n"


@pytest.fixture(scope="module")
def embedder() -> StaticEmbedder:
    return StaticEmbedder(Path(str(resources.files("advisor") / "models" / "embedder")))


def document(id: str = "pays", **texts: str) -> Document:
    return Document(id, Bilingual(zh="补助", en="Aid"), "policy", "own", texts=texts or {"zh": ZH, "en": EN})


def reading_of(*documents: Document, embedder: object = None) -> Reading:
    passages = [p for d in documents for p in split(d)]
    return read(passages, {d.id: d for d in documents}, embedder or HashingEmbedder())  # type: ignore[arg-type]


def test_words_letters_and_figures_of_each_sentence() -> None:
    own = document()
    said = reading_of(own)
    texts = [own.texts["zh"][a:b] for a, b in zip(said.start[:2], said.end[:2], strict=True)]
    assert texts == ["二级企业补50%，最高25万元。", "2025年10月31日截止。"]
    for i, text in enumerate(texts):
        row = np.array([i])
        assert said.words.of(row).values.tolist() == sorted(set(numbers(tokens(text)).tolist()))
        assert said.letters.of(row).values.tolist() == letters(text).tolist()
    assert {k for i, k in enumerate(KINDS) if said.kinds[0] >> i & 1} == {"money", "percent", "level"}
    assert said.levels.tolist() == [1 << 2, 0, 1 << 2, 0]
    assert said.years.values.tolist() == [2025, 2025]
    assert [bool(said.signs[i] >> SIGNS.index("status") & 1) for i in range(2)] == [False, True]
    assert offers(texts[0], {"money"})["money"] == 1.0
    assert said.listed.tolist() == [0, 0, 1, 0]


def test_a_sentence_knows_its_twin_in_the_other_language() -> None:
    own = document()
    said = reading_of(own)
    twins = [own.texts["en"][a:b] for a, b in zip(said.twin_start[:2], said.twin_end[:2], strict=True)]
    assert twins == ["Level 2 firms get 50 %, at most CNY 250,000.", "It closes on 31 October 2025."]
    alone = reading_of(document(zh=ZH))
    assert not (alone.twin_end > alone.twin_start).any()


def test_pieces_give_what_the_texts_give(embedder: StaticEmbedder) -> None:
    own = document()
    said = reading_of(own, embedder=embedder)
    texts = [own.texts["zh"][a:b] for a, b in zip(said.start[:2], said.end[:2], strict=True)]
    direction = embedder.embed_question("最高补多少")
    words, near, products = embedder.compare(
        "最高补多少", direction[None], said.pieces.of(np.arange(2)), said.lengths[:2]
    )
    wanted_words, wanted = embedder.nearest_words("最高补多少", texts)
    assert words == wanted_words
    np.testing.assert_allclose(near, wanted, atol=1e-5)
    np.testing.assert_allclose(products[:, 0], embedder.embed_passages(texts) @ direction, atol=1e-5)


def test_what_is_stored_comes_back_and_readings_join(tmp_path: Path, embedder: StaticEmbedder) -> None:
    one, two = document(), replace(document("other", en=EN), title=Bilingual(en="Other"))
    both = reading_of(one, two, embedder=embedder)
    both.save(tmp_path / "reading")
    assert Reading.load(tmp_path / "reading").same(both)
    apart = joined(reading_of(two, embedder=embedder), reading_of(one, embedder=embedder))
    assert not apart.same(both)
    assert apart.of([1, 2, 0]).same(both)
    assert reading_of(embedder=embedder).of([]).same(reading_of(embedder=embedder))
