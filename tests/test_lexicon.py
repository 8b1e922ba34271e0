"""The translation lexicon: common business words go over in both directions, and weights keep their promise."""

from __future__ import annotations

import pytest

from advisor.adapters.lexicon import translate
from advisor.model import Language


@pytest.mark.parametrize(
    ("text", "into", "expected"),
    [
        ("补贴怎么申请", "en", "subsidi"),
        ("电子发票", "en", "invoic"),
        ("設備數據上雲", "en", "cloud"),
        ("员工培训", "en", "train"),
        ("cyber security", "zh", "网络安全"),
        ("How do I apply for subsidies?", "zh", "补贴"),
        ("digital transformation", "zh", "转型"),
    ],
)
def test_finds_the_word_of_the_other_language(text: str, into: Language, expected: str) -> None:
    assert expected in dict(translate(text, into))


def test_strongest_first_and_positive() -> None:
    weights = [weight for _, weight in translate("中小企业数字化转型补贴怎么申请", "en")]
    assert weights == sorted(weights, reverse=True)
    assert all(weight > 0 for weight in weights)


def test_a_word_shares_a_weight_of_one() -> None:
    assert sum(weight for _, weight in translate("培训", "en")) == pytest.approx(1.0)


def test_parts_of_a_long_word_speak_too() -> None:
    assert "electron" in dict(translate("电子发票", "en"))


@pytest.mark.parametrize("into", ["zh", "en"])
def test_nothing_to_translate_gives_nothing(into: Language) -> None:
    assert translate("", into) == []
    assert translate("…… 123", into) == []


def test_what_a_caller_does_to_a_translation_stays_with_the_caller() -> None:
    before = translate("电子发票", "en")
    translate("电子发票", "en").clear()
    assert translate("电子发票", "en") == before != []
