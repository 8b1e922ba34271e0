"""The chat as a person meets it: a real server, a real browser, no other host."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator

import pytest
from fake_advisor import TEXTS, FakeAdvisor

from advisor.settings import Settings

pytestmark = pytest.mark.browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def served() -> tuple[str, FakeAdvisor]:
    from advisor.ui.app import serve

    ready, found, advisor = threading.Event(), [], FakeAdvisor()

    def on_ready(address: str) -> None:
        found.append(address)
        ready.set()

    threading.Thread(target=serve, args=(advisor, Settings(port=0), on_ready), daemon=True).start()
    assert ready.wait(60)
    return found[0], advisor


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, served) -> Iterator:
    """Opens the chat; afterwards no other host was asked and the console is clean."""
    foreign, errors, contexts = [], [], []

    def open_page(width: int = 1440, height: int = 900, locale: str = "zh-CN"):
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15000)
        page.on(
            "request", lambda r: foreign.append(r.url) if not r.url.startswith((served[0], "data:", "blob:")) else None
        )
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.goto(served[0])
        page.locator(".starter, #log .turn").first.wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert foreign == []
    assert errors == []


def ask(page, text: str) -> None:
    page.locator("#box textarea").fill(text)
    page.locator("#box textarea").press("Enter")


def answered(page, turns: int) -> None:
    page.locator(f"#log .turn[data-turn='{turns - 1}'] .tools").wait_for()


def test_a_marker_opens_the_sentence_it_stands_for(visit):
    page = visit()
    page.locator(".starter").first.click()
    answered(page, 1)
    page.locator("#log .cite").first.click()
    card = page.locator("#panel .card")
    assert card.locator("mark.here").inner_text() == TEXTS["grant"]["zh"].splitlines()[1]
    assert card.locator("mark.here").is_visible()
    assert card.locator(".badge").inner_text() == "即将到期"
    assert page.evaluate("document.activeElement.className").startswith("card")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className").startswith("cite")


def test_pointing_at_a_marker_previews_its_sentence(visit):
    page = visit()
    ask(page, "龙岩二级最高补多少？")
    answered(page, 1)
    page.locator("#log .cite").first.hover()
    assert TEXTS["grant"]["zh"].splitlines()[1] in page.locator("#peek").inner_text()
    page.mouse.move(0, 0)
    assert page.locator("#peek").count() == 0


def test_the_language_switch_changes_everything_and_is_remembered(visit, served):
    page = visit()
    ask(page, "龙岩二级最高补多少？")
    answered(page, 1)
    page.locator("#head [data-language=en]").click()
    page.get_by_text("A Longyan firm at level 2 gets at most 250,000 yuan.").first.wait_for()
    assert page.locator("#head .new").inner_text() == "New conversation"
    assert page.locator("#box textarea").get_attribute("placeholder").startswith("Ask")
    page.wait_for_function("document.documentElement.lang === 'en' && document.title === 'Digital Advisor'")
    page.reload()
    page.get_by_text("New conversation").wait_for()
    ask(page, "龙岩二级")
    answered(page, 2)
    assert served[1].asked[-1].language == "en"


def test_the_readers_own_language_greets(visit):
    assert re.search("[一-鿿]", visit(locale="zh-CN").locator(".welcome h1").inner_text())
    assert not re.search("[一-鿿]", visit(locale="de-DE").locator(".welcome h1").inner_text())


def test_on_a_phone_the_rail_is_closed_and_the_input_in_reach(visit):
    page = visit(390, 844)
    assert not page.locator("#head .new").is_visible()
    page.locator("#top [data-rail]").click()
    page.locator("#head .new").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.locator("#head .new").wait_for(state="hidden")
    ask(page, "龙岩二级最高补多少？")
    answered(page, 1)
    assert not page.locator("#log .card").is_visible()
    page.locator("#log .cite").first.click()
    page.locator("#log mark.here").wait_for(state="visible")
    box = page.locator("#box textarea").bounding_box()
    assert box["y"] + box["height"] <= 844
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_conversations_stay_in_the_browser(visit):
    page = visit()
    ask(page, "龙岩二级最高补多少？")
    answered(page, 1)
    page.reload()
    answered(page, 1)
    page.locator("#head .new").click()
    page.locator(".starter").first.wait_for()
    assert page.locator("#past .past").inner_text() == "龙岩二级最高补多少？"
    page.locator("#past .past").click()
    answered(page, 1)
    page.locator("#head .new").click()
    page.locator("#past .forget").click()
    page.locator("#past .none").wait_for()
    page.reload()
    page.locator("#past .none").wait_for()


def test_another_visitor_sees_nothing_of_it(visit):
    first, second = visit(), visit()
    ask(first, "龙岩 canary-4711")
    answered(first, 1)
    second.reload()
    second.locator(".starter").first.wait_for()
    assert "canary-4711" not in second.content()


def test_a_choice_is_answered_in_one_click_and_remembered(visit, served):
    page = visit()
    ask(page, "能补多少？")
    answered(page, 1)
    page.locator("#log .choices .chip").first.click()
    answered(page, 2)
    assert served[1].asked[-1].profile.region == "龙岩"
    assert page.locator("#firm summary span").inner_text() == "龙岩"


def test_the_firms_facts_go_with_each_question(visit, served):
    page = visit()
    page.locator("#firm summary").click()
    page.locator("#firm [name=region]").fill("南京")
    page.locator("#firm [name=employees]").fill("60人")
    page.locator("#firm [name=level]").select_option("2")
    page.locator("#firm .keep").click()
    page.locator("#firm summary span").wait_for()
    ask(page, "能补多少？")
    answered(page, 1)
    profile = served[1].asked[-1].profile
    assert (profile.region, profile.employees, profile.level) == ("南京", 60, 2)


def test_a_follow_up_is_one_click_and_knows_what_was_said(visit, served):
    page = visit()
    ask(page, "龙岩二级最高补多少？")
    answered(page, 1)
    page.locator("#log .followups .chip").first.click()
    answered(page, 2)
    assert served[1].asked[-1].history[0].question == "龙岩二级最高补多少？"
    assert page.locator("#panel .badge").inner_text() == "已被取代"


def test_answering_again_replaces_the_turn(visit, served):
    page = visit()
    ask(page, "龙岩二级最高补多少？")
    answered(page, 1)
    before = len(served[1].asked)
    page.locator("#log [data-again]").click()
    page.wait_for_function("!document.querySelector('#live .working')")
    for _ in range(50):
        if len(served[1].asked) > before:
            break
        page.wait_for_timeout(100)
    assert len(served[1].asked) == before + 1
    assert page.locator("#log .turn").count() == 1


def test_hostile_text_is_only_text(visit):
    page = visit()
    ask(page, "attack <img src=x onerror=alert(2)>")
    answered(page, 1)
    page.locator("#log .cite").first.click()
    assert "{{7*7}} ${7*7}" in page.locator("#panel .card mark").inner_text()
    assert page.locator(":is(#log, #panel) :is(img, a, b, script)").count() == 0


def test_an_error_is_one_sentence_and_the_words_are_kept(visit):
    page = visit()
    ask(page, "boom 龙岩")
    page.locator("#live .error").wait_for()
    assert page.locator("#live [role=alert]").inner_text() == "内部出错，问题没有得到回答。请再试一次。"
    assert page.locator("#box textarea").input_value() == "boom 龙岩"
    assert "secret-key" not in page.content()
    ask(page, "龙岩")
    answered(page, 1)
    assert page.locator("#live .error").count() == 0


def test_who_waits_sees_what_is_done_and_may_stop_it(visit):
    page = visit()
    ask(page, "slow 龙岩")
    page.get_by_text("阅读：2 段").wait_for()
    page.locator("#box .stop-button").click()
    page.locator("#live .working").wait_for(state="detached")
    assert page.locator("#log .turn").count() == 0
    ask(page, "龙岩")
    answered(page, 1)


def test_a_lost_connection_is_said(browser, served):
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(served[0])
    page.locator(".starter").first.wait_for()
    page.context.set_offline(True)
    page.get_by_text("The connection to the service is gone").wait_for()
    page.context.set_offline(False)
    page.locator("#lost").wait_for(state="detached")
    page.context.close()


def test_a_mark_is_kept_and_handed_to_an_advisor_that_takes_it(visit, served):
    page = visit()
    ask(page, "龙岩")
    answered(page, 1)
    page.locator("#log [data-wrong]").click()
    page.locator("#log .note input").fill("期限改了")
    page.locator("#log .note button").click()
    page.locator("#log .note input[value='期限改了']").wait_for()
    assert served[1].marks[-1] == {"question": "龙岩", "mark": "wrong", "note": "期限改了"}
    page.reload()
    assert page.locator("#log .note input").input_value() == "期限改了"
    page.locator("#log [data-wrong]").click()
    page.locator("#log .note").wait_for(state="detached")
