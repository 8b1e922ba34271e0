"""Splitting never changes a character: offsets slice the document's own text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.ingest.split import SIZE, split
from advisor.model import Bilingual, Document, PageStart

_SENTENCES = st.sampled_from(
    [
        "龙岩市按企业实际支出的50%给予补助。",
        "达到二级的，最高25万元！",
        "It pays 50 % of the cost.",
        "Firms (approx. 50 staff) may apply, e.g. by post.",
        "- 先测后改\n",
        "* one bullet\n",
        "1. first step\n",
        "「引号」与——破折号；",
        "長" * 700 + "。",
        "word " * 400 + ".",
        "\ufeff",
        "𠮷野家のテスト。",
        "\t ",
    ]
)
_BLOCKS = st.one_of(
    st.lists(_SENTENCES, min_size=1, max_size=8).map("".join),
    st.sampled_from(["# 标题", "## What it pays", "### 补多少  ", "#no heading", "######", "## "]),
    st.text(max_size=60),
)
MARKDOWN = st.lists(_BLOCKS, max_size=14).map("\n".join)


def document(text: str, pages: tuple[PageStart, ...] = ()) -> Document:
    return Document("d", Bilingual("题", "Title"), "guide", "own", {"zh": text}, pages={"zh": pages})


@settings(max_examples=200, deadline=None)
@given(MARKDOWN)
def test_a_passage_is_a_verbatim_slice(text):
    passages = split(document(text))
    last = 0
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert passage.text.strip()
        assert passage.start >= last
        last = passage.end
    assert len({p.id for p in passages}) == len(passages)


@settings(max_examples=100, deadline=None)
@given(MARKDOWN)
def test_no_word_is_lost_and_no_passage_is_overlong(text):
    passages = split(document(text))
    assert all(len(p.text) <= 2 * max(SIZE.values()) for p in passages)
    covered = {i for p in passages for i in range(p.start, p.end)}
    headings = {i for line in _heading_lines(text) for i in range(*line)}
    left = [c for i, c in enumerate(text) if i not in covered and i not in headings and c.isalpha()]
    assert left == []


def _heading_lines(text: str) -> list[tuple[int, int]]:
    from advisor.ingest.split import _HEADING

    return [m.span() for m in _HEADING.finditer(text)]


@settings(max_examples=100, deadline=None)
@given(st.lists(MARKDOWN, min_size=1, max_size=4))
def test_a_passage_stays_on_its_page(texts):
    pages, text = [], ""
    for number, body in enumerate(texts, 1):
        pages.append(PageStart(len(text), {"page": number}))
        text += body + "\n\n"
    ends = [p.start for p in pages[1:]] + [len(text)]
    for passage in split(document(text, tuple(pages))):
        page = passage.at["page"]
        assert pages[page - 1].start <= passage.start
        assert passage.end <= ends[page - 1]


def test_the_heading_trail_is_the_context():
    passages = split(
        document("# 办法\n\n## 补多少\n\n补50%。\n\n### 二级\n\n最高25万元。\n\n## 时间\n\n到2026年底。\n")
    )
    assert [(p.heading, p.text) for p in passages] == [
        ("办法 › 补多少", "补50%。"),
        ("办法 › 补多少 › 二级", "最高25万元。"),
        ("办法 › 时间", "到2026年底。"),
    ]
