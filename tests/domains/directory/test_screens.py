"""The screens of the directory: found, changed, confirmed; nothing typed is lost; no hidden address leaves."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.domains.directory.models import Service, Structure
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db

LIST = reverse("directory:services")
SERVICE = {
    "name": "Écoute inventée", "kind": "victim_support", "description": "Une écoute inventée.", "cost": "gratuit",
    "commune": "Saint-Étienne (commune 42218)", "served": ["commune", "departement"], "others": "",
    "audiences": ["femmes"], "phone": "01 99 00 12 34", "seen": "1",
}  # fmt: skip
STRUCTURE = {"name": "Maison inventée", "kind": "association", "commune": "Saint-Étienne (commune 42218)", "seen": "1"}


@pytest.fixture
def keeper():
    return coordinator_of(CouncilFactory())


@pytest.fixture
def ours(keeper, sign_in):
    """The browser of whoever keeps the directory of Saint-Étienne."""
    client = sign_in(keeper)
    client.get(reverse("directory:structures"))  # the first page of a session writes when it was seen
    return client


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def queries(client, address):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_the_list_begins_in_ones_own_territory(ours):
    ServiceFactory(name="Service d’ici")
    ServiceFactory(name="Service de Roanne", commune=territory("commune", "42187"))
    here = text(ours.get(LIST))
    assert "Service d’ici" in here
    assert "Service de Roanne" not in here
    assert "Saint-Étienne (commune 42218)" in here
    everywhere = text(ours.get(LIST, {"where": ""}))
    assert "Service d’ici" in everywhere
    assert "Service de Roanne" in everywhere
    assert "Service de Roanne" in text(ours.get(LIST, {"where": "42187"}))


def test_structures_too_begin_in_ones_own_territory(ours):
    StructureFactory(name="Maison d’ici")
    StructureFactory(name="Maison de Roanne", commune=territory("commune", "42187"))
    address = reverse("directory:structures")
    for where, found in (({}, ["Maison d’ici"]), ({"where": "42187"}, ["Maison de Roanne"]),
                         ({"where": "", "q": "maison"}, ["Maison d’ici", "Maison de Roanne"])):  # fmt: skip
        rows = ours.get(address, where).context["rows"]
        assert [structure.name for structure, _services in rows] == found


def test_filters_narrow_and_stay_in_the_form(ours):
    ServiceFactory(name="Pour les jeunes", audiences=["jeunes"], kind="mission_locale")
    ServiceFactory(name="Pour tous")
    ServiceFactory(name="Fini", closed_on=dt.date(2026, 1, 5))
    ServiceFactory(name="Frais", verified_on=dt.date.today(), verified_by=StructureFactory().created_by)

    def found(**filters):
        page = ours.get(LIST, filters)
        return {service.name for service, _stale in page.context["rows"]}

    assert found() == {"Pour les jeunes", "Pour tous", "Frais"}
    assert found(kind="mission_locale") == {"Pour les jeunes"}
    assert found(audience="jeunes") == {"Pour les jeunes", "Pour tous", "Frais"}
    assert found(audience="femmes") == {"Pour tous", "Frais"}
    assert found(state="closed") == {"Fini"}
    assert found(state="confirm") == {"Pour les jeunes", "Pour tous"}
    assert found(state="all", q="fini") == {"Fini"}
    assert 'value="mission_locale" selected' in text(ours.get(LIST, {"kind": "mission_locale"}))


def test_a_place_that_is_not_understood_says_so_and_shows_nothing(ours):
    ServiceFactory(name="Service d’ici")
    page = text(ours.get(LIST, {"where": "Nullepart-sur-Rien"}))
    assert "Aucun territoire ne répond" in page
    assert "Service d’ici" not in page


def test_an_empty_list_says_what_to_do(ours):
    page = text(ours.get(LIST, {"q": "introuvable"}))
    assert "Chercher dans toute la France" in page
    assert 'href="?q=introuvable&amp;where="' in page
    assert "depuis la page de sa structure" in page
    assert "ajoutez-la avec sa commune" in text(ours.get(reverse("directory:structures")))


@pytest.mark.parametrize("name", ["directory:services", "directory:structures"])
def test_a_list_costs_the_same_for_one_row_and_for_twenty(ours, name):
    ServiceFactory()
    one = queries(ours, reverse(name))
    for _turn in range(19):
        ServiceFactory()
    assert queries(ours, reverse(name)) == one
    assert one <= 12


def test_pages_cost_the_same_whatever_they_hold(ours):
    structure = StructureFactory()
    service = ServiceFactory(structure=structure)
    addresses = [
        reverse("directory:structure", args=[structure.pk]), reverse("directory:service", args=[service.pk]),
        reverse("directory:service_edit", args=[service.pk]),
    ]  # fmt: skip
    before = [queries(ours, address) for address in addresses]
    for _turn in range(19):
        ServiceFactory(structure=structure)
    service.zones.set([territory("commune", code) for code in ("42218", "42187", "42207", "42095", "42186")])
    assert [queries(ours, address) for address in addresses] == before
    assert max(before) <= 12


def test_pages_follow_one_another_and_keep_the_filters(ours):
    for number in range(51):
        ServiceFactory(name=f"Service {number:02d}")
    second = ours.get(LIST, {"kind": "victim_support", "page": "2"})
    assert [service.name for service, _stale in second.context["rows"]] == ["Service 50"]
    assert "kind=victim_support" in text(second)


def test_the_list_leaves_as_a_file(ours):
    ServiceFactory(name="Écoute", phone="0199005678", commune=territory("commune", "42218"))
    response = ours.get(LIST, {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert [row["Service"] for row in rows] == ["Écoute"]
    assert rows[0]["Code Insee"] == "42218"
    assert rows[0]["Adresse"] == "12, rue des Essais, 42000 Saint-Étienne"
    for format in ("xlsx", "ods"):
        assert ours.get(LIST, {"format": format}).content[:2] == b"PK"
        assert ours.get(reverse("directory:structures"), {"format": format}).content[:2] == b"PK"


def test_a_structure_then_its_service_are_added(ours):
    response = ours.post(reverse("directory:structure_add"), STRUCTURE | {"phone": "39 19"})
    structure = Structure.objects.get()
    assert response.headers["Location"] == reverse("directory:structure", args=[structure.pk])
    add = reverse("directory:service_add", args=[structure.pk])
    assert 'value="Saint-Étienne (commune 42218)"' in text(ours.get(add))
    assert ours.post(add, SERVICE | {"others": "Roanne\n69123"}).status_code == 302
    service = Service.objects.get()
    assert set(service.zones.values_list("name", flat=True)) == {"Saint-Étienne", "Loire", "Roanne", "Lyon"}
    page = text(ours.get(reverse("directory:service", args=[service.pk])))
    for words in ("Écoute inventée", "01 99 00 12 34", "Femmes", "Gratuit", "Loire", "Vérifié le"):
        assert words in page, words


def test_the_form_of_a_service_shows_it_as_it_is_and_says_it_again(ours):
    service = ServiceFactory(
        zones=[territory("commune", "42218"), territory("departement", "42"), territory("commune", "42187")],
        audiences=["femmes"], conditions="Une pièce d’identité", opened_on=dt.date(2026, 2, 3),
    )  # fmt: skip
    edit = reverse("directory:service_edit", args=[service.pk])
    form = ours.get(edit).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else value for name, value in sent.items()}
    sent["commune"], sent["opened_on"] = "42218", "2026-02-03"
    assert sent["others"] == "Roanne (commune 42187)"
    assert ours.post(edit, {k: v for k, v in sent.items() if v is not False}).status_code == 302
    after = Service.objects.get()
    for field in Service._meta.concrete_fields:
        if field.name not in ("edit", "updated_on"):
            assert getattr(after, field.name) == getattr(service, field.name), field.name
    assert after.zones.count() == 3


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"served": []}, "quel territoire le service dessert"), ({"others": "Xyzqwk"}, "Aucun territoire"),
        ({"phone": "12"}, "téléphone"), ({"postcode": "420"}, "cinq chiffres"),
        ({"audiences": ["tous-publics", "jeunes"]}, "se choisit seul"),
        ({"commune": "Roanne (commune 42187)"}, "n’est pas dans votre territoire"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(ours, change, sentence):
    add = reverse("directory:service_add", args=[StructureFactory().pk])
    refused = ours.post(add, SERVICE | change)
    assert refused.status_code == 422
    assert sentence in text(refused)
    assert "Une écoute inventée." in text(refused)
    assert not Service.objects.exists()


def test_a_form_that_is_out_of_date_is_shown_again_then_taken(ours):
    service = ServiceFactory(edit=2)
    edit = reverse("directory:service_edit", args=[service.pk])
    stale = ours.post(edit, SERVICE)
    assert stale.status_code == 409
    assert "modifié ailleurs" in text(stale)
    assert ours.post(edit, SERVICE | {"seen": stale.context["form"]["seen"].value()}).status_code == 302
    structure = StructureFactory(edit=2)
    edit = reverse("directory:structure_edit", args=[structure.pk])
    stale = ours.post(edit, STRUCTURE)
    assert stale.status_code == 409
    assert ours.post(edit, STRUCTURE | {"seen": stale.context["form"]["seen"].value()}).status_code == 302


def test_a_service_is_confirmed_closed_and_opened_again(ours):
    service = ServiceFactory()
    page = reverse("directory:service", args=[service.pk])
    assert "Personne n’a confirmé" in text(ours.get(page))
    ours.post(reverse("directory:service_verify", args=[service.pk]), {"seen": "1"})
    assert "Personne n’a confirmé" not in text(ours.get(page))
    close = reverse("directory:service_close", args=[service.pk])
    assert "ne sera plus proposé à personne" in text(ours.get(close))
    assert ours.post(close, {"on": "2999-01-01"}).status_code == 422
    assert ours.post(close, {"on": dt.date.today().isoformat()}).status_code == 302
    assert "n’y orientez plus personne" in text(ours.get(page))
    assert ours.get(close).status_code == 403
    ours.post(reverse("directory:service_reopen", args=[service.pk]))
    assert "n’y orientez plus personne" not in text(ours.get(page))
    # A second click, and a confirmation of what changed meanwhile, say so rather than fail.
    again = ours.post(reverse("directory:service_reopen", args=[service.pk]), follow=True)
    assert "déjà ouvert" in text(again)
    older = ours.post(reverse("directory:service_verify", args=[service.pk]), {"seen": "1"}, follow=True)
    assert "relisez-le" in text(older)


def test_closing_a_structure_says_how_many_services_go_with_it(ours):
    structure = StructureFactory()
    ServiceFactory(structure=structure)
    ServiceFactory(structure=structure)
    close = reverse("directory:structure_close", args=[structure.pk])
    assert "les 2 services" in text(ours.get(close))
    assert ours.post(close, {"on": dt.date.today().isoformat()}).status_code == 302
    assert not Service.objects.open().exists()
    assert "Fermée depuis le" in text(ours.get(reverse("directory:structure", args=[structure.pk])))
    alone = StructureFactory()
    assert "ne pourra plus rendre" in text(ours.get(reverse("directory:structure_close", args=[alone.pk])))


def test_who_does_not_keep_the_directory_reads_it_without_its_buttons(sign_in):
    service = ServiceFactory()
    client = sign_in(actor("mediator", scope_of(territory("commune", "42218"))))
    page = text(client.get(reverse("directory:service", args=[service.pk])))
    assert "Service inventé" in page
    assert "Tout est encore vrai" not in page
    assert "Ajouter" not in text(client.get(LIST))
    assert "Modifier" not in text(client.get(reverse("directory:structure", args=[service.structure.pk])))


def test_a_keeper_of_elsewhere_reads_why_they_cannot_confirm(sign_in):
    service = ServiceFactory()
    client = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    page = text(client.get(reverse("directory:service", args=[service.pk])))
    assert "Saint-Étienne n’est pas dans votre territoire" in page


@pytest.mark.parametrize("kind, ticked", [("victim_support", {"address_hidden": "on"}), ("shelter", {})])
def test_a_hidden_address_goes_nowhere_not_even_back(ours, kind, ticked):
    secret = {"address": "7, impasse Zibeline", "address_more": "Porte Zibeline", "postcode": "42999"}
    structure = ShelterFactory()
    add = reverse("directory:service_add", args=[structure.pk])
    answers = [ours.post(add, SERVICE | secret | ticked | {"kind": kind, "name": ""})]  # refused, and shown again
    assert answers[0].status_code == 422
    answers.append(ours.post(add, SERVICE | secret | ticked | {"kind": kind}, follow=True))
    edit = reverse("directory:structure_edit", args=[structure.pk])
    answers.append(ours.post(edit, STRUCTURE | secret | {"address_hidden": "on"}, follow=True))
    assert "n’a pas été gardée" in text(answers[1])
    service = Service.objects.get()
    for name, pk in (("service", service.pk), ("service_edit", service.pk), ("structure", structure.pk),
                     ("structure_edit", structure.pk)):  # fmt: skip
        answers.append(ours.get(reverse(f"directory:{name}", args=[pk])))
    for name in ("services", "structures"):
        answers += [ours.get(reverse(f"directory:{name}"), {"format": format}) for format in ("", "csv")]
    assert len(answers) > 8
    for answer in answers:
        assert "Zibeline" not in text(answer)
        assert "42999" not in text(answer)
