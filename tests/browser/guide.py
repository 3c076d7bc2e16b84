"""How the guide's pictures are taken: pages to walk, what of them changes from day to day, where files are.

With PREVENANCE_GUIDE=1, ./dev test tests/browser/test_guide*.py -n 0 writes docs/guide/images again. Dates follow the
day of the demonstration: they are hidden behind one day, so that a picture changes when its screen does. A test module
that takes pictures makes its own the two fixtures below.
"""

import os
import re

import pytest

from prevenance.config.paths import ROOT
from tests.browser import council
from tests.browser.conftest import PHONE, WIDE, new_page
from tests.browser.hands import Mouse

GUIDE = ROOT / "docs" / "guide"
IMAGES = GUIDE / "images"
WRITING = os.environ.get("PREVENANCE_GUIDE") == "1"
HEAVIEST = 150 * 1024  # bytes
# Pages of the guide by number; its README is 0. Each part is walked by one test.
JOURNEY, YEAR, PLANS, FOLLOWUPS, HELP = PARTS = range(9), range(9, 16), range(16, 20), range(20, 26), range(26, 30)
# Whatever says a day on screen, in figures or in words, and the day that pictures say instead.
SAME_DAY = """() => {
    const days = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche";
    const months = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre";
    const short = "jan|fév|mars|avr|mai|juin|juil|août|sep|oct|nov|déc";
    const rules = [[new RegExp(`(${days}) `, "gi"), "mardi "],
                   [new RegExp(`\\\\d{1,2}(er)?[ \\u00a0](${months})`, "gi"), "15 septembre"],
                   [new RegExp(`, (${months}) \\\\d{4}`, "gi"), ", septembre 2026"],
                   [new RegExp(`\\\\d{1,2} (${short})\\\\.? \\\\d{4}`, "gi"), "15 sept. 2026"],
                   [/\\d{2}\\/\\d{2}\\/\\d{4}/g, "15/09/2026"], [/(?<!20\\d\\d-)\\b20\\d{2}\\b(?!-20\\d\\d)/g, "2026"],
                   [/\\b[1-4](er|e) trimestre/g, "2e trimestre"],
                   [/de .{1,3}h.\\d{2} à .{1,3}h.\\d{2}/g, "de 14\\u00a0h\\u00a030 à 16\\u00a0h\\u00a030"],
                   [/Enregistré à .{1,3}h.\\d{2}/g, "Enregistré à 14\\u00a0h\\u00a052"]];
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const same = text => rules.reduce((said, [from, to]) => said.replace(from, to), text);
    while (words.nextNode()) {  // but where a text says its sources: those days are its own
        const text = words.currentNode.data, said = /^\\s*Sources|Source\\u00a0:/.test(text) ? text : same(text);
        if (said !== text) words.currentNode.data = said;
    }
    for (const field of document.querySelectorAll("input[type=text], input[type=date], input[type=time]")) {
        const {type, value} = field;  // drawn as a browser in French draws them
        if (type === "text") field.value = same(value);
        else [field.type, field.value] = ["text", type === "time" ? value : value ? "15/09/2026" : "jj/mm/aaaa"];
    }
}"""


def pages_of(numbers):
    """Paths of the guide's pages of these numbers."""
    return [path for path in GUIDE.glob("*.md") if int(path.name.split("-")[0].replace("README.md", "0")) in numbers]


def images_of(paths):
    """Names of the pictures that these pages show."""
    return {image for path in paths for image in re.findall(r"\]\(images/([^)]+)\)", path.read_text())}


@pytest.fixture
def look(chromium, own_server):
    """look(role): a page where that role has entered; nothing may have gone wrong in any."""
    opened = []

    def another(role, viewport=WIDE):
        page = new_page(chromium, own_server, viewport, has_touch=viewport == PHONE)
        opened.append(page)
        if role:
            council.enter(Mouse(page), role)
        return page

    yield another
    for page in opened:
        page.context.close()
    assert [page.watch.real_problems() for page in opened] == [[]] * len(opened)


@pytest.fixture
def pictures():
    """pictures(numbers) takes those of these pages of the guide, which name each picture taken, and no other.

    picture(page, name, heading, top): the heading is there, and the picture taken when asked, from `top` down.
    """
    taken, covered = set(), []

    def take(page, name, heading, top=None):
        page.get_by_role("heading", level=1, name=heading).wait_for()
        taken.add(f"{name}.png")
        if not WRITING:
            return
        page.evaluate("document.activeElement?.blur()")
        if top is not None:
            top.evaluate("e => scrollTo({top: e.getBoundingClientRect().top + scrollY - 12, behavior: 'instant'})")
        page.wait_for_timeout(300)
        page.evaluate(SAME_DAY)
        frame = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": min(760, page.viewport_size["height"])}
        page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", clip=frame)

    def of(numbers):
        covered.extend(pages_of(numbers))
        return take

    yield of
    assert taken == images_of(covered)
