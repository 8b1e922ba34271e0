"""Replies as HTML: markers find their sentence, cards say what a source is worth, and text has no power."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from fake_advisor import FakeAdvisor, with_source

from advisor.model import Citation, Question, Reply, Statement
from advisor.ui import render
from advisor.wording import wording


@pytest.fixture
def advisor() -> FakeAdvisor:
    return FakeAdvisor()


def turn_of(reply: Reply, advisor: FakeAdvisor) -> dict:
    return render.remember(reply, advisor)


class Tags(HTMLParser):
    """Every tag and attribute that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def words_of(html: str) -> str:
    """What a reader sees, struck words kept apart."""
    return re.sub(r"<(?!/?s>)[^>]*>", "", html)


def test_quoted_words_are_marked_in_their_passage(advisor):
    turn = turn_of(advisor.ask(Question("龙岩二级最高补多少？")), advisor)
    html = render.cards_html(turn)
    assert re.findall(r'<mark data-c="0-0">(.*?)</mark>', html) == ["龙岩企业达到二级的，补助最高25万元。"]
    assert "龙岩市按支出的50%给予补助。" in html  # the words around it


def test_a_quote_that_runs_beyond_its_passage_is_shown_whole(advisor):
    reply = advisor.ask(Question("Longyan level 2?"))
    text = advisor.document("grant").texts["en"]
    longer = replace(reply.statements[0].citations[0], quote=text, start=0, end=len(text))
    short = replace(reply, statements=(replace(reply.statements[0], citations=(longer,)),))

    class Cut(FakeAdvisor):
        def passages(self, id):
            return [replace(p, text=p.text[:20], end=20) for p in super().passages(id)]

    assert render.remember(short, Cut())["passages"]["grant:en:0"]["text"] == text


def test_overlapping_quotes_share_one_mark():
    html = render.highlighted(
        {"text": "abcdefgh", "start": 100}, [(101, 104, "0-0"), (103, 106, "1-0"), (107, 108, "2-0")]
    )
    assert html == 'a<mark data-c="0-0 1-0">bcdef</mark>g<mark data-c="2-0">h</mark>'


def test_a_marker_stands_for_the_statement_before_it(advisor):
    reply = advisor.ask(Question("龙岩"))
    first = reply.statements[0]
    text = advisor.document("grant").texts["zh"]
    quote = text.splitlines()[0]
    second = Statement(quote, "quoted", (Citation("grant", "zh", "grant:zh:0", quote, 0, len(quote)),))
    both = replace(reply, statements=(first, second), answer=f"**{first.text}** [1]\n\n- {quote} [1]\n")
    assert [m.citations for m in render.markers(both.as_dict())] == [((0, 0),), ((1, 0),)]


def test_a_number_in_brackets_inside_a_quotation_is_not_a_marker(advisor):
    reply = advisor.ask(Question("龙岩"))
    citation = replace(reply.statements[0].citations[0], quote="见注[1]的规定。")
    said = replace(
        reply, answer="见注[1]的规定。 [1]", statements=(Statement("见注[1]的规定。", "quoted", (citation,)),)
    )
    assert [m.start for m in render.markers(said.as_dict())] == [len("见注[1]的规定。 ")]


def test_a_number_that_names_no_source_stays_text(advisor):
    reply = replace(advisor.ask(Question("龙岩")), answer="一[1]二[7]")
    html = render.answer_html(reply.as_dict())
    assert html.count('class="cite') == 1
    assert "二[7]" in html


def test_markers_stay_on_the_line_of_their_sentence(advisor):
    reply = replace(advisor.ask(Question("龙岩")), answer='**补“25”万元。** [1] [1]\n\n- 见 "x" [1]')
    html = re.sub(r"<button.*?</button>", "#", render.answer_html(reply.as_dict()))
    assert html == (
        '<p><strong>补“25”万元<span class="held">。##</span></strong></p>'
        '<ul><li>见 &quot;x<span class="held">&quot;#</span></li></ul>'
    )


def test_text_of_documents_has_no_power(advisor):
    turn = turn_of(advisor.ask(Question("attack")), advisor)
    turn["question"] = "<script>alert(1)</script>"
    tags = Tags(render.turn_html(turn, 0))
    assert tags.open == []
    assert {tag for tag, _ in tags.seen} <= {
        *(
            "article",
            "div",
            "span",
            "p",
            "strong",
            "em",
            "button",
            "details",
            "summary",
            "ol",
            "li",
            "h3",
            "mark",
            "blockquote",
        )
    }
    for _, attributes in tags.seen:
        assert not any(name.startswith("on") or name in ("href", "src", "style") for name in attributes)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", "https://", "file:///etc/passwd", None]
)
def test_only_web_addresses_become_links(advisor, url):
    reply = with_source(advisor.ask(Question("龙岩")), url=url)
    assert "<a " not in render.cards_html(turn_of(reply, advisor))


def test_the_official_text_opens_apart_from_the_chat(advisor):
    tags = Tags(render.cards_html(turn_of(advisor.ask(Question("龙岩")), advisor)))
    links = [a for tag, a in tags.seen if tag == "a"]
    assert links == [{"href": "https://www.longyan.gov.cn/x", "target": "_blank", "rel": "noopener noreferrer"}]


@pytest.mark.parametrize(
    ("changed", "badge", "words"),
    [
        ({"in_force_to": date(2027, 6, 1)}, "in_force", "有效至 2027-06-01"),
        ({"in_force_to": date(2027, 2, 22)}, "ends_soon", "2027-02-22 到期，还有 90 天"),
        ({"in_force_to": date(2027, 2, 23)}, "in_force", "有效至 2027-02-23"),
        ({"validity": "expired", "in_force_to": date(2026, 1, 1)}, "expired", "<s>有效至 2026-01-01</s>"),
        ({"validity": "draft", "in_force_to": None}, "draft", "征求意见稿"),
        ({"validity": "unknown", "in_force_to": None}, "unknown", "有效期待确认"),
    ],
)
def test_validity_is_said_in_words_and_colour(advisor, changed, badge, words):
    html = render.cards_html(turn_of(with_source(advisor.ask(Question("龙岩")), **changed), advisor))
    assert f'class="badge {badge}">{wording(f"ui.validity.{badge}", "zh")}' in html
    assert words in words_of(html)


def test_a_superseded_source_leads_to_its_successor(advisor):
    html = render.cards_html(turn_of(advisor.ask(Question("2022年版怎么说？")), advisor))
    assert 'class="badge superseded"' in html
    assert 'data-ask="《2024年版指标》' in html


def test_a_card_says_whose_words_it_shows(advisor):
    reply = advisor.ask(Question("Longyan"))
    assert "Our digest of this document, not its own words; checked against the official text" in render.cards_html(
        turn_of(reply, advisor)
    )
    assert "The document&#x27;s own words" in render.cards_html(
        turn_of(with_source(reply, text_origin="original"), advisor)
    )


def test_derived_figures_show_how_they_were_worked_out_once(advisor):
    reply = advisor.ask(Question("龙岩"))
    derived = replace(reply.statements[0], kind="derived", formula="250000 ÷ 50% = 500000")
    turn = turn_of(replace(reply, statements=(derived,)), advisor)
    assert "250000 ÷ 50% = 500000" in render.turn_html(turn, 0)
    turn["reply"]["answer"] += "\n*250000 ÷ 50% = 500000*"
    assert "formula" not in render.turn_html(turn, 0)


def test_choices_are_one_click_away(advisor):
    html = render.turn_html(turn_of(advisor.ask(Question("补多少？")), advisor), 0)
    assert re.findall(r'data-choice="(.*?)" data-slot="region"', html) == ["龙岩", "南京"]


def test_tables_lists_and_emphasis():
    assert render.markdown("**A** *b*\n\n- x\n  more\n- y\n\n| a | b |\n|---|---|\n| 1 | 2 |\n") == (
        "<p><strong>A</strong> <em>b</em></p><ul><li>x<br>more</li><li>y</li></ul>"
        '<div class="table"><table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>"
    )
    assert render.markdown("5*3*2 <i>") == "<p>5*3*2 &lt;i&gt;</p>"


def test_what_an_older_page_kept_is_left_out_not_a_failure(advisor):
    turn = turn_of(advisor.ask(Question("龙岩")), advisor)
    html = render.log_html([{"question": "x"}, None, {"reply": []}, turn], "zh")
    assert html.count("<article") == 1


def test_an_empty_conversation_offers_questions_in_the_readers_language():
    for language in ("zh", "en"):
        html = render.log_html([], language)
        assert html.count('class="starter"') == len(wording("starters", language))


def test_how_answers_are_made_is_said():
    status = {"documents": 540, "corpus_date": "2026-11-24", "chat_model": None}
    assert "Quoted from 540 documents, no language model · corpus as of 2026-11-24" in words_of(
        render.how_html("en", status)
    )
    assert "Written by qwen" in render.how_html("en", {**status, "chat_model": "qwen"})
    assert wording("ui.how.offline", "en") in render.how_html("en", {"reason": "index_missing"})


def keys(node: object) -> object:
    return {k: keys(v) for k, v in node.items()} if isinstance(node, dict) else None


def test_both_languages_have_the_same_texts():
    assert keys(wording("ui", "zh")) == keys(wording("ui", "en"))
