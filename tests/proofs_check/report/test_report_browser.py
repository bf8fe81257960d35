"""The HTML report in a real browser: nothing fails, all is seen, the table filters and sorts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"
)
#: No network, no sandbox of its own, nothing that a first start would ask or fetch.
OPTIONS = """
    --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run
    --disable-background-networking --disable-component-update --disable-sync
"""
WIDTHS = {"desk": 1400, "phone": 390}
VISIBLE = "return [...document.querySelectorAll('#claims tbody tr:not([hidden]) th')]"


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for option in OPTIONS.split():
        options.add_argument(option)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def shown(browser, hostile_report) -> Any:
    browser.get(hostile_report.as_uri())
    return browser


def set_width(browser: Any, width: int, scheme: str = "light") -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": features})


def visible(browser: Any) -> list[str]:
    return [element.text for element in browser.execute_script(VISIBLE)]


def test_nothing_fails_and_nothing_acts(shown):
    shown.execute_script("document.querySelectorAll('details').forEach((e) => { e.open = true })")
    assert shown.get_log("browser") == []
    assert shown.title == "proofs-check: 5 claims"
    loaded = "return performance.getEntriesByType('resource').length"
    assert shown.execute_script(loaded) == 0


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_is_no_wider_than_the_window(shown, width):
    set_width(shown, width)
    opened = "document.querySelectorAll('details').forEach((e) => { e.open = arguments[0] });"
    measured = """
        const page = document.documentElement;
        return [innerWidth, page.scrollWidth - page.clientWidth]
    """
    for each in (False, True):
        assert shown.execute_script(opened + measured, each) == [width, 0]


def test_all_formulas_have_a_size(shown):
    script = """
        document.querySelectorAll("details").forEach((each) => { each.open = true });
        const boxes = [...document.querySelectorAll("math")].map((m) => m.getBoundingClientRect());
        return [boxes.length, boxes.filter((b) => b.width < 1 || b.height < 1).length,
                document.querySelectorAll("merror").length]
    """
    count, empty, errors = shown.execute_script(script)
    assert count > 30
    assert (empty, errors) == (0, 0)


def test_figures_are_drawn(shown):
    script = """
        return [...document.querySelectorAll("figure svg path")]
            .filter((path) => path.getBoundingClientRect().width > 100).length
    """
    assert shown.execute_script(script) > 5


def test_the_table_filters(shown):
    everything = ["First", "Second", "Third", "E6", "E2"]
    assert visible(shown) == everything
    field = shown.find_element("id", "filter-text")
    field.send_keys("bruijn")
    assert visible(shown) == ["E6"]
    assert shown.find_element("id", "shown").text == "1 of 5 shown"
    emptied = "arguments[0].value = ''; arguments[0].dispatchEvent(new Event('input'))"
    shown.execute_script(emptied, field)
    assert visible(shown) == everything
    shown.find_element("css selector", "input[value=PROVED]").click()
    assert visible(shown) == ["E6", "E2"]


def test_the_table_sorts_by_mouse_and_keyboard(shown):
    from selenium.webdriver.common.keys import Keys

    title, verdict = (
        shown.find_element("css selector", f"#claims th[data-key={key}] button")
        for key in ("title", "verdict")
    )
    title.click()
    assert visible(shown) == ["E6", "E2", "First", "Second", "Third"]
    verdict.send_keys(Keys.ENTER)
    assert visible(shown)[:3] == ["First", "Second", "Third"]
    verdict.send_keys(Keys.ENTER)
    assert visible(shown)[-3:] == ["First", "Second", "Third"]
    header = shown.find_element("css selector", "#claims th[data-key=verdict]")
    assert header.get_attribute("aria-sort") == "descending"


def test_every_link_leads_somewhere_that_is_seen(shown):
    script = """
        return [...document.querySelectorAll("a[href]")].filter((link) => {
            const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
            return !target || target.getClientRects().length === 0;
        }).map((link) => link.outerHTML)
    """
    assert shown.execute_script(script) == []


CONTRAST = """
    const parse = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = (rgb) => {
        const [r, g, b] = rgb.map((v) => v / 255)
            .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const rgb = parse(getComputedStyle(each).backgroundColor);
            if (rgb.length === 3 || rgb[3] === 1) return rgb.slice(0, 3);
        }
        return [255, 255, 255];
    };
    const worst = {};
    for (const element of document.querySelectorAll("main *, nav *")) {
        if (element.closest("svg, math") || !element.getClientRects().length) continue;
        if (![...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
        const [a, b] = [parse(getComputedStyle(element).color).slice(0, 3), behind(element)]
            .map(light).sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) worst[element.outerHTML.slice(0, 80)] = ratio;
    }
    return worst
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(shown, scheme):
    set_width(shown, 1400, scheme)
    back = shown.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") == (scheme == "light")
    assert shown.execute_script(CONTRAST) == {}


def test_in_print_all_is_open_and_no_control_is_left(shown):
    shown.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    script = """
        dispatchEvent(new Event("beforeprint"));
        const seen = (name) => [...document.querySelectorAll(name)]
            .filter((each) => each.getClientRects().length).length;
        return [document.querySelectorAll("details:not([open])").length,
                seen("input"), seen("nav"), seen(".tools button")]
    """
    assert shown.execute_script(script) == [0, 0, 0, 0]
    shown.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
