"""The house keeps one look: colours contrast, every class used is drawn, nothing of the DSFR is among our files."""

import re

from prevenance.config.paths import PACKAGE

STATIC = PACKAGE / "static"
NEUTRAL = (STATIC / "prevenance.css").read_text()
SHEETS = "".join(path.read_text() for path in sorted(STATIC.glob("*.css")))
TEMPLATES = [path for path in (PACKAGE / "templates").rglob("*.html") if "documents" not in path.parts]

# Text on its ground: 4.5 to 1 (RGAA 3.2); edges and marks: 3 to 1 (RGAA 3.3).
TEXT_PAIRS = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "sand"), ("ink-soft", "paper"), ("ink-soft", "surface"),
    ("ink-soft", "sand"), ("brand", "surface"), ("brand", "paper"), ("brand", "sand"), ("brand", "brand-soft"),
    ("brand-dark", "paper"), ("on-brand", "brand"), ("on-brand", "brand-dark"), ("on-brand-soft", "brand"),
    ("info", "info-soft"), ("success", "success-soft"), ("warning", "warning-soft"), ("error", "error-soft"),
    ("accent", "accent-soft"), ("error", "paper"), ("success", "paper"), ("ink", "info-soft"), ("ink", "success-soft"),
    ("ink", "warning-soft"), ("ink", "error-soft"), ("surface", "info"), ("surface", "success"), ("surface", "warning"),
    ("surface", "error"),
]  # fmt: skip
MARK_PAIRS = [
    ("line-strong", "surface"), ("line-strong", "sand"), ("line-strong", "paper"), ("focus", "surface"),
    ("focus", "paper"), ("focus", "sand"), ("accent-bright", "brand"), ("brand", "paper"),
]  # fmt: skip

# Names of the DSFR's structure that need no drawing of ours, and hooks of tests.
UNDRAWN = {
    "fr-btns-group--inline", "fr-footer__content", "fr-header__body", "fr-pagination__link--lg-label", "pv-drop--menu",
}  # fmt: skip


def luminance(colour):
    """Relative luminance of "#rrggbb", from 0 to 1 (WCAG 2.2, « relative luminance »)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Contrast ratio of two colours, from 1 to 21 (WCAG 2.2, « contrast ratio »)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens():
    root = re.search(r":root \{(.*?)\n\}", NEUTRAL, re.S).group(1)
    return dict(re.findall(r"--pv-([a-z-]+): (#[0-9a-f]{6});", root))


def test_the_contrast_formula_knows_its_two_ends():
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert contrast("#777777", "#777777") == 1
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54  # the grey that WCAG gives as just enough


def test_text_is_readable_on_every_ground():
    colours = tokens()
    assert len(colours) > 20
    weak = {pair: round(r, 2) for pair in TEXT_PAIRS if (r := contrast(colours[pair[0]], colours[pair[1]])) < 4.5}
    assert weak == {}


def test_edges_and_focus_are_seen_on_every_ground():
    colours = tokens()
    weak = {pair: round(r, 2) for pair in MARK_PAIRS if (r := contrast(colours[pair[0]], colours[pair[1]])) < 3}
    assert weak == {}


def used_classes(text, prefix):
    """Whole class names written in class attributes; those built by a template tag inside a name are left out."""
    found = set()
    for attribute in re.findall(r'class="((?:[^"{]|\{%.*?%\}|\{\{.*?\}\})*)"', text):
        plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\x00", attribute)
        found |= {name for name in re.split(r"[\s]+", plain.replace("\x00", " \x00 ")) if name.startswith(prefix)}
        found -= set(re.findall(rf"({prefix}[\w-]*)\x00", plain))
    return found


def test_every_class_that_a_template_uses_is_drawn_in_our_look():
    styled = set(re.findall(r"\.((?:fr|pv)-[\w-]+)", SHEETS))
    used = {name: path.name for path in TEMPLATES for name in used_classes(path.read_text(), "fr-")}
    used |= {name: path.name for path in TEMPLATES for name in used_classes(path.read_text(), "pv-")}
    assert len(used) > 80
    unknown = {name: path for name, path in used.items() if name not in styled | UNDRAWN}
    assert unknown == {}, "draw these in a sheet of static/: fr- in prevenance.css, pv- in components.css"


def test_nothing_of_the_dsfr_lies_among_our_files():
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert [path for path in files if "dsfr" in path.name or path.suffix in {".woff", ".woff2"}] == []
    for path in files:
        if path.suffix in {".css", ".svg", ".js"}:
            assert "marianne" not in path.read_text().lower(), path
            assert not re.search(r"url\([\"']?(?:https?:)?//", path.read_text()), path


def test_templates_ask_nothing_from_elsewhere_and_hold_no_inline_style_or_script():
    for path in TEMPLATES:
        text = path.read_text()
        assert not re.search(r'(?:src|action)="(?:https?:)?//', text), path
        assert not re.search(r"<link[^>]*https?://", text), path
        assert not re.search(r"\son[a-z]+=\"|<style|\sstyle=\"", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", text), path
