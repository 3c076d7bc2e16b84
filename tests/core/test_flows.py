"""A drawing of who leads to whom: every box and number is there, nothing that the policy of pages refuses."""

import re
from xml.etree import ElementTree

import pytest

from prevenance.core.flows import ACROSS, Arrow, flow, placed, wrapped

LABELS = {"a": "Enseignant", "b": "Cellule d’accueil", "c": "Procureur de la République", "d": "119 <urgent> & écoute"}
ARROWS = [Arrow(1, "a", "b"), Arrow(2, "b", "c"), Arrow(3, "a", "d"), Arrow(4, "c", "b")]


def drawn(labels=LABELS, arrows=ARROWS):
    return ElementTree.fromstring(flow(labels, arrows, title="Circuit d’essai"))  # noqa: S314


def words(root):
    return [element.text for element in root.iter() if element.tag.endswith("text")]


def test_each_box_and_each_number_is_drawn_once():
    root = drawn()
    assert len([element for element in root.iter() if element.tag.endswith("rect")]) == len(LABELS)
    assert [word for word in words(root) if word.isdecimal()] == ["1", "2", "3", "4"]
    assert "119 <urgent> & écoute" in " ".join(words(root))


def test_it_is_one_image_with_a_name_and_no_style():
    svg = flow(LABELS, ARROWS, title="Circuit d’essai")
    root = drawn()
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Circuit d’essai"
    assert "style=" not in svg
    assert "class=" not in svg
    assert "<script" not in svg


def test_boxes_overlap_neither_each_other_nor_the_edge():
    labels = {str(rank): f"Boîte {rank} " + "au nom fort long " * (rank % 5) for rank in range(12)}
    arrows = [Arrow(rank, "0", str(rank)) for rank in range(1, 8)]
    arrows += [Arrow(rank, str(rank - 6), str(rank)) for rank in range(8, 12)]
    boxes, width, height = placed(labels, arrows)
    assert len(boxes) == 12
    for key, one in boxes.items():
        assert one.left >= 0
        assert one.left + 172 <= width
        assert one.bottom <= height
        for other_key, other in boxes.items():
            if key != other_key:
                beside = one.left + 172 <= other.left or other.left + 172 <= one.left
                assert beside or one.bottom <= other.top or other.bottom <= one.top
    rows = {box.top for box in boxes.values()}
    assert max(sum(box.top == top for box in boxes.values()) for top in rows) <= ACROSS


@pytest.mark.parametrize("label", ["", " ", "x" * 300, "mot " * 80])
def test_any_label_fits_its_box(label):
    lines = wrapped(label)
    assert 1 <= len(lines) <= 4
    assert all(len(line) <= 23 for line in lines)


def test_a_box_without_a_label_is_refused():
    with pytest.raises(KeyError):
        flow({"a": "A"}, [Arrow(1, "a", "b")], title="Circuit")


@pytest.mark.parametrize("start, end", [("b", "c"), ("c", "b"), ("b", "d"), ("d", "b")])
def test_an_arrow_between_two_of_a_row_crosses_no_box(start, end):
    """Straight to the next one, under those between otherwise; its number is on no box."""
    labels = {key: f"Boîte {key}" for key in "abcd"}
    first = [Arrow(rank, "a", key) for rank, key in enumerate("bcd", start=1)]
    arrows = [*first, Arrow(4, start, end)]
    boxes, _width, _height = placed(labels, arrows)
    assert boxes[start].top == boxes[end].top
    root = drawn(labels, arrows)
    path = [element for element in root.iter() if element.tag.endswith("path")][-1].get("d")
    rights = [float(x) for x in re.findall(r"[MH](-?[\d.]+)", path)]
    heights = [float(y) for y in re.findall(r"V(-?[\d.]+)", path)] or [float(path.split("H")[0].split()[1])]
    between = [box for box in boxes.values() if min(rights) < box.left and box.left + 172 < max(rights)]
    assert all(min(heights) > box.bottom for box in between)
    number = [element for element in root.iter() if element.tag.endswith("circle")][-1]
    x, y = float(number.get("cx")), float(number.get("cy"))
    assert not any(
        box.left - 11 < x < box.left + 172 + 11 and box.top - 11 < y < box.bottom + 11 for box in boxes.values()
    )
