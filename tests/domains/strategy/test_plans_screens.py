"""The screens of plans: lists, opening, writing, comparing, taking effect, reading as of a day, files."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prevenance.domains.strategy.actions import amendments as actions
from prevenance.domains.strategy.models import Amendment, Plan
from prevenance.domains.strategy.rules.amendments import digest
from tests.domains.strategy.acts import put_in_force, sign
from tests.domains.strategy.screens import at, text_of
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.strategy import PlanFactory, SheetFactory, in_force, national_plan, write

pytestmark = pytest.mark.django_db

TODAY = dt.date.today()
FIRST = "Le conseil écoute. Il répond.\n\n# Les principes\n\nUn bilan d’étape paraît chaque année."


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
    # The savepoint of the request's transaction is the test's.
    return len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]])


def test_the_list_costs_the_same_with_twenty_plans(plan, council, lead, sign_in):
    client = sign_in(lead)
    client.get(at("plans"))
    one = queries(client, at("plans"))
    for _rank in range(19):
        other = in_force(PlanFactory(kind="local_plan", council=council))
        SheetFactory(plan=other)
    assert queries(client, at("plans")) == one <= 12


def test_pages_cost_the_same_with_five_amendments_and_their_paragraphs_and_sheets(plan, mayor, sign_in):
    write(plan, "preamble", "Un.")
    in_force(plan, TODAY - dt.timedelta(60))
    client = sign_in(mayor)
    pages = ("plan", "plan_text", "plan_documents")
    addresses = [at("amendment", plan.pk, 0), *(at(page, plan.pk) for page in pages)]
    for address in addresses:
        client.get(address)
    before = {address: queries(client, address) for address in addresses}
    for number in range(1, 6):
        amendment = actions.open_amendment(plan=plan, title=f"N° {number}", reason="", by=mayor)
        typed = "\n\n".join(f"Paragraphe {rank} de l’avenant {number}." for rank in range(6))
        now = "\n\n".join(one.text for one in plan.provisions.filter(part="diagnosis", until=None))
        actions.write_part(amendment=amendment, part="diagnosis", text=typed, seen=digest(now), by=mayor)
        put_in_force(amendment, mayor, TODAY - dt.timedelta(50 - number))
        SheetFactory(plan=plan, brought_by=plan.amendments.get(number=0))
    after = {address: queries(client, address) for address in addresses}
    assert after == before
    assert max(after.values()) <= 12, after


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


def test_a_text_that_names_somebody_is_shown_again_with_what_to_write(plan, lead, sign_in):
    client = sign_in(lead)
    answer = written(client, plan, 0, "preamble", "Le suivi de Kévin B. continue.")
    assert answer.status_code == 422
    assert "semble désigner une personne" in text_of(answer)
    assert "Le suivi de Kévin B. continue." in answer.content.decode()


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


def test_a_national_plan_is_put_in_force_by_naming_its_publication(sign_in):
    nation = scope_of(territory("nation", "FR"))
    client = sign_in(actor("national_secretariat", nation))
    opened = client.post(
        at("plan_open") + "?nature=national", {"title": "L’ambition", "begins": "2026-01-01", "ends": "2030-12-31"}
    )
    plan = Plan.objects.get(kind="national")
    assert opened.url == at("plan", plan.pk)
    written(client, plan, 0, "preamble", "Prévenir.")
    page = text_of(client.get(at("amendment", plan.pk, 0)))
    assert "Préparer l’acte" not in page
    effect = at("amendment_effect", plan.pk, 0)
    missing = client.post(effect, {"on": TODAY.isoformat()})
    assert missing.status_code == 422
    done = client.post(effect, {"on": TODAY.isoformat(), "published_as": "Comité interministériel inventé"})
    assert done.status_code == 302
    assert "Comité interministériel inventé" in text_of(client.get(at("plan", plan.pk)))
    # Everybody reads it.
    reader = sign_in(actor("mediator", scope_of(territory("commune", "42218"))))
    assert "Prévenir." in text_of(reader.get(at("plan_text", plan.pk)))


def test_what_took_effect_meanwhile_is_shown_rather_than_refused(plan, mayor, sign_in):
    client = sign_in(mayor)
    written(client, plan, 0, "preamble", FIRST)
    put_in_force(plan.amendments.get(), mayor)
    for name, method in (
        ("amendment_drop", client.post), ("amendment_drop", client.get), ("amendment_edit", client.get),
        ("amendment_effect", client.post), ("amendment_act", client.post),
    ):  # fmt: skip
        response = method(at(name, plan.pk, 0))
        assert (response.status_code, response.url) == (302, at("amendment", plan.pk, 0)), name
        assert "ne change plus" in text_of(client.get(response.url))
    assert client.get(at("amendment_part", plan.pk, 0, "preamble")).status_code == 302


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
