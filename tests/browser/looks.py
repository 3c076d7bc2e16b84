"""What every screen must be, whatever it shows: styled, inside its width, without an accessibility violation."""

from axe_playwright_python.sync_playwright import Axe

BROWSERS_OWN_BUTTON = "rgb(239, 239, 239)"


def check_look(page):
    """Check the page now shown. An unstyled page would pass the accessibility rules: style comes first."""
    page.wait_for_load_state("load")  # a link that was pressed is followed, not yet loaded
    rules = page.evaluate("[...document.styleSheets].map(sheet => sheet.cssRules.length)")
    assert len(rules) >= 2
    assert all(rules), "a style sheet is empty or blocked"
    assert page.evaluate("getComputedStyle(document.body).fontFamily") not in ("", "serif", '"Times New Roman"')
    for button in page.locator(".fr-btn:not(:disabled)").all()[:3]:
        assert button.evaluate("e => getComputedStyle(e).backgroundColor") != BROWSERS_OWN_BUTTON
    too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert too_wide <= 0, f"the page is {too_wide} px wider than the screen"
    found = Axe().run(page)
    assert found.response["passes"], "no accessibility rule was applied"
    assert not found.violations_count, found.generate_report()


def check_focus_is_seen(page, stops=25):
    """Walk with Tab: whatever holds the focus is drawn, with an outline at least two pixels thick."""
    for _ in range(stops):
        page.keyboard.press("Tab")
        place = page.evaluate(
            """() => {
                const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
                const label = e.labels?.[0] && getComputedStyle(e.labels[0], "::before");
                const thick = s => s && s.outlineStyle !== "none" ? parseFloat(s.outlineWidth) : 0;
                const whole = ["::before", "::after"].map(p => thick(getComputedStyle(e, p))); // a link over its card
                return {name: e.outerHTML.slice(0, 120), body: e === document.body,
                        area: box.width * box.height, outline: Math.max(thick(style), thick(label), ...whole)};
            }"""
        )
        if place["body"]:
            return
        assert place["outline"] >= 2, f"focus is not seen on {place['name']}"
        assert place["area"] > 0, f"focus went to something that is not drawn: {place['name']}"
