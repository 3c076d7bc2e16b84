"""Who leads to whom, drawn on the server: boxes in rows from top to bottom, and numbered arrows between them.

The drawing is an image with one name; a table beside it says the same, arrow by arrow, by the same numbers. Only
attributes of presentation are used: the policy of pages forbids styles written in them.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import mean

from django.utils.safestring import SafeString

from prevenance.core.charts import BAR, SVG, inline, on_one_line

WIDTH, SPACE, ROW_SPACE, EDGE = 172, 32, 82, 26  # pixels: a box, between two, between two rows, around the whole
ACROSS = 3  # boxes in a row, at most: a sheet of paper and a telephone are narrow
LETTERS, LINES = 23, 4  # of a box: letters on a line, lines
LEVELS = 5  # heights at which arrows go across, between two rows
LINE, PAD = 16, 10  # pixels: from one line to the next, around the text
FILL = "#e2efec"  # --pv-brand-soft of static/prevenance.css


@dataclass(frozen=True)
class Arrow:
    """From one box to another, by their keys; `number` is that of the line of the table."""

    number: int
    start: str
    end: str


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    height: float
    lines: tuple[str, ...]

    @property
    def middle(self) -> float:
        return self.left + WIDTH / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height


def flow(labels: Mapping[str, str], arrows: Sequence[Arrow], *, title: str) -> SafeString:
    """The drawing of `arrows`, in their order; `labels` names each box. Raises KeyError for a box without a label."""
    boxes, width, height = placed(labels, arrows)
    order = {key: rank for rank, key in enumerate(boxes)}
    leaving = {key: [arrow for arrow in arrows if arrow.start == key] for key in boxes}
    coming = {key: [arrow for arrow in arrows if arrow.end == key] for key in boxes}
    for key in boxes:  # side by side on a box as what is at their other end is
        leaving[key].sort(key=lambda arrow: (boxes[arrow.end].middle, arrow.number))
        coming[key].sort(key=lambda arrow: (boxes[arrow.start].middle, arrow.number))
    parts, marks, right = [], [], width - EDGE
    for place, arrow in enumerate(arrows):
        start, end = boxes[arrow.start], boxes[arrow.end]
        x = port(start, leaving[arrow.start].index(arrow), len(leaving[arrow.start]))
        to = port(end, coming[arrow.end].index(arrow), len(coming[arrow.end]))
        if end.top >= start.bottom:
            # Across, each at a height of its own: two that cross are not taken for one.
            parts.append(line(x, start.bottom, to, end.top, end.top - 44 - place % LEVELS * 7))
            marks.append(mark(arrow.number, to, end.top - 24))
        elif end.top == start.top:
            path, ends, seen = beside(start, end)
            parts += [f'<path d="{path}" fill="none" stroke="{BAR}" stroke-width="1.5"/>', head(*ends)]
            marks.append(mark(arrow.number, *seen))
        else:  # upwards: round by the right
            right += 12
            path = f"M{start.left + WIDTH} {start.top + start.height / 2}"
            path += f"H{right}V{end.top + end.height / 2}H{end.left + WIDTH + 7}"
            parts.append(f'<path d="{path}" fill="none" stroke="{BAR}" stroke-width="1.5"/>')
            parts.append(head(end.left + WIDTH, end.top + end.height / 2, -1, 0))
            marks.append(mark(arrow.number, right, (start.top + end.top) / 2 + 20))
    parts += [drawn(boxes[key]) for key in order]
    whole = max(width, right + EDGE)
    svg = (
        f'<svg xmlns="{SVG}" width="{whole:g}" height="{height:g}" viewBox="0 0 {whole:g} {height:g}">'
        f"{''.join(parts)}{''.join(marks)}</svg>"
    )
    return inline(svg, title=on_one_line(title))


def placed(labels: Mapping[str, str], arrows: Sequence[Arrow]) -> tuple[dict[str, Box], float, float]:
    """({key: box}, width, height). A box is in the row below the first one that leads to it."""
    level: dict[str, int] = {}
    for arrow in arrows:
        level.setdefault(arrow.start, 0)
        level.setdefault(arrow.end, level[arrow.start] + 1)
    rows: list[list[str]] = []
    seat: dict[str, float] = {}  # of each box: its place in its row, from 0 to 1
    for depth in range(max(level.values(), default=-1) + 1):
        here = [key for key, found in level.items() if found == depth]
        if depth:  # below what leads to them, so that fewer arrows cross
            here.sort(key=lambda key: mean([seat[arrow.start] for arrow in arrows if above(arrow, key, level)]))
        rows += [here[place : place + ACROSS] for place in range(0, len(here), ACROSS)]
        seat |= {key: (place + 0.5) / len(here) for place, key in enumerate(here)}
    widest = max(map(len, rows), default=1)
    width = 2 * EDGE + widest * WIDTH + (widest - 1) * SPACE
    boxes: dict[str, Box] = {}
    top: float = EDGE
    for row in rows:
        texts = {key: wrapped(labels[key]) for key in row}
        height = max(len(lines) for lines in texts.values()) * LINE + 2 * PAD
        left = (width - len(row) * WIDTH - (len(row) - 1) * SPACE) / 2
        for place, key in enumerate(row):
            boxes[key] = Box(left + place * (WIDTH + SPACE), top, height, texts[key])
        top += height + ROW_SPACE
    return boxes, width, top - ROW_SPACE + EDGE


def above(arrow: Arrow, key: str, level: Mapping[str, int]) -> bool:
    """Whether an arrow comes down to a box from a row above."""
    return arrow.end == key and level[arrow.start] < level[key]


def wrapped(label: str) -> tuple[str, ...]:
    """A label in lines; what does not fit is in the table."""
    return tuple(textwrap.wrap(on_one_line(label), LETTERS, max_lines=LINES, placeholder=" …")) or ("",)


def port(box: Box, place: int, count: int) -> float:
    """Where the arrow of a place among `count` leaves or reaches a box."""
    return box.left + WIDTH * (place + 1) / (count + 1)


def line(x: float, y: float, to_x: float, to_y: float, across: float) -> str:
    """Down, across at a height, and down again."""
    path = f"M{x:g} {y:g}" if x == to_x else f"M{x:g} {y:g}V{across:g}H{to_x:g}"
    return f'<path d="{path}V{to_y - 7:g}" fill="none" stroke="{BAR}" stroke-width="1.5"/>' + head(to_x, to_y, 0, 1)


def beside(start: Box, end: Box) -> tuple[str, tuple[float, float, int, int], tuple[float, float]]:
    """(path, head, place of the number) of an arrow to a box of the same row: straight to the next one, under those
    between otherwise. What comes back goes a little lower."""
    side = 1 if end.left > start.left else -1
    near = start.left + WIDTH if side > 0 else start.left
    to = end.left if side > 0 else end.left + WIDTH
    if abs(to - near) <= SPACE:
        y = start.top + start.height / 2 - 8 * side
        return f"M{near:g} {y:g}H{to - 7 * side:g}", (to, y, side, 0), ((near + to) / 2, y - 18 * side)
    x, to, y = near - 12 * side, to + 12 * side, start.bottom + 14
    return f"M{x:g} {start.bottom:g}V{y}H{to:g}V{end.bottom + 7:g}", (to, end.bottom, 0, -1), ((x + to) / 2, y)


def head(x: float, y: float, right: int, down: int) -> str:
    """The head of an arrow whose point is at (x, y); its direction is (right, down)."""
    back, side = 9, 5
    one = (x - back * right - side * down, y - back * down - side * right)
    other = (x - back * right + side * down, y - back * down + side * right)
    points = f"{x:g},{y:g} {one[0]:g},{one[1]:g} {other[0]:g},{other[1]:g}"
    return f'<polygon points="{points}" fill="{BAR}"/>'


def mark(number: int, x: float, y: float) -> str:
    return (
        f'<circle cx="{x:g}" cy="{y:g}" r="11" fill="#ffffff" stroke="{BAR}" stroke-width="1.5"/>'
        f'<text x="{x:g}" y="{y + 4.5:g}" text-anchor="middle" font-size="13" font-weight="bold">{number}</text>'
    )


def drawn(box: Box) -> str:
    first = box.top + box.height / 2 - (len(box.lines) - 1) * LINE / 2 + 4.5
    texts = "".join(
        f'<text x="{box.middle:g}" y="{first + place * LINE:g}" text-anchor="middle" font-size="13">'
        f"{escape(words)}</text>"
        for place, words in enumerate(box.lines)
    )
    return (
        f'<rect x="{box.left:g}" y="{box.top:g}" width="{WIDTH}" height="{box.height:g}" rx="6" fill="{FILL}"'
        f' stroke="{BAR}" stroke-width="1.5"/>{texts}'
    )
