"""Pictures of a running chat: desktop and phone, both languages, light and dark.

python -m advisor.cli serve &
python scripts/screenshots.py --address http://127.0.0.1:7860 --out docs/pictures
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:7860")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    parser.add_argument("--only", default="", help="part of the names to take, such as phone-zh")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        path = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for size in SIZES:
            for language in LOCALES:
                for scheme in ("light", "dark"):
                    if given.only in f"{size}-{language}-{scheme}":
                        picture(browser, given.address, given.out, size, language, scheme)
        browser.close()


def picture(browser: Browser, address: str, out: Path, size: str, language: str, scheme: str) -> None:
    """The welcome, an answer, and the card of its first marker."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=LOCALES[language],
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=size == "phone",
    )
    page = context.new_page()
    name = f"{size}-{language}-{scheme}"
    page.goto(address)
    page.locator(".starter").first.wait_for()
    page.screenshot(path=out / f"{name}-1-welcome.png")
    page.locator(".starter").first.click()
    page.locator("#log .turn .tools").wait_for()
    settle(page)
    page.screenshot(path=out / f"{name}-2-answer.png")
    page.locator("#log .cite").first.click()
    settle(page)
    page.screenshot(path=out / f"{name}-3-source.png")
    if size == "phone":
        page.locator("#top [data-rail]").click()
        page.locator("#rail .firm summary").click()
        settle(page)
        page.screenshot(path=out / f"{name}-4-rail.png")
    context.close()


def settle(page: Page) -> None:
    page.wait_for_timeout(600)


if __name__ == "__main__":
    main()
