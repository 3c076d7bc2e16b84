"""A chart shows figures in French to everyone, in a page whose policy forbids inline styles and in a PDF."""

from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prevenance.core import charts
from prevenance.core.charts import bar_chart
from prevenance.core.documents import pdf
from tests.core.test_pdf import read, structure

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [
    {"name": "Saint-Éloi & l’« Essai »", "count": 12345},
    {"name": "Exempleville", "count": 4115},
    {"name": "Exempleville", "count": None},
    {"name": "<script>alert(1)</script>", "count": Decimal("-0.5")},
]


def drawn(rows=ROWS, **options):
    return bar_chart(rows, category="name", value="count", title="Actions par commune", unit="Actions", **options)


def elements(chart):
    return ElementTree.fromstring(chart.svg)  # noqa: S314 - our own drawing


def texts(chart):
    return [element.text for element in elements(chart).iter(f"{SVG}text")]


def bars(chart):
    """(start, length) of each bar, in pixels."""
    found = []
    for path in elements(chart).iter(f"{SVG}path"):
        if path.get("fill") == charts.BAR:
            start, _top, length, *_rest = path.get("d").replace("M", "").replace("v", "h").replace(",", "h").split("h")
            found.append((float(start), float(length)))
    return found


def test_the_table_says_the_same_figures_in_french():
    chart = drawn(category_label="Commune")
    assert chart.table_headers == ("Commune", "Actions")
    assert chart.table_rows == (
        ("Saint-Éloi & l’« Essai »", "12\u00a0345"),
        ("Exempleville", "4\u00a0115"),
        ("Exempleville", "non connu"),
        ("<script>alert(1)</script>", "−0,5"),
    )
    for _name, figure in chart.table_rows:
        assert figure in texts(chart)


def test_bars_are_as_long_as_their_figures_from_one_zero():
    (start, first), (_, second) = bars(drawn(ROWS[:2]))
    assert start == 0
    assert first / second == pytest.approx(3.0)
    (_, positive), (_, zero), (left, negative) = bars(drawn([ROWS[0], ROWS[2], {"name": "x", "count": -12345}]))
    assert zero == 0
    assert positive == pytest.approx(negative)
    assert left == 0


def test_rows_keep_their_order_and_their_homonyms():
    shown = texts(drawn())
    names = [text for text in shown if text in {row["name"] for row in ROWS}]
    assert names == [row["name"] for row in ROWS]


def test_the_drawing_is_one_image_with_one_name():
    root = elements(drawn())
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Actions par commune"
    assert root.find(f"{SVG}title").text == "Actions par commune"
    inside = [element for element in root.iter() if element is not root]
    assert not any(name.startswith("aria") or name == "role" for element in inside for name in element.attrib)


def test_the_policy_has_nothing_to_forbid_and_no_address_is_named():
    chart = drawn()
    for element in elements(chart).iter():
        assert element.tag.removeprefix(SVG) in {"svg", "title", "g", "path", "line", "text"}
        assert not {"style", "class", "id", "href", "onload"} & set(element.attrib)
    assert "url(" not in chart.svg
    assert chart.svg.count("http") == 1, "the name of the SVG vocabulary alone"
    assert "<script" not in chart.svg


def test_an_inline_style_becomes_attributes():
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0,0h1" style="fill: red; stroke-width:2"/></svg>'
    (path,) = ElementTree.fromstring(charts.inline(svg, title="t")).iter(f"{SVG}path")  # noqa: S314 - ours
    assert path.attrib == {"d": "M0,0h1", "fill": "red", "stroke-width": "2"}


def test_the_title_is_text_and_never_markup():
    chart = bar_chart([], category="a", value="b", title='"><script>x</script>', unit="u")
    assert elements(chart).get("aria-label") == '"><script>x</script>'
    assert "<script" not in render_to_string("components/chart.html", {"chart": chart})


def test_a_figure_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="cannot be drawn"):
        drawn([{"name": "x", "count": float("nan")}])


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [(0.1, None, "0,1"), (1234567, None, "1\u00a0234\u00a0567"), (2 / 3, 1, "0,7"), (Decimal("1E+3"), 0, "1\u00a0000")],
)
def test_figures_are_written_in_french(number, decimals, text):
    assert charts.figure(number, decimals) == text


def test_the_component_unfolds_into_a_table_with_headers():
    html = render_to_string("components/chart.html", {"chart": drawn()})
    assert "<details" in html
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == len(ROWS)
    assert "Voir les chiffres en tableau" in html


def test_the_same_chart_is_printed_with_its_table():
    data = pdf.render_pdf("components/chart.html", {"chart": drawn()}, title="Bilan")
    reader = read(data)
    printed = reader.pages[0].extract_text().replace("\u00a0", " ")
    assert "Exempleville" in printed
    assert printed.count("4 115") == 2, "in the drawing and in its table"


def test_a_chart_drawn_after_a_pdf_keeps_its_markup_and_its_name():
    charts.drawn.cache_clear()
    before = drawn().svg
    pdf.render_pdf("components/chart.html", {"chart": drawn()}, title="Un autre document")
    charts.drawn.cache_clear()
    assert drawn().svg == before
    assert before.startswith("<svg ")
    reader = read(pdf.render_pdf("components/chart.html", {"chart": drawn()}, title="Bilan"))
    assert [node.get("/Alt") for tag, node in structure(reader) if tag == "/Figure"] == ["Actions par commune"]


@settings(max_examples=15, deadline=None)
@example([("\x00\ufffe\ud800\x07", 1)])
@given(st.lists(st.tuples(st.text(st.characters(), max_size=20), st.integers(-(10**6), 10**6)), max_size=5))
def test_any_name_is_drawn_without_breaking_the_image(pairs):
    rows = [{"name": name, "count": count} for name, count in pairs]
    chart = drawn(rows)
    assert len(bars(chart)) == len(rows)
    assert [row[1] for row in chart.table_rows] == [charts.figure(count) for _name, count in pairs]
