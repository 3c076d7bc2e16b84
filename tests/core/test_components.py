"""Components say what they must to those who cannot see them, and error pages need neither database nor actor."""

import re
from urllib.parse import urlencode

import pytest
from django import forms
from django.core.paginator import Paginator
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict
from django.template import Context, RequestContext, Template
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from prevenance.core import errors
from prevenance.core.templatetags import prevenance as tags
from prevenance.core.widgets import DateInput, DateTimeInput, Renderer, TimeInput


class Meeting(forms.Form):
    title = forms.CharField(label="Intitulé", help_text="Lu par les membres.")
    day = forms.DateField(label="Date", widget=DateInput, required=False)
    place = forms.ChoiceField(label="Lieu", widget=forms.RadioSelect, choices=[("a", "Mairie"), ("b", "École")])
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def draw(source, request=None, **context):
    return Template(source).render(RequestContext(request, context) if request else Context(context))


def test_a_field_ties_its_hint_and_its_error_to_its_control():
    form = Meeting({"title": "", "day": "32/01/2026"})
    drawn = draw("{% field form.title %}", form=form)
    described = re.search(r'aria-describedby="([^"]+)"', drawn).group(1).split()
    assert described == ["id_title_helptext", "id_title_error"]
    assert all(f'id="{name}"' in drawn for name in described)
    assert 'aria-invalid="true"' in drawn
    assert "obligatoire" in drawn
    assert 'value="32/01/2026"' in draw("{% field form.day %}", form=form)  # what was typed stays


class Plain(forms.Form):
    name = forms.CharField(label="Nom <b>", help_text="Lu par « tous » & chacun.")
    day = forms.DateField(label=gettext_lazy("Date"), widget=DateInput, required=False)
    kind = forms.ChoiceField(label="Nature", choices=[("", "Toutes"), ("a", "L’une")])
    locked = forms.CharField(label="Fixé", disabled=True)
    agreed = forms.BooleanField(label="D’accord", help_text=mark_safe("<em>Au moins</em> une fois."))
    marked = forms.BooleanField(label="Aussi", required=False)


@pytest.mark.parametrize("name", Plain.base_fields)
@pytest.mark.parametrize("prefix", ["", "form-3"])
def test_a_field_without_an_error_is_what_its_template_draws(name, prefix, monkeypatch):
    def plain(drawn):
        return re.sub(r"\s*(<|>)\s*", r"\1", re.sub(r"\s+", " ", drawn)).strip()

    source = f'{{% field form.{name} %}}{{% field form.{name} hint="Autre." class="mien" data_part="x" %}}'
    ours = draw(source, form=Plain(prefix=prefix or None, initial={"name": "Écrit", "kind": "a"}))
    monkeypatch.setattr(tags, "plain_field", lambda shown: render_to_string("components/field.html", shown))
    template = draw(source, form=Plain(prefix=prefix or None, initial={"name": "Écrit", "kind": "a"}))
    assert plain(ours) == plain(template)
    assert "<b>" not in ours


def test_a_day_is_given_to_the_browser_in_its_own_form():
    import datetime

    drawn = draw("{% field form.day %}", form=Meeting(initial={"day": datetime.date(2026, 3, 12)}))
    assert 'type="date"' in drawn
    assert 'value="2026-03-12"' in drawn
    assert "obligatoire" not in drawn


def test_choices_are_a_named_group():
    drawn = draw("{% field form.place %}", form=Meeting())
    assert "<fieldset" in drawn
    assert re.search(r'<legend[^>]*id="id_place_legend"', drawn)
    assert drawn.count('type="radio"') == 2
    assert drawn.count("fr-radio-group") == 2


def test_every_field_of_a_form_is_drawn_once_hidden_ones_included():
    drawn = draw("{% fields form %}", form=Meeting())
    for name in ("title", "day", "secret"):
        assert drawn.count(f'name="{name}"') == 1


def test_the_summary_of_errors_leads_to_each_field():
    drawn = draw("{% errors form %}", form=Meeting({}))
    assert re.findall(r'href="#(\w+)"', drawn) == ["id_title", "id_place_0"]
    assert draw("{% errors form %}", form=Meeting()).strip() == ""


def test_what_was_typed_is_escaped():
    drawn = draw("{% fields form %}{% errors form %}", form=Meeting({"title": "<script>", "place": "<b>"}))
    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "<b>" not in draw('{% alert "info" title %}{{ title }}{% endalert %}{% badge title %}', title="<b>")


def test_a_refused_act_is_a_disabled_button_tied_to_the_sentence(rf):
    request = rf.get("/")
    drawn = draw('{% action_button "/x/" "Approuver" reason=why version=3 %}', request, why="Pas avant la séance.")
    name = re.search(r'disabled\s+aria-describedby="([^"]+)"', drawn).group(1)
    assert re.search(rf'id="{name}">Pas avant la séance\.<', drawn)
    assert '<input type="hidden" name="version" value="3">' in drawn
    assert "csrfmiddlewaretoken" in drawn
    assert "disabled" not in draw('{% action_button "/x/" "Approuver" reason=why %}', request, why="")


def test_two_acts_of_a_page_have_two_dialogs(rf):
    act = '{%% confirm_button "%s" "Supprimer" title="Sûr ?" lost="Tout." %%}'
    drawn = draw(act % "/a/" + act % "/b/", rf.get("/"))
    names = re.findall(r'<dialog[^>]*id="([^"]+)"', drawn)
    assert len(set(names)) == 2
    assert [f'data-dialog="{name}"' in drawn for name in names] == [True, True]


def test_pages_keep_filters_and_one_page_needs_no_links(rf):
    request = rf.get("/?q=é+a&page=2")
    drawn = draw("{% pagination page %}", request, page=Paginator(range(100), 10).page(2))
    links = [QueryDict(link.replace("&amp;", "&")) for link in re.findall(r'href="\?([^"]*)"', drawn)]
    assert len(links) >= 4
    assert {link["q"] for link in links} == {"é a"}
    assert {"1", "3", "10"} <= {link["page"] for link in links}
    assert draw("{% pagination page %}", request, page=Paginator(range(5), 10).page(1)).strip() == ""


WIDGETS = [
    forms.TextInput(), forms.EmailInput(), forms.NumberInput(), forms.PasswordInput(render_value=True),
    forms.HiddenInput(), forms.CheckboxInput(), DateInput(), DateTimeInput(), TimeInput(), forms.Textarea(),
    forms.Select(choices=[("", "Tous"), ("é&<", "Nord & <Sud>"), (1, gettext_lazy("Convoquée")), (None, "Aucun")]),
    forms.Select(choices=[("Île-de-France", [("75", "Paris"), ("77", "Seine-et-Marne")]), ("20", "L’Île \"rousse\"")]),
    forms.SelectMultiple(choices=[("a", "A"), ("b", "B")]),
    forms.RadioSelect(choices=[("a", "A"), ("b", "B")]), forms.CheckboxSelectMultiple(choices=[("a", "A")]),
    forms.FileInput(), forms.ClearableFileInput(),
]  # fmt: skip


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", [None, "", "a", "é&<", 1, ["a", "b"], True, '<b>"x"</b>', mark_safe("&amp;")])
def test_our_renderer_writes_what_django_s_templates_write(widget, value):
    attrs = {"id": "id_x", "required": True, "disabled": False, "maxlength": 12, "title": "L’« été » & <b>"}

    def words(renderer):
        return " ".join(widget.render("x", value, attrs, renderer=renderer).split()).replace("> <", "><")

    assert words(Renderer()) == words(DjangoTemplates())


ERROR_PAGES = ["400", "403", "404", "413", "500", "503", "csrf", "signed_out", "no_mandate"]


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_an_error_page_stands_without_database_actor_or_session(rf, name):
    """No database fixture here: touching it would fail the test."""
    response = errors.page(rf.get("/conseils/12/"), name, 400, reason="Une phrase.", can_send_again=True)
    text = response.content.decode()
    assert "data-reason" in text
    assert '<html lang="fr"' in text
    assert text.count("<h1") == 1
    assert "Ce que vous aviez saisi" not in text


@pytest.mark.parametrize("name", ERROR_PAGES)
def test_an_error_on_a_form_gives_back_what_was_typed_and_sends_it_again(rf, name):
    minutes = "1. Bilan de l’année <écoulée> : les permanences\n2. Questions diverses"
    sent = urlencode({"body": minutes, "kind": "a", "password": "hunter2"})
    address = "/conseils/12/?onglet=compte-rendu"
    request = rf.post(address, sent, content_type="application/x-www-form-urlencoded")
    text = errors.page(request, name, 400, reason="Une phrase.", can_send_again=True).content.decode()
    assert "hunter2" not in text
    assert 'action="/conseils/12/?onglet=compte-rendu"' in text
    assert 'name="kind" value="a"' in text
    assert text.count("Bilan de l’année &lt;écoulée&gt;") == 2  # shown, and in the field that is sent again
    assert "csrfmiddlewaretoken" in text
