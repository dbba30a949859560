"""Take the README's picture of the demo; needs `pip install playwright` and Debian's chromium.

python docs/screenshot.py http://127.0.0.1:7860 docs/demo.png
"""

import sys

from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )
    page = browser.new_page(viewport={"width": 900, "height": 640})
    page.goto(sys.argv[1], wait_until="domcontentloaded")
    page.get_by_label("First characters").fill("春")
    page.get_by_role("button", name="寫 / Write").click()
    page.wait_for_function(
        "[...document.querySelectorAll('textarea')].some(t => t.value.split('。').length == 3)"
    )
    page.screenshot(path=sys.argv[2])
    browser.close()
