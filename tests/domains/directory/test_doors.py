"""Clinics and rounds: kept by who keeps the service, found near their inhabitants, counted, printed, hidden."""

import datetime as dt
import io

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import doors as actions
from prevenance.domains.directory.actions import doubles, services, structures
from prevenance.domains.directory.analysis import coverage, finding, rounds
from prevenance.domains.directory.models import Door, Round
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import DoorFactory, RoundFactory, ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db

LIST = reverse("directory:doors")
TYPED = {
    "place": "Mairie inventée", "commune": "Roanne (commune 42187)", "every": "1", "day": "1", "begins": "14:00",
    "ends": "17:00", "hours": "", "starts_on": "2026-01-05", "ends_on": "", "seen": "1",
}  # fmt: skip


@pytest.fixture
def keeper():
    return coordinator_of(CouncilFactory())


@pytest.fixture
def ours(keeper, sign_in):
    client = sign_in(keeper)
    client.get(LIST)  # the first page of a session writes when it was seen
    return client


@pytest.fixture
def service():
    """Rendered in Saint-Étienne, for the whole Loire."""
    return ServiceFactory(zones=[territory("departement", "42")], capacity_hours=10)


def told(**values):
    given = {
        "place": "Mairie inventée", "commune": territory("commune", "42187"), "hours": "Tu 14:00-17:00; PH off",
        "starts_on": dt.date(2026, 1, 5),
    }  # fmt: skip
    return actions.Told(**given | values)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


# ---------------------------------------------------------------------------------------------- what may be written


def test_who_keeps_the_service_opens_a_clinic_elsewhere(keeper, service):
    door = actions.open_door(service=service, told=told(), by=keeper)
    assert 2.8 < door.weekly_hours <= 3
    elsewhere = ServiceFactory(commune=territory("commune", "69123"), structure=StructureFactory())
    with pytest.raises(Refused, match="tenu par d’autres"):
        actions.open_door(service=elsewhere, told=told(), by=keeper)


@pytest.mark.parametrize(
    "values, sentence",
    [
        ({"commune": ("commune", "69123")}, "n’est pas pour les habitants de Lyon"),
        ({"hours": "n’importe quoi"}, "ne se lisent pas"), ({"hours": "2020 Tu 14:00-17:00"}, "n’ouvre jamais"),
        ({"ends_on": dt.date(2025, 1, 5)}, "échangez-les"), ({"place": "Chez K. Z."}, "désigner une personne"),
    ],
)  # fmt: skip
def test_what_would_send_somebody_to_a_closed_door_is_refused(keeper, service, values, sentence):
    if isinstance(values.get("commune"), tuple):
        values = {"commune": territory(*values["commune"])}
    with pytest.raises(Refused, match=sentence):
        actions.open_door(service=service, told=told(**values), by=keeper)


def test_the_name_of_a_round_names_nobody(keeper, service):
    for name, vehicle in (("Tournée de Mme Inventée", ""), ("Tournée inventée", "camion de Kévin Inventé")):
        with pytest.raises(Refused, match="désigner une personne"):
            actions.add_round(service=service, told=actions.RoundTold(name, vehicle, dt.date(2026, 1, 5)), by=keeper)


def test_stops_keep_their_order_and_move(keeper, service):
    found = actions.add_round(
        service=service, told=actions.RoundTold("Tournée inventée", "minibus", dt.date(2026, 1, 5)), by=keeper
    )
    stops = [actions.add_stop(round=found, told=told(place=f"Arrêt {name}"), by=keeper) for name in "ABC"]
    assert [stop.rank for stop in stops] == [1, 2, 3]
    actions.move_stop(stop=stops[2], by=keeper)
    actions.move_stop(stop=stops[0], by=keeper)
    assert [stop.place for stop in found.stops.order_by("rank")] == ["Arrêt A", "Arrêt C", "Arrêt B"]
    with pytest.raises(Stale):
        actions.move_stop(stop=DoorFactory(service=service), by=keeper)


def test_what_has_ended_changes_no_more(keeper, service):
    door = actions.end_door(door=DoorFactory(service=service), on=dt.date(2026, 3, 2), by=keeper)
    with pytest.raises(Refused, match="n’accueille plus"):
        actions.edit_door(door=door, told=told(), seen=door.edit, by=keeper)
    with pytest.raises(Stale):
        actions.end_door(door=door, on=dt.date(2026, 3, 3), by=keeper)
    stale = DoorFactory(service=service, edit=3)
    with pytest.raises(Stale):
        actions.edit_door(door=stale, told=told(), seen=1, by=keeper)
    over = actions.end_round(round=RoundFactory(service=service), on=dt.date(2026, 3, 2), by=keeper)
    with pytest.raises(Refused, match="finie"):
        actions.add_stop(round=over, told=told(), by=keeper)


# ---------------------------------------------------------------------------------------------- addresses that hide


def test_a_service_that_hides_has_no_other_door(keeper):
    hidden = ServiceFactory(structure=ShelterFactory(), address_hidden=True)
    with pytest.raises(Refused, match="tenue secrète"):
        actions.open_door(service=hidden, told=told(commune=hidden.commune), by=keeper)
    office = ServiceFactory(structure=ShelterFactory())
    with pytest.raises(Refused, match="sans rue ni position"):
        actions.open_door(service=office, told=told(commune=office.commune, address="7, impasse du Secret"), by=keeper)


def test_what_hides_takes_its_doors_with_it(keeper):
    structure = StructureFactory(address="7, impasse du Secret")
    service = ServiceFactory(structure=structure, zones=[territory("departement", "42")])
    there = DoorFactory(service=service, place="Au 7, impasse du Secret", address="7, impasse du Secret")
    other = DoorFactory(service=ServiceFactory(structure=structure), place="Mairie", address="1, place d’Essai")
    given = services.Told(
        name=service.name, kind="shelter", description="Un abri inventé.", commune=service.commune,
        zones=[service.commune], address="7, impasse du Secret", address_hidden=True,
    )  # fmt: skip
    services.edit_service(service=service, told=given, seen=service.edit, by=keeper)
    assert not Door.objects.visible_to(keeper).filter(pk=there.pk).exists()
    there.refresh_from_db()
    assert "Secret" not in f"{there.place} {there.address}"
    other.refresh_from_db()
    assert "Secret" not in f"{other.place} {other.address}"


def test_a_round_is_not_named_after_what_hides(keeper):
    structure = StructureFactory(address="7, impasse du Secret")
    told_by, other = (
        RoundFactory(service=ServiceFactory(structure=structure), name=name, vehicle=vehicle)
        for name, vehicle in (("Tournée du 7 impasse du Secret", "Minibus du 7, impasse du Secret"), ("Du Gier", "Bus"))
    )
    given = structures.Told(name=structure.name, kind=structure.kind, commune=structure.commune, address_hidden=True)
    structures.edit_structure(structure=structure, told=given, seen=structure.edit, by=keeper)
    told_by.refresh_from_db()
    other.refresh_from_db()
    assert (told_by.name, told_by.vehicle) == ("Tournée", "")
    assert (other.name, other.vehicle) == ("Du Gier", "Bus")


def test_a_structure_that_begins_to_hide_meanwhile_is_waited_for(keeper, service):
    """Its hiding empties the places that it sees: one being said must be among them, or come after."""
    round = RoundFactory(service=service)
    for act in (
        lambda: actions.open_door(service=service, told=told(), by=keeper),
        lambda: actions.add_stop(round=round, told=told(), by=keeper),
    ):
        with CaptureQueriesContext(connection) as seen:
            act()
        held = [one["sql"] for one in seen.captured_queries if "FOR UPDATE" in one["sql"]]
        assert any('FROM "directory_structure"' in one for one in held)


def test_two_services_that_are_one_keep_their_doors(keeper, service):
    other = ServiceFactory(structure=service.structure, zones=[territory("departement", "42")])
    door, tour = DoorFactory(service=other), RoundFactory(service=other)
    doubles.merge_services(kept=service, other=other, by=keeper)
    assert Door.objects.get(pk=door.pk).service == Round.objects.get(pk=tour.pk).service == service


# ---------------------------------------------------------------------------------------------- found and counted


def test_a_stop_counts_as_a_place_more_at_its_own_hours(keeper, service):
    asked = dict.fromkeys(("kind", "need", "audience", "language"), "")
    loire, day = territory("departement", "42"), dt.date(2026, 12, 1)
    found = RoundFactory(service=service)
    DoorFactory(round=found, commune=territory("commune", "42187"), weekly_hours=3.0)
    here = coverage.ground(keeper, loire, asked, day)
    roanne = next(line for line in coverage.lines(here, here.today) if line.code == "42187")
    assert (roanne.minutes, roanne.service) == (0.0, service.pk)
    assert sorted(here.today.capacity) == [3.0, 10.0]
    without = coverage.ground(keeper, loire, asked, day, without=found)
    assert [place.door for place in without.services] == [None]
    added = rounds.added(keeper, found, loire, day)
    assert added.with_it.beyond[0] < added.without.beyond[0]
    assert added.nearer[0][0] == "Roanne"
    # Before it begins, after it ends, and when its round is over, it counts no more.
    Round.objects.filter(pk=found.pk).update(ends_on=dt.date(2026, 11, 30))
    assert len(coverage.ground(keeper, loire, asked, day).services) == 1


def candidates(code, on=dt.date(2026, 12, 1)):
    town = territory("commune", code)
    return finding.candidates(town, finding.served_through(town), finding.Asked(), on)


def test_help_is_found_at_the_nearest_door_and_not_at_each(service):
    found = RoundFactory(service=service)
    here = DoorFactory(round=found, commune=territory("commune", "42187"))
    DoorFactory(round=found, rank=2, commune=territory("commune", "42186"))
    near, _away = candidates("42187")
    assert [(one.pk, one.door) for one in near] == [(service.pk, here.pk), (service.pk, None)]
    at = timezone.make_aware(dt.datetime(2026, 12, 1, 15))  # a Tuesday
    shown, _more = finding.shown([near, []], "", at, 0, 10)
    stop, own = shown[0]
    assert (stop.opening.state, stop.commune.code, stop.kilometres) == ("open", "42187", None)
    assert own.door is None
    # Of Saint-Étienne, where the service is, no stop is told.
    assert [one.door for one in candidates("42218")[0]] == [None]


def test_a_service_by_phone_that_comes_in_a_minibus_is_met_there(service):
    service.ways = ["telephone"]
    service.save()
    door = DoorFactory(service=service, commune=territory("commune", "42187"))
    near, away = candidates("42187")
    assert [one.door for one in near] == [door.pk]
    assert [one.pk for one in away] == [service.pk]
    assert candidates("42187", dt.date(2025, 12, 1))[0] == []


def test_the_public_page_tells_where_and_when(service):
    DoorFactory(service=service, commune=territory("commune", "42187"), hours="Tu[1] 14:00-17:00; PH off")
    page = text(Client().post(reverse("pages:help"), {"commune": "Roanne (commune 42187)"}))
    assert "le premier mardi du mois, de 14 h à 17 h" in page
    assert page.count(f'id="service-{service.pk}"') == 1
    assert "1 service pour Roanne" in page
    paper = Client().post(reverse("pages:help_poster"), {"commune": "Roanne (commune 42187)", "shape": "leaflet"})
    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.content)).pages)
    assert "Mairie inventée" in words


# ---------------------------------------------------------------------------------------------- screens


def test_a_clinic_is_added_by_its_rhythm_then_changed(ours, service):
    page = ours.post(reverse("directory:door_add", args=[service.pk]), TYPED, follow=True)
    assert "Le premier mardi du mois, de 14 h à 17 h" in text(page)
    door = Door.objects.get()
    assert door.hours == "Tu[1] 14:00-17:00; PH off"
    form = ours.get(reverse("directory:door_edit", args=[door.pk])).context["form"]
    assert (form.initial["every"], form.initial["day"], form.initial["hours"]) == ("1", "1", "")
    edit = reverse("directory:door_edit", args=[door.pk])
    assert ours.post(edit, TYPED | {"hours": "We 09:00-12:00"}).status_code == 302
    stale = ours.post(edit, TYPED | {"place": "Lieu tapé"})
    assert stale.status_code == 409
    assert 'value="Lieu tapé"' in text(stale)
    assert ours.post(edit, TYPED | {"ends": "13:00", "seen": "2"}).status_code == 422


def test_a_round_is_built_and_its_timetable_printed(ours, service):
    ours.post(
        reverse("directory:round_add", args=[service.pk]),
        {"name": "Tournée inventée", "vehicle": "minibus", "starts_on": "2026-01-05", "ends_on": ""},
    )
    found = Round.objects.get()
    for place in ("Place du Marché", "Salle des fêtes"):
        ours.post(reverse("directory:stop_add", args=[found.pk]), TYPED | {"place": place})
    page = text(ours.get(reverse("directory:round", args=[found.pk])))
    assert page.index("Place du Marché") < page.index("Salle des fêtes")
    ours.post(reverse("directory:stop_move", args=[found.stops.get(rank=2).pk]))
    page = text(ours.get(reverse("directory:round", args=[found.pk])))
    assert page.index("Salle des fêtes") < page.index("Place du Marché")
    paper = ours.get(reverse("directory:round", args=[found.pk]), {"format": "pdf"})
    assert paper["Content-Type"] == "application/pdf"
    words = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(paper.content)).pages)
    assert "premier mardi du mois" in words.replace("\u00a0", " ")
    assert "Salle des fêtes" in words
    adds = text(ours.get(reverse("directory:round_coverage", args=[found.pk])))
    assert "Sans la tournée" in adds
    assert "Roanne" in adds


def test_filters_narrow_the_list(ours, service):
    DoorFactory(service=service, place="Permanence d’ici")
    DoorFactory(round=RoundFactory(service=service), place="Arrêt d’ici")
    DoorFactory(service=service, place="Permanence finie", ends_on=dt.date(2026, 2, 1))
    DoorFactory(service=service, place="Permanence de Roanne", commune=territory("commune", "42187"))

    def found(**filters):
        return {stop.door.place for stop in ours.get(LIST, filters).context["stops"]}

    assert found() == {"Permanence d’ici", "Arrêt d’ici"}
    assert found(form="stop") == {"Arrêt d’ici"}
    assert found(state="over") == {"Permanence finie"}
    assert found(where="42187") == {"Permanence de Roanne"}
    assert found(kind="shelter") == set()
    file = ours.get(LIST, {"form": "clinic", "format": "csv"}).content.decode("utf-8-sig")
    assert "Permanence d’ici" in file
    assert "Arrêt d’ici" not in file


def test_lists_and_pages_cost_the_same_for_one_row_and_for_twenty(ours, service):
    found = RoundFactory(service=service)
    DoorFactory(round=found)
    DoorFactory(service=service)
    addresses = [
        LIST, reverse("directory:rounds"), reverse("directory:round", args=[found.pk]),
        reverse("directory:service", args=[service.pk]),
    ]  # fmt: skip

    def count(address):
        with CaptureQueriesContext(connection) as seen:
            assert ours.get(address).status_code == 200
        return len(seen) - 2  # that open and close the request's savepoint in a test

    before = [count(address) for address in addresses]
    for rank in range(2, 21):
        DoorFactory(round=found, rank=rank)
        DoorFactory(service=service)
        RoundFactory(service=service)
    assert [count(address) for address in addresses] == before
    assert max(before) <= 12


def test_a_victim_support_worker_keeps_the_rounds_of_the_departement(service):
    worker = actor("victim_support", scope_of(territory("departement", "42")))
    actions.add_round(service=service, told=actions.RoundTold("Tournée", "", dt.date(2026, 1, 5)), by=worker)
    with pytest.raises(Refused):
        actions.add_round(
            service=service, told=actions.RoundTold("Tournée", "", dt.date(2026, 1, 5)),
            by=actor("mediator", scope_of(territory("commune", "42218"))),
        )  # fmt: skip
