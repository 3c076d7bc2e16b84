"""Agreements between partners, and what the directory brings to the victim-support scheme of a département."""

import datetime as dt
import io

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import agreements as actions
from prevenance.domains.directory.actions import doubles
from prevenance.domains.directory.analysis import scheme as analysis
from prevenance.domains.directory.models import AgreementParty, PartnersAgreement
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import (
    DoorFactory,
    PartnersAgreementFactory,
    RoundFactory,
    ServiceFactory,
    StationAgreementFactory,
    StructureFactory,
)

pytestmark = pytest.mark.django_db

LIST, ADD, SCHEME = (reverse(f"directory:{name}") for name in ("agreements", "agreement_add", "scheme"))
TYPED = {
    "departement": "42", "object": "complaint", "name": "Plainte à l’hôpital inventé", "signed_on": "2026-01-05",
    "starts_on": "2026-01-05", "ends_on": "2028-12-31", "parties": "Hôpital inventé\nTribunal inventé", "seen": "1",
}  # fmt: skip


@pytest.fixture
def office():
    return actor("prefect_office", scope_of(territory("departement", "42")))


@pytest.fixture
def ours(office, sign_in):
    client = sign_in(office)
    client.get(LIST)  # the first page of a session writes when it was seen
    return client


def told(**values):
    given = {
        "object": "complaint", "name": "Convention inventée", "signed_on": dt.date(2026, 1, 5),
        "starts_on": dt.date(2026, 1, 5), "ends_on": dt.date(2028, 12, 31), "parties": ("Hôpital", "Tribunal"),
    }  # fmt: skip
    return actions.Told(**given | values)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


@pytest.mark.parametrize(
    "values, sentence",
    [
        ({"object": "rien"}, "dans la liste"), ({"ends_on": dt.date(2025, 1, 5)}, "échangez"),
        ({"parties": ("Hôpital",)}, "de 2 à"), ({"parties": ("Hôpital", "Mme Dupont")}, "désigner une personne"),
    ],
)  # fmt: skip
def test_what_an_agreement_may_hold(office, values, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.add_partners_agreement(departement=territory("departement", "42"), told=told(**values), by=office)


def test_the_prefecture_alone_inscribes_in_its_departement(office):
    with pytest.raises(Refused, match="n’est pas votre département"):
        actions.add_partners_agreement(departement=territory("departement", "69"), told=told(), by=office)
    with pytest.raises(Refused):
        actions.add_partners_agreement(
            departement=territory("departement", "42"), told=told(), by=coordinator_of(CouncilFactory())
        )


def test_a_party_known_to_the_directory_leads_to_its_structure_even_once_united(ours, office):
    structure = StructureFactory(name="Hôpital inventé")
    StructureFactory(name="Tribunal inventé", commune=territory("commune", "69123"))
    page = text(ours.post(ADD, TYPED, follow=True))
    assert "La convention est inscrite" in page
    parties = {party.name: party.structure for party in AgreementParty.objects.all()}
    assert parties == {"Hôpital inventé": structure, "Tribunal inventé": None}
    kept = StructureFactory(name="Centre hospitalier inventé")
    doubles.merge_structures(kept=kept, other=structure, by=office)
    assert AgreementParty.objects.get(name="Hôpital inventé").structure == kept


def test_a_structure_says_which_agreements_it_signed_to_those_who_read_them(ours, sign_in):
    structure = StructureFactory(name="Hôpital inventé")
    soon = PartnersAgreementFactory(name="Convention qui finit", ends_on=dt.date.today() + dt.timedelta(days=40))
    over = PartnersAgreementFactory(name="Convention finie", starts_on=dt.date(2020, 1, 5), ends_on=dt.date(2021, 1, 5))
    for agreement in (soon, over):
        AgreementParty.objects.create(agreement=agreement, name="Hôpital inventé", structure=structure)
    address = reverse("directory:structure", args=[structure.pk])
    page = text(ours.get(address))
    assert "Convention qui finit" in page
    assert "Finit bientôt" in page
    assert "Convention finie" not in page
    worker = actor("mediator", scope_of(territory("commune", "42218")))
    assert "Convention qui finit" not in text(sign_in(worker).get(address))


def test_forms_keep_what_was_typed(ours):
    refused = ours.post(ADD, TYPED | {"parties": "Seul signataire"})
    assert refused.status_code == 422
    assert "Seul signataire" in text(refused)
    found = PartnersAgreementFactory(edit=4)
    edit = reverse("directory:agreement_edit", args=[found.pk])
    stale = ours.post(edit, TYPED)
    assert stale.status_code == 409
    assert "Tribunal inventé" in text(stale)
    assert ours.post(edit, TYPED | {"seen": "4"}).status_code == 302
    assert "donnez-lui plutôt une fin" in text(ours.get(reverse("directory:agreement_remove", args=[found.pk])))
    ours.post(reverse("directory:agreement_remove", args=[found.pk]))
    assert not PartnersAgreement.objects.exists()


def test_filters_and_file_say_what_ends_soon(ours):
    today = dt.date.today()
    PartnersAgreementFactory(name="Convention longue")
    PartnersAgreementFactory(name="Convention qui finit", ends_on=today + dt.timedelta(days=40), object="forensic")
    PartnersAgreementFactory(name="Convention finie", starts_on=dt.date(2020, 1, 5), ends_on=dt.date(2021, 1, 5))
    PartnersAgreementFactory(name="Convention sans fin", ends_on=None)
    PartnersAgreementFactory(name="Convention du Rhône", departement=territory("departement", "69"))

    def found(**filters):
        return {agreement.name for agreement, _label, _state in ours.get(LIST, filters).context["rows"]}

    assert found() == {"Convention longue", "Convention qui finit", "Convention sans fin"}
    assert found(state="ending") == {"Convention qui finit"}
    assert found(state="over") == {"Convention finie"}
    assert found(object="forensic") == {"Convention qui finit"}
    assert "Finit bientôt" in text(ours.get(LIST))
    assert "Convention finie" in ours.get(LIST, {"state": "all", "format": "csv"}).content.decode("utf-8-sig")


def test_the_list_costs_the_same_for_one_and_for_twenty(ours):
    def count():
        with CaptureQueriesContext(connection) as seen:
            assert ours.get(LIST).status_code == 200
        return len(seen)

    PartnersAgreementFactory()
    one = count()
    for _turn in range(19):
        found = PartnersAgreementFactory()
        AgreementParty.objects.create(agreement=found, name="Hôpital inventé")
    assert count() == one <= 12


def test_the_scheme_is_told_what_there_is_and_what_lacks(ours, office):
    service = ServiceFactory(zones=[territory("departement", "42")], kind="victim_support")
    DoorFactory(service=service, place="Permanence d’essai", commune=territory("commune", "42187"))
    DoorFactory(round=RoundFactory(service=service, name="Tournée d’essai"), place="Arrêt d’essai")
    DoorFactory(service=service, place="Permanence finie", ends_on=dt.date(2026, 2, 1))
    StationAgreementFactory()
    agreement = PartnersAgreementFactory(name="Convention d’essai")
    AgreementParty.objects.create(agreement=agreement, name="Hôpital d’essai")
    page = ours.get(SCHEME)
    said = text(page)
    for words in ("Permanence d’essai", "Arrêt d’essai", "Tournée d’essai", "Convention d’essai", "Hôpital d’essai",
                  "à renouveler", "impossible à dire", "Ce qui manque"):  # fmt: skip
        assert words in said, words
    assert "Permanence finie" not in said
    gaps = {gap.kind: gap for gap in page.context["brought"].gaps}
    support = gaps["Association d’aide aux victimes"]
    assert 0 < support.beyond < support.inhabitants
    assert support.places == 3
    none = gaps["Lieu de dépôt de plainte"]
    assert (none.places, none.beyond) == (0, none.inhabitants)
    paper = ours.get(SCHEME, {"format": "pdf"})
    assert paper["Content-Type"] == "application/pdf"
    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.content)).pages)
    assert "Convention d’essai" in words
    assert "mesure 20" in words


def test_before_the_first_record_no_gap_is_counted():
    assert analysis.kinds_on(dt.date(2020, 1, 1)) == []


def test_the_scheme_costs_the_same_for_one_and_for_twenty(ours):
    def count():
        with CaptureQueriesContext(connection) as seen:
            assert ours.get(SCHEME).status_code == 200
        return len(seen) - 2  # that open and close the request's savepoint in a test

    service = ServiceFactory(zones=[territory("departement", "42")])

    def more():
        DoorFactory(service=service)
        StationAgreementFactory()
        PartnersAgreementFactory()

    more()
    one = count()
    for _turn in range(19):
        more()
    assert count() == one <= 12
