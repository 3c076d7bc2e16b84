"""Clinics and stops in files: what goes out comes in, each bad one is explained, none of a place that hides."""

import csv
import datetime as dt
import io
import json
from functools import cache

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import doors as actions
from prevenance.domains.directory.actions import services as service_actions
from prevenance.domains.directory.models import Door, Exchange, Round, Service, Structure
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.directory.files import SERVICE, STRUCTURE, bring, said, take
from tests.domains.directory.test_exchange_anything import anything
from tests.domains.directory.test_hidden import SHELTER, told_of
from tests.factories import actor, scope_of, territory
from tests.factories.directory import DoorFactory, RoundFactory, ServiceFactory

pytestmark = pytest.mark.django_db

FIELD = "prevenance_permanences"
PLACES = cache(jobs.Places)
CLINIC = {
    "lieu": "Mairie inventée", "commune": "Roanne", "code_insee": "42187", "adresse": "1, place d’Essai",
    "longitude": 4.07, "latitude": 46.03, "horaires": "Tu[1] 14:00-17:00; PH off", "debut": "2026-01-05",
    "fin": "2027-12-31", "tournee": None,
}  # fmt: skip
ROUND = {"nom": "Tournée inventée", "vehicule": "minibus", "debut": "2026-01-05", "fin": None}
STOP = CLINIC | {
    "lieu": "Place du Marché", "adresse": None, "longitude": None, "latitude": None, "fin": None,
    "tournee": ROUND | {"rang": 1},
}  # fmt: skip
SECOND = STOP | {"lieu": "Salle des fêtes", "horaires": "We 09:00-12:00", "tournee": ROUND | {"rang": 2}}


@pytest.fixture
def secretariat():
    return actor("national_secretariat", scope_of(territory("nation", "FR")))


@pytest.fixture(autouse=True)
def _places_read_once(monkeypatch):
    """Territories are reference data, the same for every test: a second each time would be minutes."""
    monkeypatch.setattr(jobs, "Places", PLACES)


def sent(doors, **changes):
    return SERVICE | {FIELD: doors} | changes


def in_order(doors):
    return sorted(doors, key=lambda one: json.dumps(one, sort_keys=True))


def given_back(by, **options):
    return take(by, **options)["services"][0][FIELD]


def test_places_and_stops_go_in_and_come_out(secretariat):
    told = [CLINIC, STOP, SECOND, {"tournee": ROUND | {"nom": "Tournée sans arrêt"}}]
    done = bring(secretariat, [STRUCTURE], [sent(told)])
    assert (done.left, said(done)) == (0, {})
    door = Door.objects.get(place="Mairie inventée")
    assert (door.commune.code, door.hours, door.starts_on, door.ends_on, door.rank, door.round) == (
        "42187", CLINIC["horaires"], dt.date(2026, 1, 5), dt.date(2027, 12, 31), 0, None,
    )  # fmt: skip
    assert 0 < door.weekly_hours < 1
    assert (door.updated_on, door.created_by) == (dt.date(2026, 3, 3), secretariat.person)
    tour = Round.objects.get(name="Tournée inventée")
    assert list(tour.stops.values_list("rank", "place")) == [(1, "Place du Marché"), (2, "Salle des fêtes")]
    assert in_order(given_back(secretariat)) == in_order(told)


def test_what_is_inscribed_here_goes_out_and_comes_in_elsewhere_the_same(secretariat):
    service = ServiceFactory(zones=[territory("departement", "42")])
    DoorFactory(service=service, commune=territory("commune", "42187"), longitude=4.07, latitude=46.03)
    DoorFactory(service=service, address="2, place d’Essai", ends_on=dt.date(2026, 2, 1))
    # Two rounds that say the same are one to whoever reads: the stops of one follow those of the other.
    for name in ("Tournée du Gier", "Tournée du Gier", "Tournée seule"):
        tour = RoundFactory(service=service, name=name, vehicle="", ends_on=dt.date(2027, 6, 30))
        for rank in (1, 2) if name == "Tournée du Gier" else ():
            DoorFactory(round=tour, rank=rank)
    out = take(secretariat, source="")
    doors = out["services"][0][FIELD]
    assert [one["tournee"]["rang"] for one in doors if one["tournee"] and "lieu" in one] == [1, 2, 3, 4]
    assert len(doors) == 7
    there = json.loads(json.dumps(out).replace("prevenance--", "ailleurs--").replace('"prevenance"', '"ailleurs"'))
    done = bring(secretariat, there["structures"], there["services"], source="ailleurs")
    assert (done.left, said(done)) == (0, {})
    assert take(secretariat, source="ailleurs")["services"][0][FIELD] == doors


def test_a_csv_says_the_same_in_a_cell(secretariat):
    bring(secretariat, [STRUCTURE], [sent([CLINIC, STOP, SECOND])])
    told, texts = take(secretariat), take(secretariat, format="csv")
    cell = next(csv.DictReader(io.StringIO(texts["services"])))[FIELD]
    assert json.loads(cell) == told["services"][0][FIELD]
    Door.objects.all().delete()
    Round.objects.all().delete()
    Service.objects.all().delete()
    Structure.objects.all().delete()
    again = bring(secretariat, texts["structures"].encode(), texts["services"].encode())
    assert (again.created, again.left, said(again)) == (2, 0, {})
    assert take(secretariat) == told


# ------------------------------------------------------------------------------------------------ what is explained


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"code_insee": "99999"}, "donnez le code Insee"), ({"code_insee": None}, "donnez le code Insee"),
        ({"horaires": "le mardi"}, "écrivez par exemple"), ({"horaires": None}, "horaires : ce champ est obligatoire"),
        ({"horaires": "2020 Tu 14:00-17:00"}, "n’ouvre jamais dans l’année"),
        ({"fin": "2025-12-31"}, "échangez-les"), ({"debut": "05/01/2026"}, "pas une date"),
        ({"debut": "9999-12-31"}, "trop lointaine"), ({"lieu": "ab"}, "moins de 3"),
        ({"longitude": None}, "deux"),
        ({"latitude": 145}, "entre -90 et 90"), ({"code_insee": "69123"}, "zone_eligibilite"),
        ({"tournee": "Tournée"}, "pas un objet"), ({"tournee": ROUND}, "le rang de l’arrêt"),
        ({"tournee": ROUND | {"rang": 0}}, "entre 1"),
        ({"tournee": ROUND | {"rang": 1, "fin": "2025-01-01"}}, "échangez"),
        ({"tournee": {"rang": 1}}, "nom : ce champ est obligatoire"),
    ],
)  # fmt: skip
def test_a_bad_place_is_explained_and_given_back_and_the_others_are_taken(secretariat, change, sentence):
    done = bring(secretariat, [STRUCTURE], [sent([CLINIC | change, SECOND])])
    assert done.left == 0
    why, left = said(done)[1, FIELD]
    assert why.startswith("Lieu 1 laissé de côté, ")
    assert sentence in why
    assert "renvoyez le fichier" in why
    assert not left
    assert Door.objects.get().place == "Salle des fêtes"
    back = given_back(secretariat)
    assert CLINIC | change in back
    assert len(back) == 2


@pytest.mark.parametrize("raw", ["au marché", {"lieu": "Mairie"}, True, 3, [CLINIC] * 1_001])
def test_what_is_no_list_of_places_changes_none(secretariat, raw):
    bring(secretariat, [STRUCTURE], [sent([CLINIC])])
    done = bring(secretariat, services=[sent(raw)])
    assert "pas une liste de lieux" in said(done)[1, FIELD][0]
    assert Door.objects.get().place == "Mairie inventée"
    assert given_back(secretariat) == [CLINIC]


def test_ranks_and_unknown_fields_are_told(secretariat):
    twice = SECOND | {"tournee": ROUND | {"rang": 1}, "telephone": "01 99 00 12 34"}
    done = bring(secretariat, [STRUCTURE], [sent([STOP, twice])])
    assert "ce rang" in said(done)[1, FIELD][0]
    done = bring(secretariat, services=[sent([STOP | {"telephone": "01 99 00 12 34"}])])
    assert "champs inconnus" in said(done)[1, FIELD][0]
    assert given_back(secretariat) == [STOP]


@pytest.mark.parametrize(
    "change",
    [{"lieu": "Chez K. Z."}, {"adresse": "Chez K. Z."}, {"tournee": ROUND | {"nom": "Avec Mme Inventée", "rang": 1}}],
)
def test_a_place_that_names_somebody_is_neither_taken_nor_kept(secretariat, change):
    done = bring(secretariat, [STRUCTURE], [sent([CLINIC | change])])
    why = said(done)[1, FIELD][0]
    assert "désigner une personne" in why
    assert "Z." not in why
    assert "Mme" not in why
    assert given_back(secretariat) == []
    assert FIELD not in Service.objects.get().kept


# ------------------------------------------------------------------------------------------------ by hand, and again


def test_what_is_added_by_hand_stays_when_a_file_says_nothing_of_places(secretariat):
    bring(secretariat, [STRUCTURE], [SERVICE])
    door, tour = DoorFactory(service=Service.objects.get()), RoundFactory(service=Service.objects.get())
    for changes in ({}, {FIELD: None}, {FIELD: ""}):
        done = bring(secretariat, services=[SERVICE | {"nom": f"Atelier {changes}"} | changes])
        assert done.updated == 1
    assert (Door.objects.get(), Round.objects.get()) == (door, tour)
    # A row that its source did not change changes nothing here either.
    bring(secretariat, services=[sent([CLINIC])])
    by_hand = DoorFactory(service=Service.objects.get())
    assert bring(secretariat, services=[sent([CLINIC])]).same == 1
    assert Door.objects.filter(pk=by_hand.pk).exists()


def test_a_changed_list_replaces_the_places_and_an_empty_one_takes_them_away(secretariat):
    bring(secretariat, [STRUCTURE], [sent([CLINIC, STOP, SECOND])])
    before = dict(Door.objects.values_list("place", "pk"))
    tour = Round.objects.get()
    DoorFactory(service=Service.objects.get(), place="Ajoutée à la main")
    moved = SECOND | {"horaires": "Th 09:00-12:00"}
    bring(secretariat, services=[sent([CLINIC, STOP, moved])])
    after = dict(Door.objects.values_list("place", "pk"))
    assert set(after) == {"Mairie inventée", "Place du Marché", "Salle des fêtes"}
    # What is as it was is the same row.
    assert [before[place] == after[place] for place in sorted(after)] == [True, True, False]
    assert Round.objects.get() == tour
    gone = Door.objects.get(place="Salle des fêtes")
    bring(secretariat, services=[sent([])])
    assert (Door.objects.count(), Round.objects.count()) == (0, 0)
    with pytest.raises(Stale, match="plus à l’annuaire"):
        actions.end_door(door=gone, on=dt.date(2026, 12, 1), by=secretariat)
    with pytest.raises(Stale, match="plus à l’annuaire"):
        actions.end_round(round=tour, on=dt.date(2026, 12, 1), by=secretariat)


def test_a_service_united_with_another_gets_no_place_from_a_file(secretariat):
    bring(secretariat, [STRUCTURE], [SERVICE])
    kept = ServiceFactory()
    Service.objects.filter(source_id="essai--v1").update(merged_into=kept, closed_on=dt.date(2026, 11, 1))
    done = bring(secretariat, services=[sent([CLINIC])])
    assert "réuni à un autre" in said(done)[1, FIELD][0]
    assert not Door.objects.exists()


# ------------------------------------------------------------------------------------------------ places that hide


@pytest.mark.parametrize("change", [{"thematiques": SHELTER}, {"prevenance_adresse_masquee": True}])
def test_no_place_of_a_service_that_hides_enters_or_leaves(secretariat, change):
    bring(secretariat, [STRUCTURE], [sent([CLINIC, STOP])])
    assert len(given_back(secretariat)) == 2
    hidden = sent([CLINIC | {"lieu": "Au 7, impasse du Secret", "code_insee": "0"}, STOP], date_maj="2026-04-01")
    done = bring(secretariat, services=[hidden | change])
    why = said(done)[1, FIELD][0]
    assert "L’adresse de ce service est tenue secrète" in why
    assert "ôtez-les" in why
    assert not Door.objects.shown().exists()
    assert not Door.objects.exclude(address="", longitude=None).exists()
    for format in ("json", "csv"):
        out = json.dumps(take(secretariat, format=format), ensure_ascii=False)
        assert [word for word in ("Mairie inventée", "Place du Marché", "impasse") if word in out] == []
    # Nor does a print of it say that it is not the same place.
    assert bring(secretariat, services=[hidden | change | {FIELD: [SECOND]}]).same == 1


def test_what_hides_by_hand_takes_its_places_out_of_files(secretariat):
    bring(secretariat, [STRUCTURE], [sent([CLINIC, STOP | {"horaires": "au 7, impasse du Secret"}])])
    service = Service.objects.get()
    assert "impasse" in json.dumps(given_back(secretariat), ensure_ascii=False)
    told = told_of(service, address_hidden=True)
    service_actions.edit_service(service=service, told=told, seen=service.edit, by=secretariat)
    assert given_back(secretariat) == []


def test_a_bad_place_is_forgotten_when_another_service_of_the_structure_hides(secretariat):
    away = {"adresse": "1, rue des Essais", "longitude": 4.5, "latitude": 45.5}
    bring(
        secretariat,
        [STRUCTURE],
        [sent([CLINIC | {"horaires": "chez nous", "adresse": "7, impasse du Secret"}], **away)],
    )
    shelter = SERVICE | {"id": "essai--v2", "thematiques": SHELTER, "adresse": "7, impasse du Secret",
                         "longitude": None, "latitude": None}  # fmt: skip
    bring(secretariat, services=[shelter])
    assert "impasse" not in json.dumps(take(secretariat), ensure_ascii=False)


def test_of_a_structure_that_hides_a_place_says_neither_street_nor_point(secretariat):
    office = sent(
        [CLINIC, CLINIC | {"adresse": None, "longitude": None, "latitude": None}, CLINIC | {"horaires": "x"}],
        prevenance_adresse_masquee=False, adresse="1, rue des Essais", longitude=4.5, latitude=45.5,
    )  # fmt: skip
    done = bring(secretariat, [STRUCTURE | {"prevenance_adresse_masquee": True}], [office])
    sentences = list(done.problems.filter(field=FIELD).values_list("sentence", flat=True))
    assert len(sentences) == 2
    assert all("non gardé" in one for one in sentences)
    assert "sans rue ni position" in sentences[0]
    door = Door.objects.get()
    assert (door.place, door.address, door.longitude) == ("Mairie inventée", "", None)
    assert [one["adresse"] for one in given_back(secretariat)] == [None]


# ------------------------------------------------------------------------------------------------ whatever, and cost


hours = st.sampled_from(
    ["Tu 14:00-17:00", "Mo-Fr 09:00-12:00; PH off", "We[1,3] 10:00-12:30", "week 02-52/2 Fr 08:00-9:00"]
)
days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))
words = st.text(st.characters(codec="utf-8", categories=("Ll", "Nd")), min_size=3, max_size=12)


@st.composite
def seasons(draw):
    first, last = sorted((draw(days), draw(days)))
    return {"debut": str(first), "fin": draw(st.none() | st.just(str(last)))}


@st.composite
def places(draw):
    told = []
    at = st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90))
    tours = draw(st.lists(st.tuples(words, st.none() | words, seasons()), max_size=2, unique_by=lambda one: one[0]))
    rounds = [{"nom": name, "vehicule": vehicle, **season} for name, vehicle, season in tours]
    for round in [None, *rounds]:
        count = draw(st.integers(0, 3))
        if round is not None and count == 0:
            told.append({"tournee": round})
        for rank in range(1, count + 1):
            point = draw(at) or (None, None)
            code, name = draw(st.sampled_from([("42187", "Roanne"), ("42218", "Saint-Étienne")]))
            told.append(
                {
                    "lieu": draw(words), "commune": name, "code_insee": code, "adresse": draw(st.none() | words),
                    "longitude": point[0], "latitude": point[1], "horaires": draw(hours), **draw(seasons()),
                    "tournee": round and round | {"rang": rank},
                }
            )  # fmt: skip
    return draw(st.permutations(told))


def _empty():
    for model in (Door, Round, Service, Structure, Exchange):
        model.objects.all().delete()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(places())
def test_whatever_places_there_are_they_come_out_and_come_in_the_same(secretariat, monkeypatch, told):
    monkeypatch.setattr(jobs, "Places", PLACES)
    _empty()
    done = bring(secretariat, [STRUCTURE], [sent(told)])
    assert (done.left, said(done)) == (0, {})
    out = take(secretariat)
    assert in_order(out["services"][0][FIELD]) == in_order(told)
    rows = set(Door.objects.values_list("pk", flat=True))
    texts = take(secretariat, format="csv")
    bring(secretariat, services=texts["services"].encode())
    assert set(Door.objects.values_list("pk", flat=True)) == rows
    assert take(secretariat) == out


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        anything
        | st.dictionaries(st.sampled_from([*CLINIC, "autre"]), anything, max_size=3).map(lambda one: CLINIC | one)
        | st.dictionaries(st.sampled_from([*ROUND, "rang"]), anything, max_size=2).map(
            lambda one: CLINIC | {"tournee": ROUND | one}
        ),
        max_size=3,
    )
    | anything
)
def test_whatever_the_field_holds_each_place_is_taken_or_explained(secretariat, monkeypatch, raw):
    monkeypatch.setattr(jobs, "Places", PLACES)
    _empty()
    done = bring(secretariat, [STRUCTURE], [sent(raw)])
    assert (done.state, done.left) == ("done", 0), done.reason
    told = list(done.problems.filter(field=FIELD).values_list("sentence", flat=True))
    if not isinstance(raw, list):
        assert len(told) == (raw not in (None, ""))
        return
    for number, _one in enumerate(raw, 1):
        taken = not any(one.startswith(f"Lieu {number} ") and "inconnus" not in one for one in told)
        assert taken or any("renvoyez" in one for one in told)
    refused = sum("inconnus" not in one for one in told)
    assert Door.objects.count() + Round.objects.filter(stops=None).count() <= len(raw)
    assert Door.objects.count() + refused <= len(raw)
    assert refused or len(raw) - Door.objects.count() == sum(isinstance(one, dict) and "lieu" not in one for one in raw)


def test_places_cost_the_same_for_one_service_and_for_twenty(secretariat):
    def rows(count, nom):
        return [
            sent([CLINIC, STOP, SECOND], id=f"essai--v{number}", nom=nom) for number in range(count)
        ]  # fmt: skip

    def count(work):
        with CaptureQueriesContext(connection) as seen:
            work()
        return len(seen)

    bring(secretariat, [STRUCTURE])
    costs = []
    for many in (1, 20):
        new = count(lambda: bring(secretariat, services=rows(many, "Atelier un")))  # noqa: B023
        changed = count(lambda: bring(secretariat, services=rows(many, "Atelier deux")))  # noqa: B023
        costs.append((new, changed, count(lambda: take(secretariat))))
        Door.objects.all().delete()
        Round.objects.all().delete()
        Service.objects.all().delete()
    assert costs[0] == costs[1]


def test_a_structure_keeps_the_field_of_a_service_as_one_that_nobody_knows(secretariat):
    bring(secretariat, [STRUCTURE | {FIELD: [CLINIC]}])
    assert take(secretariat)["structures"][0][FIELD] == [CLINIC]
    assert not Door.objects.exists()
