"""What people read is printed as French prints it."""

import pytest

from prevenance.config.paths import ROOT
from tests.house.typography import files, mend, mend_python, mend_template


@pytest.mark.parametrize(
    "typed, printed",
    [
        ("l'élu", "l’élu"),
        ("Attention : non !", "Attention\u00a0: non\u00a0!"),
        ("« oui »", "«\u00a0oui\u00a0»"),
        ("à 10:30, voir https://a.fr/?x=1", "à 10:30, voir https://a.fr/?x=1"),
        ("déjà\u00a0: juste", "déjà\u00a0: juste"),
        ("5 000 habitants", "5 000\u00a0habitants"),
    ],
)
def test_mending(typed, printed):
    assert mend(typed) == printed
    assert mend(printed) == printed


def test_a_template_keeps_its_code():
    source = """{% if x == 'a' ? %}<a title="l'un : x" href='y'>l'autre : z</a>{% trans "L'heure : dite" %}"""
    assert mend_template(source) == (
        """{% if x == 'a' ? %}<a title="l'un : x" href='y'>l’autre\u00a0: z</a>{% trans "L’heure\u00a0: dite" %}"""
    )


def test_python_strings_outside_gettext_are_left_alone():
    assert mend_python('x = "l\'un"\ny = _("l\'un")\n') == 'x = "l\'un"\ny = _("l’un")\n'


def test_every_french_text_is_printed_right():
    seen = [(path, function, path.read_text()) for path, function in files(ROOT)]
    assert len(seen) > 40
    assert [str(path.relative_to(ROOT)) for path, function, text in seen if function(text) != text] == []
