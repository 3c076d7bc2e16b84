"""Charts drawn on the server, the same in a page and in a PDF, each with the table of its figures.

Vega-Lite (through Altair) lays the chart out; its SVG is then made fit for an inline figure: our Content-Security-
Policy forbids styles written in the page, assistive technologies need one name rather than a tree of English labels,
and the text takes the font and colour of what surrounds it.
"""

import functools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prevenance.core.documents.tables import clean

SVG = "http://www.w3.org/2000/svg"
BAR = "#0e554e"  # --pv-brand of static/prevenance.css
LABELS = 150  # pixels of a category's name, at most
ROOM = 180  # pixels kept for the names: a fifth more, since the reader's font may be wider than the one measured
BARS = 230  # pixels of the longest bar
FIGURES = 90  # pixels kept after the bars for their figures
FONTS = "Noto Sans, Liberation Sans, DejaVu Sans, sans-serif"  # no quotes: WeasyPrint would not strip them
STEP = 26  # pixels from one bar to the next
# Attributes that an image with a single name has no use for, or that a page would be refused.
DROPPED = {
    "class",
    "role",
    "aria-label",
    "aria-hidden",
    "aria-roledescription",
    "pointer-events",
    "font-family",
    "style",
}


@dataclass(frozen=True)
class Chart:
    """`svg` is inline markup; `table_headers` and `table_rows` say the same in words, for `components/chart.html`."""

    title: str
    svg: SafeString
    table_headers: tuple[str, ...]
    table_rows: tuple[tuple[str, ...], ...]


def bar_chart(
    rows: Iterable[Mapping[str, Any]],
    *,
    category: str,
    value: str,
    title: str,
    unit: str,
    category_label: str = "",
    decimals: int | None = None,
) -> Chart:
    """One horizontal bar a row, in the order given, its figure beside it in French; None is « non connu ».

    `category` and `value` are keys of the rows, `unit` what is counted, `category_label` the header of the first
    column (by default `category`), `decimals` how many are shown (by default as many as there are).
    Raises ValueError for a value that is not finite.
    """
    names, values = [], []
    for row in rows:
        number = row[value]
        if number is not None and not math.isfinite(number):
            raise ValueError(f"{row[category]}: {number} cannot be drawn")
        names.append(on_one_line(row[category]))
        values.append(number)
    title = on_one_line(title)
    figures = [figure(number, decimals) for number in values]
    return Chart(
        title=title,
        svg=drawn(tuple(names), tuple(values), tuple(figures), title),
        table_headers=(category_label or category, unit),
        table_rows=tuple(zip(names, figures, strict=True)),
    )


def on_one_line(text: object) -> str:
    """`text` as XML can hold it: a single control character makes the drawing library abort the whole process."""
    return " ".join(clean(text).split())


def figure(number: int | float | Decimal | None, decimals: int | None = None) -> str:
    if number is None:
        return _("non connu")
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    if decimals is not None:  # Django's own decimal_pos cuts where it should round
        exact = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return formats.number_format(f"{exact:f}", use_l10n=True, force_grouping=True).replace("-", "−")


# A chart is a function of its figures alone and takes a tenth of a second: the last ones are kept.
@functools.lru_cache(maxsize=256)
def drawn(names: tuple[str, ...], values: tuple[Any, ...], figures: tuple[str, ...], title: str) -> SafeString:
    altair, vl_convert = libraries()
    data = [
        {"place": place, "value": float(number or 0), "figure": text}
        for place, (number, text) in enumerate(zip(values, figures, strict=True))
    ]
    lowest, highest = min([0.0, *(row["value"] for row in data)]), max([0.0, *(row["value"] for row in data)])
    # A name is looked up by its place: two territories may bear the same, and it never becomes part of a formula.
    axis = altair.Axis(
        labelExpr=f"{json.dumps(names)}[datum.value]",
        labelLimit=LABELS,
        labelFontSize=13,
        labelPadding=8,
        minExtent=ROOM,
        title=None,
        ticks=False,
        domain=False,
    )
    base = altair.Chart(altair.Data(values=data)).encode(y=altair.Y("place:O", sort=None, axis=axis))
    scale = altair.Scale(domain=[lowest, highest or 1], nice=False)
    bars = base.mark_bar(color=BAR, height=STEP * 0.6).encode(x=altair.X("value:Q", axis=None, scale=scale))
    zero = altair.Chart(altair.Data(values=[{}])).mark_rule(color="#8a94a3").encode(x=altair.datum(0))
    texts = base.mark_text(align="right", fontSize=13).encode(x=altair.value(BARS + FIGURES), text="figure:N")
    chart = (
        altair.layer(bars, zero, texts)
        .properties(width=BARS, height=altair.Step(STEP), background="transparent")
        .configure(
            padding={"left": 0, "right": 0, "top": 2, "bottom": 2},
            view=altair.ViewConfig(stroke=None),
        )
    )
    # No address is allowed: the chart carries its figures, so none is ever asked for.
    svg = vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=["https://none.invalid/"])
    return inline(svg, title=title)


@functools.cache
def libraries() -> tuple[ModuleType, ModuleType]:
    """(altair, vl_convert), imported at the first chart: together they take a second and 80 MB."""
    import altair
    import vl_convert

    return altair, vl_convert


def inline(svg: str, *, title: str) -> SafeString:
    """`svg` as one image named `title`, with no style, class, identifier or inner label."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - drawn by our own library a moment ago
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG}}}path" and not child.get("d"):
                parent.remove(child)
        for name, value in style_properties(parent):
            parent.set(name, value)
        for name in DROPPED & set(parent.attrib):
            del parent.attrib[name]
        if parent.tag == f"{{{SVG}}}text":
            parent.set("fill", "currentColor")
    root.set("role", "img")
    root.set("aria-label", title)
    root.set("font-family", FONTS)
    name = ElementTree.Element(f"{{{SVG}}}title")  # where WeasyPrint takes the figure's alternative text from
    name.text = title
    root.insert(0, name)
    # Prefixes are registered once for the whole process, and WeasyPrint takes the empty one at its first PDF: the
    # elements would become `ns0:svg`, which neither a browser nor WeasyPrint draws as an image in HTML.
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
    root.set("xmlns", SVG)
    return SafeString(ElementTree.tostring(root, encoding="unicode"))


def style_properties(element: ElementTree.Element) -> list[tuple[str, str]]:
    """The declarations of `style="…"`: in SVG each has an attribute of the same name, which the policy allows."""
    declarations = (part.partition(":") for part in element.get("style", "").split(";"))
    return [(name.strip(), value.strip()) for name, _colon, value in declarations if name.strip()]
