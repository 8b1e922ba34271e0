"""Places by the names that people type, and not by words that only look like them."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import yaml
from conftest import ROOT

from advisor.gazetteer import Gazetteer, Named
from advisor.model import Bilingual
from advisor.text import fold


@pytest.fixture(scope="module")
def rows():
    return yaml.safe_load((ROOT / "corpus" / "places.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def places(rows):
    return Gazetteer.of(
        Named(r["id"], Bilingual(r["zh"], r["en"]), tuple(r.get("other", ())), r.get("parent"), r.get("eu", False),
              tuple(r.get("not_in", ())), r.get("word", False))
        for r in rows
    )  # fmt: skip


def test_no_name_belongs_to_two_places(rows):
    names = Counter(fold(n) for r in rows for n in {fold(r["zh"]), fold(r["en"]), *map(fold, r.get("other", ()))})
    assert [n for n, count in names.items() if count > 1] == []


def test_no_id_is_given_twice_and_every_parent_is_a_place(rows):
    ids = Counter(r["id"] for r in rows)
    parents = {r.get("parent") or r["id"].rpartition("/")[0] for r in rows} - {""}
    assert [i for i, count in ids.items() if count > 1] == []
    assert parents <= set(ids)


@pytest.mark.parametrize(
    ("text", "place", "within"),
    [
        ("a joinery near Munich", "DE/Bavaria/Munich", "DE/Bavaria"),
        ("慕尼黑的木工厂", "DE/Bavaria/Munich", "DE/Bavaria"),
        ("a baker in Rosenheim", "DE/Bavaria/Rosenheim", "EU"),
        ("What does Vienna give?", "AT/Vienna", "AT"),
        ("our shop in Linz", "AT/UpperAustria/Linz", "EU"),
        ("a bakery in Warsaw", "PL/Warsaw", "EU"),
        ("a bank in Ohio", "US/Ohio", "US"),
        ("near Busan", "KR/Busan", "KR"),
        ("a mill in Burnley", "UK/Lancashire/Burnley", "UK/England"),
        ("our yard in Cork", "IE/Cork", "IE"),
        ("ours is in Nice", "FR/Provence-Alpes-Coted'Azur/Nice", "FR"),
        ("我们昆明", "CN/Yunnan/Kunming", "CN/Yunnan"),
        ("on longyans list", "CN/Fujian/Longyan", "CN/Fujian"),
        ("Hefei's rules", "CN/Anhui/Hefei", "CN/Anhui"),
    ],
)
def test_a_town_is_known_and_who_contains_it(places, text, place, within):
    assert [m.id for m in places.find(text)] == [place]
    assert places.covers(within, place)


@pytest.mark.parametrize(
    "text",
    ["a nice tool for reading meters", "Nice software, is it funded?", "the cork floor of a bath", "两份办法大同小异",
     "推广安全生产软件", "三明治厂", "收费城市道路", "发布城市名单", "一公里加多少", "平台中的数据", "用罗马数字"],
)  # fmt: skip
def test_a_common_word_is_no_town(places, text):
    assert places.find(text) == ()


def test_offsets_count_in_the_folded_text(places):
    text = "ＷＥ are in Nice, not in Paris"
    spans = [fold(text)[m.start : m.end] for m in places.find(text)]
    assert spans == ["nice", "paris"]
    assert re.search("nice", fold(text)).start() == places.find(text)[0].start
