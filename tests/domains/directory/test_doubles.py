"""Rows that are one: proposed, united without losing what pointed to them, or said to be two."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import doubles as actions
from prevenance.domains.directory.actions import services
from prevenance.domains.directory.analysis import doubles as analysis
from prevenance.domains.directory.models import Closure, ErrorReport, Service, Structure
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.directory.files import SERVICE, STRUCTURE, bring
from tests.factories import CouncilFactory, coordinator_of, territory
from tests.factories.directory import ClosureFactory, ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db
SIRET = "73282932000074"


@pytest.fixture
def keeper():
    return coordinator_of(CouncilFactory())


@pytest.fixture
def ours(keeper, sign_in):
    return sign_in(keeper)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def proposed(keeper, code="42218"):
    found = analysis.structures(territory("commune", code).pk, keeper)
    return {frozenset((pair.first.name, pair.second.name)) for pair in found}


def test_same_siret_names_alike_or_side_by_side(keeper):
    here = {"longitude": 4.387, "latitude": 45.439}
    for name, told in (
        ("Mission locale du Gier", {"siret": SIRET}), ("ML Gier Pilat", {"siret": SIRET}),
        ("Aide aux victimes de la Loire", {}), ("Aide aux victimes Loire", {}),
        ("Point d’accès au droit", here), ("Accès au droit", {"longitude": 4.3885, "latitude": 45.439}),
        ("Centre social Montaud", here), ("Crêche des Essais", {}),
    ):  # fmt: skip
        StructureFactory(name=name, **told)
    StructureFactory(name="Crêche des Essais", closed_on=dt.date(2026, 1, 5))
    StructureFactory(name="Crêche des Essais", commune=territory("commune", "42187"))
    assert proposed(keeper) == {
        frozenset(("Mission locale du Gier", "ML Gier Pilat")),
        frozenset(("Aide aux victimes de la Loire", "Aide aux victimes Loire")),
        frozenset(("Point d’accès au droit", "Accès au droit")),
    }
    # In two communes, the same number.
    StructureFactory(name="Antenne", siret=SIRET, commune=territory("commune", "42207"))
    departement = analysis.structures(territory("departement", "42").pk, keeper)
    assert sum(pair.siret for pair in departement) == 3


def test_what_is_said_to_be_two_is_no_longer_proposed(ours, keeper):
    first, second = StructureFactory(name="Maison des Essais"), StructureFactory(name="Maison des essais")
    assert proposed(keeper)
    ours.post(reverse("directory:structures_distinct", args=[second.pk, first.pk]))
    assert not proposed(keeper)


def test_uniting_structures_loses_nothing(ours, keeper):
    kept = StructureFactory(name="Maison des Essais", phone="", siret="")
    other = StructureFactory(
        name="Maison des essais", siret=SIRET, phone="0199009999", address="3, place du Modèle", hours="Mo 09:00-12:00"
    )
    before = StructureFactory(merged_into=other, closed_on=timezone.localdate())
    service = ServiceFactory(structure=other, name="Permanence")
    ClosureFactory(structure=other)
    lines = service.address_lines
    answer = ours.post(
        reverse("directory:structures_merge", args=[kept.pk, other.pk]), {"kept": str(kept.pk)}, follow=True
    )
    assert "l’ancienne y conduit" in text(answer)
    for row in (kept, other, service, before):
        row.refresh_from_db()
    assert (kept.siret, kept.phone, kept.name) == (SIRET, "0199009999", "Maison des Essais")
    assert (other.merged_into, before.merged_into, other.is_open) == (kept, kept, False)
    # The service is where it was, reached as it was, closed when it was, and found by its new structure.
    service = Service.objects.select_related("structure__commune", "commune").get()
    assert (service.structure, service.address_lines, service.dialled) == (kept, lines, "0199009999")
    assert service.hours_kept == "Mo 09:00-12:00"
    assert Closure.objects.of([service])[service.pk] == [(dt.date(2027, 8, 2), dt.date(2027, 8, 22))]
    # What led to the other leads to the one kept.
    for row in (other, before):
        assert ours.get(reverse("directory:structure", args=[row.pk])).url == reverse(
            "directory:structure", args=[kept.pk]
        )
    with pytest.raises(Stale):
        actions.merge_structures(kept=kept, other=other, by=keeper)


def test_uniting_services_serves_whom_either_served(ours, keeper):
    structure = StructureFactory()
    kept = ServiceFactory(structure=structure, name="Écoute", needs=[])
    other = ServiceFactory(
        structure=structure, name="Écoute", needs=["femmes"], zones=[territory("departement", "42")],
        opened_on=timezone.localdate() + dt.timedelta(days=3), sign_language=True,
    )  # fmt: skip
    report = ErrorReport.objects.create(service=other, what="phone")
    assert [pair.first for pair in analysis.services(territory("commune", "42218").pk, keeper)] == [kept]
    address = reverse("directory:services_merge", args=[kept.pk, other.pk])
    assert "Ce n’est pas réversible" in text(ours.get(address))
    assert ours.post(address, {}).status_code == 422
    ours.post(address, {"kept": str(kept.pk)})
    for row in (kept, other, report):
        row.refresh_from_db()
    assert (kept.needs, kept.sign_language, report.service) == (["femmes"], True, kept)
    assert set(kept.zones.values_list("code", flat=True)) == {"42218", "42"}
    # An orientation keeps the identifier of the service, sealed: its page leads to the one kept.
    assert ours.get(reverse("directory:service", args=[other.pk])).url == reverse("directory:service", args=[kept.pk])
    assert ours.get(reverse("directory:services"), {"state": "all"}).context["page"].paginator.count == 1
    with pytest.raises(Refused, match="réuni à un autre"):
        services.reopen_service(service=other, by=keeper)


@pytest.mark.parametrize("kept_hidden", [True, False])
def test_united_with_a_shelter_it_hides(keeper, kept_hidden):
    shelter = ShelterFactory(name="Refuge des Essais")
    office = StructureFactory(
        name="Refuge des essais", address="7, impasse du Secret", siret=SIRET, longitude=4.4, latitude=45.4
    )
    ServiceFactory(structure=office)
    kept, other = (shelter, office) if kept_hidden else (office, shelter)
    merged = actions.merge_structures(kept=kept, other=other, by=keeper)
    assert merged.address_hidden
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM directory_structure s WHERE s::text ~ %s", [f"impasse|{SIRET}|,4[.]4,"])
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT count(*) FROM directory_service s WHERE s::text ~ 'impasse'")
        assert cursor.fetchone()[0] == 0
    assert merged.point == (merged.commune.longitude, merged.commune.latitude)


@pytest.mark.parametrize("kept_hidden", [True, False])
def test_a_service_united_with_a_hidden_one_hides_with_what_is_there(keeper, kept_hidden):
    where = {"address": "7, impasse du Secret", "longitude": 4.4, "latitude": 45.4}
    office = StructureFactory(siret=SIRET, **where)
    shown = ServiceFactory(structure=office, source_link="https://exemple.fr/impasse", received="0" * 32, **where)
    ServiceFactory(structure=office, **where)
    before = ServiceFactory(structure=office, address="9, impasse", merged_into=shown, closed_on=timezone.localdate())
    hidden = ServiceFactory(structure=ShelterFactory(), address_hidden=True)
    kept, other = (hidden, shown) if kept_hidden else (shown, hidden)
    actions.merge_services(kept=kept, other=other, by=keeper)
    for row in (shown, before, office):
        row.refresh_from_db()
        assert (row.address_hidden, row.address, row.received) == (True, "", "")
    with connection.cursor() as cursor:
        for table in ("directory_structure", "directory_service"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ~ %s", [f"impasse|{SIRET}|,4[.]4,"])
            assert cursor.fetchone()[0] == 0


@pytest.mark.parametrize("kept_hidden", [True, False])
def test_a_text_that_says_where_a_shelter_is_is_not_united_with_it(keeper, kept_hidden):
    shelter = ShelterFactory()
    office = StructureFactory(address="7, impasse du Secret", description="Venez au 7 impasse du secret.")
    kept, other = (shelter, office) if kept_hidden else (office, shelter)
    with pytest.raises(Refused, match="aussi écrite dans un texte"):
        actions.merge_structures(kept=kept, other=other, by=keeper)
    hidden = ServiceFactory(structure=shelter, address_hidden=True)
    shown = ServiceFactory(structure=office, address="7, impasse du Secret", reach_note="Au 7, impasse du Secret.")
    kept, other = (hidden, shown) if kept_hidden else (shown, hidden)
    with pytest.raises(Refused, match="aussi écrite dans un texte"):
        actions.merge_services(kept=kept, other=other, by=keeper)


def test_a_file_goes_on_under_the_structure_that_was_kept(keeper):
    bring(keeper, [STRUCTURE], [SERVICE])
    theirs, kept = Structure.objects.get(), StructureFactory(name="Maison inventée")
    actions.merge_structures(kept=kept, other=theirs, by=keeper)
    done = bring(keeper, [STRUCTURE | {"date_maj": "2026-05-01"}], [SERVICE | {"id": "essai--v2"}])
    assert done.left == 0
    assert set(Service.objects.values_list("structure", flat=True)) == {kept.pk}
    theirs.refresh_from_db()
    assert theirs.merged_into == kept


def test_only_those_who_keep_both_unite_them(keeper):
    here, away = StructureFactory(), StructureFactory(commune=territory("commune", "42187"))
    with pytest.raises(Refused, match="Roanne n’est pas dans votre territoire"):
        actions.merge_structures(kept=here, other=away, by=keeper)
    with pytest.raises(Refused, match="la même fiche"):
        actions.merge_structures(kept=here, other=here, by=keeper)
    closed = StructureFactory(closed_on=dt.date(2026, 1, 5))
    with pytest.raises(Refused, match="fermée"):
        actions.merge_structures(kept=here, other=closed, by=keeper)


def test_the_list_costs_the_same_for_one_pair_and_for_twenty(ours):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert ours.get(reverse("directory:doubles")).status_code == 200
        return len(seen)

    ours.get(reverse("directory:structures"))
    StructureFactory(name="Maison A des Essais")
    StructureFactory(name="Maison B des Essais")
    one = queries()
    for _turn in range(19):
        StructureFactory(name="Maison C des Essais")
    assert queries() == one
    assert one <= 12
