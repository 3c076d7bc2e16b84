"""The screens of plans: lists, opening, writing, comparing, taking effect, reading as of a day, files."""

import datetime as dt
import io
import re

import pypdf
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.core.refusals import Refused
from prevenance.domains.strategy import jobs
from prevenance.domains.strategy.actions import amendments as actions
from prevenance.domains.strategy.actions import documents as document_actions
from prevenance.domains.strategy.models import Amendment, Plan, PlanDocument
from prevenance.domains.strategy.rules import documents as document_rules
from tests.domains.strategy.acts import put_in_force, sign
from tests.factories import CouncilFactory, OrganisationFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import PlanFactory, PlanIndicatorFactory, SheetFactory, in_force, national_plan, write

pytestmark = pytest.mark.django_db

TODAY = dt.date.today()
FIRST = "Le conseil écoute. Il répond.\n\n# Les principes\n\nUn bilan d’étape paraît chaque année."


def at(name, *arguments):
    return reverse(f"strategy:{name}", args=arguments)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def lead(council):
    return coordinator_of(council)


@pytest.fixture
def mayor(council):
    return actor("mayor", council.scope.holder)


@pytest.fixture
def plan(council):
    return PlanFactory(council=council, scope=council.scope.holder, territory=council.territory, title="L’essentiel")


def written(client, plan, number, part, typed):
    page = client.get(at("amendment_part", plan.pk, number, part))
    seen = re.search(r'name="seen" value="([^"]*)"', page.content.decode())[1]
    return client.post(at("amendment_part", plan.pk, number, part), {"text": typed, "seen": seen})


# ------------------------------------------------------------------------------------------------ the list


def test_one_s_own_come_first_and_filters_keep_the_rest_out(plan, lead, sign_in):
    national_plan()
    loire = territory("departement", "42")
    in_force(PlanFactory(kind="departement", title="Aide et prévention", territory=loire, scope=scope_of(loire)))
    roanne = territory("commune", "42187")
    in_force(PlanFactory(title="Ailleurs", territory=roanne, scope=scope_of(roanne)))
    client = sign_in(lead)
    page = text_of(client.get(at("plans")))
    assert page.index("L’essentiel") < page.index("Aide et prévention") < page.index("Plan national inventé")
    assert "Ailleurs" not in page
    assert "Aide et" not in text_of(client.get(at("plans") + "?state=draft"))
    assert "L’essentiel" not in text_of(client.get(at("plans") + "?kind=departement"))
    assert "Aide et" in text_of(client.get(at("plans") + "?q=prevention+aide"))
    assert "Aucun plan ne répond" in text_of(client.get(at("plans") + "?q=introuvable"))
    for format in ("csv", "xlsx", "ods"):
        assert client.get(at("plans") + f"?format={format}").status_code == 200
    assert "L’essentiel" in client.get(at("plans") + "?format=csv").content.decode()


def test_an_empty_list_says_what_to_do(lead, council, sign_in):
    assert "Ouvrez le premier" in text_of(sign_in(lead).get(at("plans")))
    assert "dès que son acte est signé" in text_of(sign_in(actor("group_member", council.scope)).get(at("plans")))


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_list_costs_the_same_with_twenty_plans(plan, council, lead, sign_in):
    client = sign_in(lead)
    client.get(at("plans"))
    one = queries(client, at("plans"))
    for _rank in range(19):
        other = in_force(PlanFactory(kind="local_plan", council=council))
        SheetFactory(plan=other)
    assert queries(client, at("plans")) == one <= 12


def test_pages_cost_the_same_with_twenty_amendments_paragraphs_and_sheets(plan, mayor, sign_in):
    write(plan, "preamble", "Un.")
    in_force(plan, TODAY - dt.timedelta(60))
    client = sign_in(mayor)
    addresses = [
        at("plan", plan.pk),
        at("plan_text", plan.pk),
        at("amendment", plan.pk, 0),
        at("plan_documents", plan.pk),
    ]
    for address in addresses:
        client.get(address)
    before = {address: queries(client, address) for address in addresses}
    for number in range(1, 6):
        amendment = actions.open_amendment(plan=plan, title=f"N° {number}", reason="", by=mayor)
        typed = "\n\n".join(f"Paragraphe {rank} de l’avenant {number}." for rank in range(6))
        from prevenance.domains.strategy.rules.amendments import digest

        actions.write_part(
            amendment=amendment,
            part="diagnosis",
            text=typed,
            by=mayor,
            seen=digest("\n\n".join(one.text for one in plan.provisions.filter(part="diagnosis", until=None))),
        )
        put_in_force(amendment, mayor, TODAY - dt.timedelta(50 - number))
        SheetFactory(plan=plan, brought_by=plan.amendments.get(number=0))
    after = {address: queries(client, address) for address in addresses}
    assert after == before
    assert max(after.values()) <= 14, after


# ------------------------------------------------------------------------------------------------ opening


def test_opening_shows_each_kind_then_keeps_what_was_typed(lead, council, sign_in):
    client = sign_in(lead)
    chosen = text_of(client.get(at("plan_open")))
    assert "Contrat de sécurité intégrée" in chosen
    assert "Plan national" not in chosen
    form = at("plan_open") + "?nature=local_strategy"
    assert "Saint-Étienne" in client.get(form).content.decode()
    typed = {"title": "L’avenir d’ici", "begins": "2026-06-01", "ends": "2026-01-01"}
    refused = client.post(form, typed)
    assert refused.status_code == 422
    assert "L’avenir d’ici" in refused.content.decode()
    assert "précède le premier" in text_of(refused)
    done = client.post(form, typed | {"ends": "2031-05-31"})
    opened = Plan.objects.get()
    assert done.url == at("plan", opened.pk)
    assert opened.council == council
    page = text_of(client.get(done.url))
    assert "Reste à écrire : Engagement des partenaires" in page
    assert "L132-6" in page
    assert "déjà en préparation" in text_of(client.get(at("plan_open")))
    assert client.post(form, typed | {"ends": "2031-05-31"}).status_code == 403  # a second click
    assert sign_in(actor("group_member", council.scope)).get(at("plan_open")).status_code == 403


def test_a_mayor_chooses_the_council_and_the_plan_above(mayor, council, sign_in):
    loire = territory("departement", "42")
    above = in_force(PlanFactory(kind="departement", title="Plan de la Loire", territory=loire, scope=scope_of(loire)))
    client = sign_in(mayor)
    form = at("plan_open") + "?nature=local_strategy"
    page = client.get(form).content.decode()
    assert f'<option value="{above.pk}" selected>' in page
    assert f'<option value="{council.pk}" selected>' in page
    typed = {"title": "Ici", "begins": "2026-06-01", "ends": "2031-05-31", "council": council.pk, "parent": above.pk}
    client.post(form, typed | {"compatibility": "Il reprend ses deux priorités."})
    opened = Plan.objects.get(kind="local_strategy")
    page = text_of(client.get(at("plan", opened.pk)))
    assert "Plan de la Loire" in page
    assert "Il reprend ses deux priorités." in page
    stranger = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    assert stranger.get(at("plan", opened.pk)).status_code == 404


def test_editing_on_an_older_state_keeps_what_was_typed(plan, mayor, sign_in):
    client = sign_in(mayor)
    typed = {"title": "Un autre", "begins": "2026-06-01", "ends": "2031-05-31", "seen": 1}
    assert client.post(at("plan_edit", plan.pk), typed).status_code == 302
    stale = client.post(at("plan_edit", plan.pk), typed | {"title": "Encore autre"})
    assert stale.status_code == 409
    assert "Encore autre" in stale.content.decode()
    assert 'name="seen" value="2"' in stale.content.decode()
    in_force(plan)
    assert "ne change plus" in text_of(client.get(at("plan_edit", plan.pk)))


# ------------------------------------------------------------------------------------------------ the whole way


def test_from_a_first_text_to_the_text_of_last_year(plan, lead, mayor, sign_in):
    client = sign_in(lead)
    assert written(client, plan, 0, "preamble", FIRST).status_code == 302
    page = text_of(client.get(at("amendment", plan.pk, 0)))
    assert "3 paragraphes" in page
    assert "Préparez d’abord l’acte" in page
    assert "Ajouté" in text_of(client.get(at("amendment_compare", plan.pk, 0)))
    prepared = client.post(at("amendment_act", plan.pk, 0))
    assert prepared.url.startswith("/conseils/actes/")
    assert client.post(at("amendment_act", plan.pk, 0)).url == at("amendment", plan.pk, 0)  # a second click
    first = plan.amendments.get()
    sign(first.act, mayor, TODAY - dt.timedelta(400))
    effect = at("amendment_effect", plan.pk, 0)
    assert "Entrent en vigueur : 3 paragraphes" in text_of(client.get(effect))
    day = TODAY - dt.timedelta(400)
    assert client.post(effect, {"on": (day - dt.timedelta(1)).isoformat()}).status_code == 422
    assert client.post(effect, {"on": day.isoformat()}).status_code == 302
    assert client.post(effect, {"on": day.isoformat()}).status_code == 302  # a second click

    opened = client.post(at("amendment_open", plan.pk), {"title": "L’école", "reason": "Demande d’un collège"})
    assert opened.url == at("amendment", plan.pk, 1)
    assert written(client, plan, 1, "preamble", FIRST.replace("Il répond.", "Il agit.")).status_code == 302
    compared = client.get(at("amendment_compare", plan.pk, 1))
    assert "<ins><span" in compared.content.decode()
    assert "Modifié" in text_of(compared)
    put_in_force(plan.amendments.get(number=1), mayor)
    now = text_of(client.get(at("plan_text", plan.pk)))
    assert "Il agit." in now
    assert "Apporté par" in now
    assert "texte initial, avenant n°" in now
    last_year = text_of(client.get(at("plan_text", plan.pk) + f"?le={(TODAY - dt.timedelta(365)).isoformat()}"))
    assert "Il répond." in last_year
    assert "Il agit." not in last_year
    before = text_of(client.get(at("plan_text", plan.pk) + "?le=2001-01-01"))
    assert "Aucun texte n’était en vigueur" in before
    wrong = client.get(at("plan_text", plan.pk) + "?le=hier")
    assert wrong.status_code == 200
    assert "Il agit." in text_of(wrong)


def test_a_stale_tab_keeps_both_texts_on_screen(plan, lead, sign_in):
    client = sign_in(lead)
    address = at("amendment_part", plan.pk, 0, "preamble")
    seen = re.search(r'name="seen" value="([^"]*)"', client.get(address).content.decode())[1]
    assert client.post(address, {"text": "Écrit d’abord.", "seen": seen}).status_code == 302
    stale = client.post(address, {"text": "L’autre onglet.", "seen": seen})
    assert stale.status_code == 409
    page = text_of(stale)
    assert "L’autre onglet." in page
    assert "Écrit d’abord." in page
    # Saved again in knowledge of both, it goes through.
    seen = re.search(r'name="seen" value="([^"]*)"', stale.content.decode())[1]
    assert client.post(address, {"text": "L’autre onglet.", "seen": seen}).status_code == 302
    assert [one.text for one in Amendment.objects.get().changes.all()] == ["L’autre onglet."]


def test_a_part_that_does_not_exist_is_not_found(plan, lead, sign_in):
    assert sign_in(lead).get(at("amendment_part", plan.pk, 0, "sheet:4:problem")).status_code == 404


def test_giving_up_asks_once(plan, mayor, sign_in):
    client = sign_in(mayor)
    asked = client.get(at("amendment_drop", plan.pk, 0))
    assert "ne prendra jamais effet" in text_of(asked)
    assert client.post(at("amendment_drop", plan.pk, 0)).status_code == 302
    assert "Abandonné" in text_of(client.get(at("plan", plan.pk)))
    assert "L’essentiel" not in text_of(client.get(at("plans")))
    assert "L’essentiel" in text_of(client.get(at("plans") + "?state=dropped"))


def test_ending_asks_once_and_says_what_is_lost(plan, mayor, lead, sign_in):
    in_force(plan, TODAY - dt.timedelta(30))
    assert sign_in(lead).get(at("plan_end", plan.pk)).status_code == 403
    client = sign_in(mayor)
    assert "Une fin déclarée ne se reprend pas" in text_of(client.get(at("plan_end", plan.pk)))
    wrong = client.post(at("plan_end", plan.pk), {"on": (TODAY + dt.timedelta(2)).isoformat()})
    assert wrong.status_code == 422
    assert client.post(at("plan_end", plan.pk), {"on": (TODAY - dt.timedelta(1)).isoformat()}).status_code == 302
    assert "Terminé" in text_of(client.get(at("plan", plan.pk)))


def test_readers_see_what_is_in_force_and_no_draft(plan, mayor, council, sign_in):
    write(plan, "preamble", "Un préambule.")
    in_force(plan)
    actions.open_amendment(plan=plan, title="Caché", reason="", by=mayor)
    for role, scope in (
        ("group_member", council.scope),
        ("prosecutor_office", scope_of(territory("departement", "42"))),
        ("mediator", scope_of(council.territory)),
        ("evaluator", scope_of(territory("region", "84"))),
    ):
        client = sign_in(actor(role, scope))
        page = text_of(client.get(at("plan", plan.pk)))
        assert "Caché" not in page
        assert "Préparer un avenant" not in page
        assert "Un préambule." in text_of(client.get(at("plan_text", plan.pk)))
        assert client.get(at("amendment", plan.pk, 1)).status_code == 404
        assert client.get(at("amendment", plan.pk, 0)).status_code == 200
        assert client.get(at("plan_edit", plan.pk)).status_code == 403
    admin = sign_in(actor("data_protection_officer", scope_of(council.territory)))
    assert admin.get(at("plan", plan.pk)).status_code == 404


# ------------------------------------------------------------------------------------------------ files


def full(plan, sheets):
    """A plan in force with that many whole sheets."""
    write(plan, "preamble", "Un préambule d’apparat.")
    lead = OrganisationFactory(name="Mission d’ici")
    for number in range(1, sheets + 1):
        sheet = SheetFactory(
            plan=plan, number=number, title=f"L’action n° {number}", lead=lead, age_from=11, age_to=17, expected=30,
            audiences=["adolescents"],
        )  # fmt: skip
        sheet.steps.create(position=1, label="Réunir les parents", due_on=dt.date(2026, 9, 1))
        sheet.budget.create(year=2026, side="expense", label="Animation", planned=1200)
        write(plan, f"sheet:{number}:problem", "Des élèves décrochent.")
        write(plan, f"sheet:{number}:objective", "Qu’ils raccrochent.")
    in_force(plan)
    followed = PlanIndicatorFactory(indicator__plan=plan, indicator__label="Élèves raccrochés", sheet=sheet)
    followed.target, followed.target_on = 12, dt.date(2027, 12, 31)
    followed.save()
    return plan


def test_the_table_of_sheets_is_made_at_once(plan, mayor, sign_in):
    full(plan, 2)
    client = sign_in(mayor)
    ods = client.get(at("plan_table", plan.pk))
    assert ods["Content-Type"] == "application/vnd.oasis.opendocument.spreadsheet"
    csv = client.get(at("plan_table", plan.pk) + "?format=csv").content.decode()
    for said in (
        "L’action n° 2",
        "Mission d’ici",
        "11 à 17 ans",
        "Qu’ils raccrochent.",
        "1200,00",
        "Élèves raccrochés",
    ):
        assert said in csv
    assert "L’action" not in client.get(at("plan_table", plan.pk) + "?format=csv&le=2020-01-01").content.decode()


def asked(plan, by, **options):
    document = document_actions.ask_document(plan=plan, on=TODAY, by=by, **options)
    jobs.make_plan_document(document=document.pk, person=by.person_id, mandate=by.mandate_id)
    document.refresh_from_db()
    return document


def words(content):
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def test_the_whole_plan_is_one_tagged_pdf_made_by_a_job(plan, mayor, council, sign_in):
    full(plan, 3)
    client = sign_in(mayor)
    ask = at("plan_document_ask", plan.pk)
    for _click in range(2):
        assert client.post(ask, {"le": TODAY.isoformat()}).status_code == 302
    document = PlanDocument.objects.get()  # a second click finds the first one's
    assert "en attente de son tour" in text_of(client.get(at("plan_documents", plan.pk)))
    part = client.get(at("plan_documents", plan.pk), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "hx-trigger" in part
    told = []
    original = document_actions.note_pages

    def note(**values):
        told.append((values["done"], values["total"]))
        original(**values)

    jobs.document_actions.note_pages, jobs.PAGES_A_NOTE = note, 1
    try:
        jobs.make_plan_document(document=document.pk, person=mayor.person_id, mandate=mayor.mandate_id)
    finally:
        jobs.document_actions.note_pages, jobs.PAGES_A_NOTE = original, 5
    assert told[0] == (0, 5)
    assert [done for done, _total in told] == sorted(done for done, _total in told)
    assert len(told) > 3
    document.refresh_from_db()
    assert document.state == "ready"
    assert document.done == document.total >= 4
    file = client.get(at("plan_document", plan.pk, document.key))
    assert file.content.startswith(b"%PDF")
    reader = pypdf.PdfReader(io.BytesIO(file.content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    said = words(file.content)
    for expected in (
        "Un préambule d’apparat.",
        "Fiche 3. L’action n° 3",
        "Des élèves décrochent.",
        "Mission d’ici",
        "Réunir les parents",
        "1 200,00",
        "Élèves raccrochés",
        "cible 12",
    ):
        assert expected in said, expected
    reader = sign_in(actor("group_member", council.scope))
    assert reader.get(at("plan_document", plan.pk, document.key)).status_code == 200
    stranger = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    assert stranger.get(at("plan_document", plan.pk, document.key)).status_code == 404


def test_what_a_draft_would_make_is_for_those_who_hold_the_plan(plan, mayor, council, sign_in):
    write(plan, "preamble", "Un projet de préambule.")
    first = plan.amendments.get()
    with pytest.raises(Refused, match="pas encore en vigueur"):
        document_actions.ask_document(plan=plan, on=TODAY, by=mayor)
    document = asked(plan, mayor, amendment=first)
    with default_storage.open(document_rules.place_of(document)) as file:
        said = words(file.read())
    assert "Un projet de préambule." in said
    assert "n’a pas pris effet" in said
    in_force(plan)
    reader = actor("group_member", council.scope)
    assert not PlanDocument.objects.visible_to(reader).exists()
    with pytest.raises(Refused, match="ce qui est en préparation"):
        document_actions.ask_document(plan=plan, on=TODAY, amendment=first, by=reader)


def test_a_mandate_that_ended_gets_nothing_and_the_screen_says_so(plan, mayor, sign_in):
    in_force(plan)
    document = document_actions.ask_document(plan=plan, on=TODAY, by=mayor)
    mayor.mandate.valid_to = TODAY - dt.timedelta(1)
    mayor.mandate.save()
    with pytest.raises(Refused):
        jobs.make_plan_document(document=document.pk, person=mayor.person_id, mandate=mayor.mandate_id)
    document.refresh_from_db()
    assert document.state == "failed"
    other = sign_in(actor("mayor", plan.scope))
    assert "interrompu" in text_of(other.get(at("plan_documents", plan.pk)))


def test_files_are_erased_once_their_days_have_passed(plan, mayor):
    in_force(plan)
    document = asked(plan, mayor)
    jobs.erase_plan_documents(timestamp=0)
    assert default_storage.exists(document_rules.place_of(document))
    document.finished_at -= dt.timedelta(days=9)
    document.save()
    jobs.erase_plan_documents(timestamp=0)
    assert not default_storage.exists(document_rules.place_of(document))
    document.refresh_from_db()
    assert document.state == "erased"
