"""The house's `{% url %}` and `|date` say what Django's say, for less time, and the first of a month as French does."""

import datetime as dt
import uuid

import pytest
from django.template import Context, Engine, engines
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from prevenance.core.dates import date_format
from prevenance.core.templatetags.rows import address, pattern

OURS = engines["django"].engine
DJANGO = Engine(builtins=["django.templatetags.i18n"])


def drawn(engine, source, **context):
    return engine.from_string(source).render(Context(context))


@pytest.mark.parametrize("pk", [1, 42, 910_000_000, 9_000_000_000])
@pytest.mark.parametrize("name", ["governance:council", "governance:meeting", "governance:minutes"])
def test_an_address_is_the_one_that_django_finds(name, pk):
    assert address(name, pk) == reverse(name, args=[pk])
    source = f'{{% url "{name}" pk %}}{{% url "{name}" pk as there %}}[{{{{ there }}}}]'
    assert (
        drawn(OURS, source, pk=pk)
        == drawn(DJANGO, source, pk=pk)
        == f"{reverse(name, args=[pk])}[{reverse(name, args=[pk])}]"
    )


def test_two_identifiers_keep_their_places():
    assert address("governance:attendance_answer", 7, 910_000_000) == reverse(
        "governance:attendance_answer", args=[7, 910_000_000]
    )


def test_an_address_is_looked_up_once_for_all_rows():
    pattern.cache_clear()
    source = '{% for pk in pks %}{% url "governance:council" pk %}{% endfor %}'
    drawn(OURS, source, pks=range(1, 51))
    assert pattern.cache_info().misses == 1


def test_what_is_no_number_is_left_to_django():
    key = uuid.uuid4()
    source = '{% url "governance:upload" 3 key %}'
    assert drawn(OURS, source, key=key) == reverse("governance:upload", args=[3, key])
    with pytest.raises(NoReverseMatch):
        drawn(OURS, '{% url "governance:council" pk %}', pk="")
    assert drawn(OURS, '{% url "no:such" 3 as there %}[{{ there }}]') == "[]"


@pytest.mark.parametrize("form", ["j F Y", "l j F Y", "d/m/Y", "Y-m-d", "\\\\l\\\\e j F", "c", "", "SHORT_DATE_FORMAT"])
def test_a_date_reads_as_django_writes_it(form):
    moment = timezone.make_aware(dt.datetime(2026, 8, 21, 9, 5))
    for value in (dt.date(2026, 8, 11), dt.date(2024, 2, 29), moment, None, "", dt.datetime(2026, 8, 31, 23, 59)):
        source = f'{{{{ value|date:"{form}" }}}}'
        assert drawn(OURS, source, value=value) == drawn(DJANGO, source, value=value)
    assert drawn(OURS, "{{ value|date }}", value=dt.date(2026, 8, 11)) == drawn(
        DJANGO, "{{ value|date }}", value=dt.date(2026, 8, 11)
    )


@pytest.mark.parametrize(
    "form, words",
    [
        ("j F Y", "1er août 2026"), ("l j F Y", "samedi 1er août 2026"), ("j\u00a0F", "1er\u00a0août"),
        ("DATE_FORMAT", "1er août 2026"), ("d/m/Y", "01/08/2026"), ("j/n", "1/8"), (r"\\j j F", "j 1er août"),
    ],
)  # fmt: skip
def test_the_first_of_a_month_reads_as_french_does(form, words):
    for value in (dt.date(2026, 8, 1), dt.datetime(2026, 8, 1, 9, 5), timezone.make_aware(dt.datetime(2026, 8, 1, 9))):
        assert drawn(OURS, f'{{{{ value|date:"{form}" }}}}', value=value) == words
        assert date_format(value, form.replace("\\\\", "\\")) == words
    moment = dt.datetime(2026, 8, 1, 9, 5)
    assert drawn(OURS, '{{ value|date:"j F Y, G:i" }}', value=moment) == "1er août 2026, 9:05"


@pytest.mark.parametrize("form", ["j F Y, H:i", "l j F à G:i", "G:i", "j F, H:i:s"])
def test_an_hour_reads_as_django_writes_it(form):
    source = f'{{{{ value|date:"{form}" }}}}'
    for value in (timezone.make_aware(dt.datetime(2026, 8, 21, 9, 5)), dt.datetime(2026, 8, 31, 23, 59), None):
        assert drawn(OURS, source, value=value) == drawn(DJANGO, source, value=value)


def test_cells_write_numbers_as_a_variable_does():
    numbers = [0, 7, 1234, 1234567, None]
    one_by_one = drawn(
        OURS, '{% for n in numbers %}<td>{{ n|default_if_none:"n. d." }}</td>{% endfor %}', numbers=numbers
    )
    assert drawn(OURS, '{% cells numbers "n. d." %}', numbers=numbers) == one_by_one
    assert "&lt;b&gt;" in drawn(OURS, "{% cells numbers word %}", numbers=numbers, word="<b>")
