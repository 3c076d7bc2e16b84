"""The screens of the mayor's registers: who reaches them, what they keep, every letter read back."""

import datetime as dt
import io
import re

import pypdf
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.domains.followup.models import CallToOrder, Transaction
from tests.factories import actor, scope_of, territory
from tests.factories.followup import Compartment
from tests.factories.registers import IDENTITY, MINOR, PARENTS, Register, fresh

pytestmark = pytest.mark.django_db

TODAY = "2026-11-25"


@pytest.fixture
def here():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=False):
        yield Register()


@pytest.fixture
def desk(here, sign_in):
    return sign_in(here.mayor)


def words(response):
    """The text of a PDF answered, spaces made one."""
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    reader = pypdf.PdfReader(io.BytesIO(response.content))
    assert "Inventé" not in (reader.metadata.title or "")
    assert "invente" not in response["Content-Disposition"].lower()
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages)), len(reader.pages)


def readings(entry):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT detail::json->>'part' FROM core_auditrow WHERE subject = %s"
            " AND action = 'followup.record_entry_reading' ORDER BY seq",
            [f"{entry._meta.label_lower}:{entry.pk}"],
        )
        return [row[0] for row in cursor.fetchall()]


def test_nobody_else_finds_anything_there(here, sign_in):
    call, entry = here.call(state="convened"), here.transaction(state="offered")
    addresses = [
        "/registres/", "/registres/protocole/", "/registres/rappels/", "/registres/rappels/?format=csv",
        "/registres/rappels/ouvrir/", f"/registres/rappels/{call.pk}/", f"/registres/rappels/{call.pk}/entretien/",
        f"/registres/rappels/{call.pk}/documents/convocation.pdf", "/registres/transactions/",
        "/registres/transactions/inscrire/", f"/registres/transactions/{entry.pk}/",
        f"/registres/transactions/{entry.pk}/reponse/", f"/registres/transactions/{entry.pk}/documents/offre.pdf",
    ]  # fmt: skip
    group = Compartment()
    outside = [
        group.coordinator, group.members[0], here.delegate(["see_council"]),
        actor("epci_president", scope_of(territory("epci", "244200770"))),
        actor("prefect_office", scope_of(territory("departement", "42"))),
        actor("prosecutor_office", scope_of(territory("departement", "42"))),
        actor("data_protection_officer", here.scope),
    ]  # fmt: skip
    for who in outside:
        visitor = sign_in(who)
        assert [visitor.get(address).status_code for address in addresses] == [404] * len(addresses), who.role
        assert "Registres" not in visitor.get("/ma-journee/").content.decode()
    elsewhere = sign_in(Register("42187").mayor)
    assert [elsewhere.get(address).status_code for address in addresses if str(call.pk) in address] == [404] * 3
    assert "2026-001" not in elsewhere.get("/registres/rappels/?state=all").content.decode()
    delegate = sign_in(here.delegate(["hold_register"]))
    assert [delegate.get(address).status_code for address in addresses] == [200] * len(addresses)


ASKED = {"crime": "no", "complaint": "no", "procedure": "no", "facts": "noise", "facts_on": TODAY}


def test_what_the_law_keeps_out_is_told_and_what_was_typed_stays(desk):
    url = reverse("followup:call_open")
    refused = desk.post(url, ASKED | IDENTITY | {"complaint": "yes"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Une plainte a été déposée" in page
    assert "Inventé-Zéphyr" in page
    assert desk.post(url, {}).status_code == 422
    assert not CallToOrder.objects.exists()
    assert desk.post(url, ASKED | IDENTITY).status_code == 302


def test_a_call_to_order_by_its_screens(desk, here):
    here.protocol()
    desk.post(reverse("followup:call_open"), ASKED | IDENTITY | PARENTS | {"birth_date": MINOR})
    call = CallToOrder.objects.get()
    page = reverse("followup:call", args=[call.pk])

    def go(stage, **values):
        url = reverse("followup:call_stage", args=[call.pk, stage])
        assert desk.get(url).status_code == 200, stage
        return desk.post(url, {"seen": fresh(call).edit} | values)

    def paper(key):
        return desk.get(reverse("followup:call_paper", args=[call.pk, key]))

    shown = desk.get(page).content.decode()
    assert "Procureur à consulter" in shown
    assert "demande de consulter d’abord le procureur" in shown  # on the disabled button
    assert desk.get(reverse("followup:call_stage", args=[call.pk, "convocation"])).status_code == 403
    assert paper("convocation").status_code == 404
    assert go("parquet", day=TODAY).status_code == 302
    asked, _pages = words(paper("parquet"))
    for said in ("Procureur de la République", "protocole du 3 mars 2025", "avant le 5 décembre 2026",
                 "Noé Inventé-Zéphyr", "29 février 2012", "Bruit ou tapage", "2026-001"):  # fmt: skip
        assert said in asked
    assert go("reponse", answer="clear").status_code == 422  # no day
    assert go("reponse", answer="clear", day=TODAY).status_code == 302
    assert go("convocation", day="2026-11-24", hour="17:00", **PARENTS).status_code == 422  # past
    assert go("convocation", day=TODAY, hour="17:00", **PARENTS).status_code == 302
    letter, pages = words(paper("convocation"))
    for said in ("Iris et Léo Inventé-Zéphyr", "2 rue de Nulle-Part", "mercredi 25 novembre 2026", "17 h 00",
                 "CSI, article L132-7", "Noé Inventé-Zéphyr", "sauf impossibilité"):  # fmt: skip
        assert said in letter
    assert pages == 1
    held = {"day": TODAY, "held_by": str(here.mayor.person_id), "reminded": ["quiet"], "follow_up": "family_council"}
    assert go("entretien", presence="alone", **held).status_code == 422  # not a choice for a minor
    assert go("entretien", presence="parents", **held).status_code == 302
    record, _pages = words(paper("fiche"))
    for said in ("oralement le 25 novembre 2026", here.mayor.person.name, "Tranquillité du voisinage",
                 "Le mineur avec ses parents", "droits et devoirs des familles est saisi"):  # fmt: skip
        assert said in record
    informed, _pages = words(paper("information"))
    assert "oralement le 25 novembre 2026" in informed
    assert go("information", day=TODAY).status_code == 302
    assert go("fin").status_code == 302
    ended = desk.get(page).content.decode()
    assert "s’efface le 25 mai 2027" in ended
    assert "Faire avancer" not in ended
    again = desk.post(reverse("followup:call_stage", args=[call.pk, "fin"]), {"seen": 1})
    assert again.status_code == 302  # a second click says where it is
    assert "déjà faite" in desk.get(page).content.decode()
    assert {"whole", "letter:convocation", "letter:fiche", "step"} <= set(readings(call))


def test_an_adult_is_convened_by_another_letter(desk, here):
    call = here.call(state="convened")
    letter, _pages = words(desk.get(reverse("followup:call_paper", args=[call.pk, "convocation"])))
    assert "Noé Inventé-Zéphyr 1 rue de Nulle-Part" in letter
    assert "Il n’est ni une sanction ni une condamnation" in letter
    assert "parents" not in letter


def test_an_older_form_is_stale_and_keeps_what_was_typed(desk, here):
    call = here.call()
    url = reverse("followup:call_stage", args=[call.pk, "identite"])
    typed = IDENTITY | {"family_name": "Corrigé-Inventé", "seen": call.edit}
    assert desk.post(url, typed).status_code == 302
    stale = desk.post(url, typed | {"family_name": "Autre-Inventé"})
    assert stale.status_code == 409
    assert "Autre-Inventé" in stale.content.decode()
    assert f'name="seen" value="{fresh(call).edit}"' in stale.content.decode()
    assert desk.post(url, {}).status_code == 422
    assert desk.get(reverse("followup:call_stage", args=[call.pk, "inconnue"])).status_code == 404


def test_dropping_asks_once_and_says_what_is_lost(desk, here):
    call = here.call()
    url = reverse("followup:call_stage", args=[call.pk, "sans-suite"])
    assert "ne pourra plus être modifiée ni rouverte" in desk.get(url).content.decode()
    assert desk.post(url, {"seen": call.edit}).status_code == 422
    assert desk.post(url, {"seen": call.edit, "reason": "settled"}).status_code == 302
    assert fresh(call).state == "dropped"


RECORD = {
    "prosecuted": "no", "contravention": "R635-1", "property": "furniture", "facts_on": TODAY, "pv_on": TODAY,
}  # fmt: skip


def test_a_transaction_by_its_screens(desk, here):
    url = reverse("followup:transaction_open")
    assert "Les sources ne disent pas toutes" in desk.get(url).content.decode()
    minor = desk.post(url, RECORD | IDENTITY | {"birth_date": MINOR})
    assert minor.status_code == 422
    assert "mineure au jour des faits" in minor.content.decode()
    assert desk.post(url, RECORD | IDENTITY).status_code == 302
    entry = Transaction.objects.get()
    page = reverse("followup:transaction", args=[entry.pk])

    def go(phase, **values):
        step = reverse("followup:transaction_stage", args=[entry.pk, phase])
        assert desk.get(step).status_code == 200, phase
        return desk.post(step, {"seen": fresh(entry).edit} | values)

    def paper(key):
        return desk.get(reverse("followup:transaction_paper", args=[entry.pk, key]))

    assert "avant le 25 décembre 2026" in re.sub(r"\s+", " ", desk.get(page).content.decode())
    offer = {"execute_days": 60, "day": TODAY, "delivery": "registered", "work": "gardens"}
    too_long = go("offre", hours=31, **offer)
    assert too_long.status_code == 422
    assert "ne peut dépasser 30 heures" in too_long.content.decode()
    assert go("offre", hours=20, **offer).status_code == 302
    letter, pages = words(paper("offre"))
    for said in ("Exemplaire 1 sur 2", "Exemplaire 2 sur 2", "Code pénal, article R635-1", "5e classe",
                 "1500 euros au plus", "20 heures de travail non rémunéré, entretien des espaces verts", "60 jours",
                 "assister par un avocat", "15 jours à compter", "juge du tribunal de police", "44-1",
                 "Noé Inventé-Zéphyr 1 rue de Nulle-Part"):  # fmt: skip
        assert said in letter, said
    assert pages == 2
    shown = desk.get(page).content.decode()
    assert "Notez d’abord quand l’offre a été remise" in shown
    assert desk.get(reverse("followup:transaction_stage", args=[entry.pk, "reponse"])).status_code == 403
    assert go("remise", day=TODAY).status_code == 302
    assert go("reponse", answer="silence").status_code == 422
    assert go("reponse", answer="yes").status_code == 422
    assert go("reponse", answer="yes", day=TODAY).status_code == 302
    asked, _pages = words(paper("homologation"))
    assert "a accepté le 25 novembre 2026" in asked
    assert "la plateforme ne les garde pas" in asked
    assert go("homologation", day=TODAY).status_code == 302
    assert go("decision", decision="yes", day=TODAY).status_code == 302
    assert "avant le 24 janvier 2027" in re.sub(r"\s+", " ", desk.get(page).content.decode())
    assert "Le délai d’exécution n’est pas passé" in desk.get(page).content.decode()
    assert go("execution", day=TODAY).status_code == 302
    done, _pages = words(paper("execution"))
    assert "exécutée en entier le 25 novembre 2026" in done
    assert go("compte-rendu", day=TODAY).status_code == 302
    assert fresh(entry).state == "ended"
    assert "letter:offre" in readings(entry)


def test_a_refused_transaction_goes_to_the_prosecutor_by_a_letter(desk, here):
    entry = here.accepted(here.transaction(state="offered"), accepted=False)
    letter, _pages = words(desk.get(reverse("followup:transaction_paper", args=[entry.pk, "transmission"])))
    for said in ("a refusé le 25 novembre 2026", "Noé Inventé-Zéphyr", "procès-verbal du 25 novembre 2026"):
        assert said in letter
    url = reverse("followup:transaction_stage", args=[entry.pk, "transmission"])
    assert desk.post(url, {"seen": entry.edit, "day": TODAY}).status_code == 302
    assert fresh(entry).state == "referred"


def test_an_offer_too_late_is_a_disabled_button(here, sign_in):
    entry = here.transaction()
    with time_machine.travel(dt.datetime(2026, 12, 26, 9, tzinfo=dt.UTC), tick=False):
        desk = sign_in(here.mayor)
        page = desk.get(reverse("followup:transaction", args=[entry.pk])).content.decode()
        assert "25 décembre 2026 au plus tard" in page
        assert desk.get(reverse("followup:transaction_stage", args=[entry.pk, "offre"])).status_code == 403


@pytest.mark.parametrize("name", ["calls", "transactions"])
def test_lists_show_numbers_and_no_name_in_a_constant_number_of_queries(desk, here, name):
    url = reverse(f"followup:{name}")
    assert "Aucune fiche en cours" in desk.get(url).content.decode()

    def queries(rows):
        for _row in range(rows):
            here.call() if name == "calls" else here.transaction()
        with CaptureQueriesContext(
            connection,
        ) as found:
            page = desk.get(url).content.decode()
        assert "Inventé" not in page
        return len(found)

    one = queries(1)
    assert queries(19) == one <= 12
    assert "20 fiches" in desk.get(url).content.decode()
    assert "Aucune fiche ne répond" in desk.get(url + "?state=ended").content.decode()
    for format in ("csv", "xlsx", "ods"):
        table = desk.get(url + f"?state=all&format={format}")
        assert table.status_code == 200
        assert "Inventé".encode() not in table.content
    assert "2026-020" in desk.get(url + "?format=csv").content.decode()


def test_my_day_says_what_is_due_by_number(desk, here):
    here.call(state="held")
    here.transaction()
    page = re.sub(r"\s+", " ", desk.get("/ma-journee/").content.decode())
    assert "Registres du maire" in page
    assert "Rappel à l’ordre 2026-001" in page
    assert "Procureur à informer avant le 10 décembre 2026" in page
    assert "Offre à faire avant le 25 décembre 2026" in page
    assert "Inventé-Zéphyr" not in page


def test_the_protocol_is_declared_and_shown_with_its_sources(desk):
    url = reverse("followup:register_protocol")
    assert desk.post(url, {"signed_on": "2026-01-05", "check_required": "on"}).status_code == 422
    assert desk.post(url, {"signed_on": "2026-12-05"}).status_code == 422
    assert desk.post(url, {"signed_on": "2026-01-05", "check_required": "on", "delay_days": 8}).status_code == 302
    page = desk.get(reverse("followup:registers")).content.decode()
    assert "répond en 8 jours" in page
    assert "Code civil, article 414" in page
    assert "Rien n’attend" in page
