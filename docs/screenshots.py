"""Take the README's two pictures of the demo; needs playwright and Debian's chromium.

python docs/screenshots.py
"""

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "benchmarks"))

from visitor import served  # noqa: E402

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE_MS = 120_000


def write(page: Any, address: str) -> None:
    """A poem of a form and title, its tones and rhymes marked, its rules beside it."""
    page.goto(f"{address}/?form=五律&title=春望&author=杜甫&seed=19", wait_until="domcontentloaded")
    page.wait_for_selector(".qb-report")
    page.get_by_label("Show tones and rhymes").check()
    page.wait_for_selector(".qb-key", state="visible")


def look(page: Any, address: str) -> None:
    """The states of a poem over time, and what would have been with another character."""
    page.goto(address, wait_until="domcontentloaded")
    page.get_by_role("tab", name="Look inside").click()
    page.get_by_label("Opening").last.fill("月")
    page.click("#qb-run")
    page.wait_for_function(
        "(document.querySelector('#qb-view .qb-axis')?.textContent.match(/。/g) ?? []).length > 1"
    )
    page.locator("#qb-position input").fill("1")
    page.get_by_label("What if it had been").fill("雲")
    page.click("#qb-fork-button")
    page.wait_for_selector(".qb-fork mark")


def main() -> None:
    """Take both pictures."""
    with served() as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(ARGUMENTS)
        )
        for scene, height in ((write, 760), (look, 985)):
            context = browser.new_context(
                locale="en-US", viewport={"width": 1080, "height": height}
            )
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            scene(page, address)
            page.mouse.move(0, 0)
            page.wait_for_timeout(500)
            page.screenshot(path=HERE / f"{scene.__name__}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
