"""`{% once %}` draws a cell once for each of its values, for one page only."""

import pytest
from django.template import Context, TemplateSyntaxError, engines

OURS = engines["django"].engine


class Counted:
    """A piece of a page that counts how often it is drawn."""

    def __init__(self):
        self.times = 0

    def __str__(self):
        self.times += 1
        return "x"


def drawn(source, **context):
    return OURS.from_string(source).render(Context(context))


def test_each_value_is_drawn_once_and_shown_every_time():
    piece = Counted()
    source = "{% for row in rows %}{% once row %}{{ row }}{{ piece }} {% endonce %}{% endfor %}"
    assert drawn(source, rows=["a", "b", "a", "a"], piece=piece) == "ax bx ax ax "
    assert piece.times == 2


def test_values_that_python_takes_for_one_key_are_told_apart():
    source = "{% for row in rows %}{% once row %}{{ row }} {% endonce %}{% endfor %}"
    assert drawn(source, rows=[1, True, "1", 1, None, "", 0, False]) == "1 True 1 1 None  0 False "


def test_nothing_is_kept_from_one_page_to_the_next():
    template = OURS.from_string("{% for row in rows %}{% once row %}{{ who }} {% endonce %}{% endfor %}")
    assert template.render(Context({"rows": [1, 1], "who": "Ada"})) == "Ada Ada "
    assert template.render(Context({"rows": [1, 1], "who": "Lin"})) == "Lin Lin "


def test_several_values_and_filters_make_the_key():
    source = "{% for a, b in rows %}{% once a b|length %}{{ a }}{{ b|length }} {% endonce %}{% endfor %}"
    assert drawn(source, rows=[(1, "x"), (1, "yy"), (1, "z"), (2, "x")]) == "11 12 11 21 "


def test_a_cell_that_depends_on_nothing_is_refused():
    with pytest.raises(TemplateSyntaxError):
        drawn("{% once %}x{% endonce %}")
