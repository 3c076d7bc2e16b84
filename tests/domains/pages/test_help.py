"""Finding help: who is near, who answers, what works from there; nothing of a search stays anywhere."""

import datetime as dt
import logging
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.core.models import AuditRow
from prevenance.domains.accounts.models import Session
from prevenance.domains.directory.models import ErrorReport
from prevenance.domains.pages.models import UnansweredSearch
from prevenance.domains.pages.views.help import PER_LIST
from tests.factories import territory
from tests.factories.directory import ClosureFactory, ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db

HELP, EASY = reverse("pages:help"), reverse("pages:help_easy")
TOWN = "Saint-Étienne (commune 42218)"
NOUMEA = "Nouméa (commune 98818)"
SATURDAY = dt.datetime(2026, 11, 28, 9, 30, tzinfo=dt.UTC)  # half past ten in Paris


@pytest.fixture
def visitor():
    """Somebody whose browser sends no token: the pages ask for none."""
    return Client(enforce_csrf_checks=True)


def search(client, address=HELP, status=200, **asked):
    response = client.post(address, {"commune": TOWN} | asked)
    assert response.status_code == status
    return response


def text(response):
    return " ".join(response.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def found(response):
    """Names of the services shown, in order."""
    return [one.service.name for one in [*response.context["here"], *response.context["away"]]]


def test_services_for_the_commune_are_found_nearest_first(visitor):
    department = territory("departement", "42")
    roanne = StructureFactory(commune=territory("commune", "42187"))
    near = StructureFactory(longitude=4.40, latitude=45.44)
    ServiceFactory(name="À Roanne", structure=roanne, zones=[department])
    ServiceFactory(name="Tout près", structure=near, zones=[department])
    ServiceFactory(name="Pour Roanne seulement", structure=roanne)
    ServiceFactory(name="Fermé depuis", structure=near, closed_on=dt.date(2026, 1, 1))
    ServiceFactory(name="Entre professionnels", structure=near, reached_by=["professionnels"])
    response = search(visitor)
    assert found(response) == ["Tout près", "À Roanne"]
    here = response.context["here"]
    assert here[0].kilometres == 1
    assert 60 < here[1].kilometres < 75
    assert not here[1].near.own
    assert here[1].minutes > 60
    assert f"Roanne, à {here[1].kilometres} km, environ {here[1].minutes} minutes en voiture" in text(response)


def test_need_audience_and_language_narrow(visitor):
    ServiceFactory(name="Pour tous", kind="victim_support")
    ServiceFactory(name="Escroqueries", needs=["escroqueries-biens"], languages=["ara"])
    ServiceFactory(name="Femmes", kind="women_support", needs=["femmes"], audiences=["femmes"], sign_language=True)
    ServiceFactory(name="Sport", kind="sport_culture")
    assert found(search(visitor, need="femmes")) == ["Femmes", "Pour tous"]
    assert found(search(visitor, need="femmes", audience="jeunes")) == ["Pour tous"]
    assert found(search(visitor, language="ara")) == ["Escroqueries"]
    assert found(search(visitor, language="lsf")) == ["Femmes"]
    assert len(found(search(visitor))) == 4


def test_what_needs_no_journey_serves_everywhere_it_says(visitor):
    far = StructureFactory(commune=territory("commune", "75056"))
    ServiceFactory(
        name="Écoute de toute la France", structure=far, ways=["telephone"], zones=[territory("nation", "FR")]
    )
    response = search(visitor)
    assert [one.service.name for one in response.context["away"]] == ["Écoute de toute la France"]
    assert response.context["away"][0].kilometres is None


def test_what_is_across_the_sea_comes_last(visitor):
    nice, corsica = territory("commune", "06088"), territory("commune", "2B033")
    france = territory("nation", "FR")
    ServiceFactory(name="À Bastia", structure=StructureFactory(commune=corsica), zones=[france])
    ServiceFactory(name="À Paris", structure=StructureFactory(commune=territory("commune", "75056")), zones=[france])
    ServiceFactory(name="À Nice", structure=StructureFactory(commune=nice), zones=[france])
    response = search(visitor, commune=nice.choice)
    assert found(response) == ["À Nice", "À Paris", "À Bastia"]
    assert response.context["here"][2].over_sea
    assert "par la mer ou par avion" in text(response)


@time_machine.travel(SATURDAY, tick=False)
def test_open_now_and_the_first_to_open(visitor):
    hours = {
        "Ouvert": "Mo-Sa 09:00-12:00", "Lundi": "Mo 09:00-12:00", "Dimanche": "Su 09:00-12:00", "Non connus": "",
        "En congés": "24/7",
    }  # fmt: skip
    made = {name: ServiceFactory(name=name, hours=said) for name, said in hours.items()}
    ClosureFactory(service=made["En congés"], starts_on=dt.date(2026, 11, 20), ends_on=dt.date(2026, 11, 29))
    assert found(search(visitor, when="now")) == ["Ouvert"]
    assert found(search(visitor, when="next")) == ["Ouvert", "Dimanche", "En congés", "Lundi", "Non connus"]
    page = text(search(visitor, when="next"))
    assert "Ouvre le dimanche 29 novembre à 9 h 00" in page
    assert "Jusqu’au samedi 28 novembre à 12 h 00" in page


def test_a_hidden_place_has_no_address_no_distance_and_no_point(visitor):
    shelter = ShelterFactory(commune=territory("commune", "42187"))
    ServiceFactory(
        name="Refuge", kind="shelter", structure=shelter, address_hidden=True, zones=[territory("departement", "42")]
    )
    other = StructureFactory(longitude=4.40, latitude=45.44)
    ServiceFactory(name="Ailleurs", structure=other)
    response = search(visitor)
    assert [one.service.name for one in response.context["away"]] == ["Refuge"]
    assert response.context["away"][0].kilometres is None
    assert [point["names"] for point in response.context["map"]["points"]] == [["Ailleurs"]]
    assert "adresse donnée de vive voix" in text(response)


def test_the_next_services_are_asked_with_what_was_typed(visitor):
    for index in range(PER_LIST + 2):
        ServiceFactory(name=f"Service {index:02}")
    first = search(visitor)
    assert len(found(first)) == PER_LIST
    assert 'name="page"' in text(first)
    assert found(search(visitor, page="2")) == [f"Service {PER_LIST:02}", f"Service {PER_LIST + 1:02}"]
    assert 'name="page"' not in text(search(visitor, page="2"))
    for bad in ("0", "-1", "²", "x", "9" * 30):
        assert len(found(search(visitor, page=bad))) == PER_LIST


def test_several_communes_of_a_name_are_offered_and_what_was_typed_stays(visitor):
    response = search(visitor, commune="Saint-Denis", need="haine", status=422)
    page = text(response)
    assert 'value="Saint-Denis (commune 93066)"' in page
    assert 'value="Saint-Denis (commune 97411)"' in page
    assert '<option value="haine" selected>' in page
    # The button pressed comes after the field: its value is the one that counts.
    chosen = visitor.post(HELP, {"commune": ["Saint-Denis", "Saint-Denis (commune 97411)"], "need": "haine"})
    assert chosen.context["commune"].code == "97411"
    assert search(visitor, commune="", status=422).context["form"].errors["commune"]


def test_numbers_that_work_from_the_commune_come_first(visitor):
    def numbers(commune, need=""):
        return search(visitor, commune=commune, need=need).context["numbers"]

    assert [line.number.key for line in numbers("42218", "cyber")][:2] == ["3018", "116006"]
    assert next(line.number.key for line in numbers("42218", "femmes")) in {"3919", "119"}
    far = numbers(NOUMEA)
    assert all(not line.answers for line in far)
    page = text(search(visitor, commune=NOUMEA))
    assert "Nous ne savons pas si ce numéro répond depuis Nouméa" in page
    assert "+33180523376" in page
    assert [line.number.key for line in search(visitor, commune=NOUMEA).context["urgent"]][:2] == ["17", "15"]
    assert "116 006" in text(visitor.get(HELP))


@time_machine.travel(SATURDAY, tick=False)
def test_hours_of_national_numbers_are_told_on_the_clocks_of_the_place(visitor):
    line = next(
        line
        for line in search(visitor, commune="Saint-Denis (commune 97411)").context["numbers"]
        if line.number.key == "116006"
    )
    assert line.opening.until_there == dt.datetime(2026, 11, 28, 23)  # 20:00 in Paris, in Réunion


@pytest.mark.parametrize("address", [HELP, EASY])
def test_a_search_leaves_no_trace(visitor, address, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    for name in ("django.request", "django.security", "prevenance"):
        caplog.set_level(logging.DEBUG, logger=name)
    sessions, rows = Session.objects.count(), AuditRow.objects.count()
    visitor.get(address)
    response = search(visitor, address, need="traite")
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"
    assert not response.cookies
    assert not visitor.cookies
    assert Session.objects.count() == sessions
    assert AuditRow.objects.count() == rows
    assert "csrf" not in response.content.decode()
    said = capfd.readouterr()
    # SQL is only ever logged by a debugging server, never by ours: what remains is what an operator would read.
    written = "\n".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    for words in ("traite", "42218", "tienne"):
        assert words not in written + said.out + said.err
    links = response.content.decode().split("href=")
    assert not [link for link in links if "42218" in link[:200] and "tel:" not in link[:200]]


def test_what_found_nothing_is_counted_by_commune_and_need_only(visitor):
    search(visitor, need="haine", audience="femmes", language="ukr")
    search(visitor, need="haine")
    search(visitor, need="haine", page="3")
    search(visitor)
    kept = UnansweredSearch.objects.order_by("need").values_list("commune__code", "need", "searches", "month__day")
    assert list(kept) == [("42218", "", 1, 1), ("42218", "haine", 2, 1)]
    ServiceFactory(hours="Mo 09:00-10:00")
    search(visitor, need="haine", when="now")
    assert UnansweredSearch.objects.get(need="haine").searches == 2


def typed(visitor, commune):
    with CaptureQueriesContext(connection) as seen:
        assert search(visitor, commune=commune, need="haine").context["commune"].code == "42218"
    return len(seen)


def test_a_constant_number_of_queries(visitor):
    ServiceFactory(structure=StructureFactory(longitude=4.40, latitude=45.44))

    def count():
        with CaptureQueriesContext(connection) as seen:
            search(visitor, need="haine")
        return len(seen)

    count()
    one = count()
    for words in ("42218", "42000", "saint etienne 42", "Saint-Étienne"):
        assert typed(visitor, words) <= 12, words
    for _turn in range(25):
        ServiceFactory(structure=StructureFactory(longitude=4.40, latitude=45.44))
    assert count() == one <= 12


def test_easy_to_read_asks_and_says_less(visitor):
    ServiceFactory(name="Écoute", description="Un accompagnement pluridisciplinaire.")
    page = text(visitor.get(EASY))
    assert "On me fait du mal sur Internet" in page
    response = search(visitor, EASY, need="femmes")
    assert found(response) == ["Écoute"]
    assert "pluridisciplinaire" not in text(response)


def test_every_page_lets_one_leave_and_says_what_stays(visitor):
    for name in ("help", "help_easy", "help_traces", "help_poster"):
        response = visitor.get(reverse(f"pages:{name}"))
        page = text(response)
        assert 'href="https://meteofrance.com/"' in page
        assert "data-leave" in page
        assert "L’historique garde la trace" in page
        assert response["Cache-Control"] == "no-store"
    assert "Supprimez ces lignes seulement" in text(visitor.get(reverse("pages:help_traces")))


def test_an_error_on_a_result_is_reported_and_no_address_says_on_which(visitor):
    service = ServiceFactory(name="Écoute")
    page = text(search(visitor))
    assert not [one for one in re.findall(r'(?:href|action)="([^"]*)"', page) if str(service.key) in one]
    report = reverse("pages:help_report")
    asked = visitor.post(report, {"service": str(service.key)})
    assert (asked.status_code, asked["Cache-Control"]) == (200, "no-store")
    assert "Écoute, Saint-Étienne" in text(asked)
    assert 'href="https://meteofrance.com/"' in text(asked)
    unsaid = visitor.post(report, {"service": str(service.key), "send": "1"})
    assert unsaid.status_code == 422
    assert ErrorReport.objects.count() == 0
    done = visitor.post(report, {"service": str(service.key), "send": "1", "what": "hours"})
    assert "Rien n’est gardé de vous" in text(done)
    assert [(one.service, one.what) for one in ErrorReport.objects.all()] == [(service, "hours")]
    assert not visitor.cookies
    assert visitor.get(report).status_code == 405
    for unknown in ("", "x", "00000000-0000-4000-8000-000000000000"):
        assert visitor.post(report, {"service": unknown}).status_code == 404


def test_the_file_of_communes_is_the_same_for_all(visitor):
    response = visitor.get(reverse("pages:help_communes"))
    said = response.json()
    assert len(said["codes"]) == len(said["names"]) > 34_000
    assert len(said["points"]) == 2 * len(said["codes"])
    rank = said["codes"].index("42218")
    assert said["names"][rank] == "Saint-Étienne"
    assert abs(said["points"][2 * rank] - 4390) < 20
