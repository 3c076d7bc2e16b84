"""Coverage of a département, what a post more changes, where the next would serve most."""

import csv
import datetime as dt
import io
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.core.models import AuditRow
from prevenance.domains.directory.actions import scenarios as actions
from prevenance.domains.directory.analysis import coverage as analysis
from prevenance.domains.directory.models import Scenario
from prevenance.domains.directory.rules.coverage import Post, post_of
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db

PAGE, TRY, PLACE = (reverse(f"coverage:{name}") for name in ("coverage", "what_if", "placement"))
EVERYTHING = dict.fromkeys(("kind", "need", "audience", "language"), "")
TODAY = dt.date(2026, 12, 1)


@pytest.fixture
def coordinator():
    return coordinator_of(CouncilFactory())


@pytest.fixture
def ours(coordinator, sign_in):
    client = sign_in(coordinator)
    client.get(PAGE)  # the first page of a session writes when it was seen
    return client


def service(commune, *, zones=None, hours=10, **values):
    """A service rendered in a commune for the whole of its département, unless told otherwise."""
    where = territory("commune", commune)
    structure = values.pop("structure", None) or StructureFactory(commune=where)
    zones = zones or [territory("departement", commune[:2])]
    return ServiceFactory(structure=structure, commune=where, zones=zones, capacity_hours=hours, **values)


def ground(departement, by, **asked):
    return analysis.ground(by, territory("departement", departement), EVERYTHING | asked, TODAY)


def line(here, code, found=None):
    return next(one for one in analysis.lines(here, found or here.today) if one.code == code)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


# ---------------------------------------------------------------------------------------------- what is computed


def test_a_departement_of_one_commune_by_hand(coordinator):
    """Paris: everyone is where the services are. Two of 10 and 20 hours are shared among all."""
    service("75056", hours=10)
    service("75056", hours=20)
    here = ground("75", coordinator)
    paris = line(here, "75056")
    people = here.communes[0].inhabitants
    assert people > 2_000_000
    assert (paris.weight, paris.minutes, paris.choices) == (people, 0.0, (2, 2, 2, 2))
    assert paris.hours == pytest.approx(30 * 1000 / people, rel=1e-12)
    assert analysis.figures(here.today) == analysis.Figures(people, (0, 0, 0, 0), 0.0, pytest.approx(30_000 / people))


def test_minutes_are_kilometres_at_the_pace_of_both_ends_and_of_the_road(coordinator):
    """Roanne, from Saint-Étienne: 1.34 times the great circle, four kilometres at each end's pace, the rest at 85."""
    service("42218")
    here = ground("42", coordinator)
    codes = [commune.code for commune in here.communes]
    start, end = (np.radians([here.communes[codes.index(code)].longitude, here.communes[codes.index(code)].latitude])
                  for code in ("42218", "42187"))  # fmt: skip
    half = np.sin((end[1] - start[1]) / 2) ** 2
    half += np.cos(start[1]) * np.cos(end[1]) * np.sin((end[0] - start[0]) / 2) ** 2
    kilometres = 2 * 6371.0088 * np.arcsin(np.sqrt(half))
    assert 60 < kilometres < 75
    paces = {60 * 1.34 / speed for speed in (25, 40, 60)}
    means = {round(4 * (one + other) + (kilometres - 8) * 60 * 1.34 / 85, 6) for one in paces for other in paces}
    assert round(line(here, "42187").minutes, 6) in means
    assert line(here, "42187").choices[0] == 0
    # What is shared among all within reach is exactly what is open.
    whole = analysis.figures(here.today)
    assert whole.hours * whole.weight / 1000 == pytest.approx(10)


def test_the_sea_is_not_crossed_and_a_gap_is_said(coordinator):
    service("29019")  # Brest, for the whole Finistère
    here = ground("29", coordinator)
    ouessant = line(here, "29155")
    assert (ouessant.minutes, ouessant.nearest, ouessant.choices, ouessant.hours) == (None, "", (0, 0, 0, 0), 0.0)
    assert analysis.figures(here.today).beyond[-1] >= ouessant.weight > 0


def test_a_service_is_within_reach_of_those_whom_it_serves(coordinator):
    service("42187", zones=[territory("commune", "42187")])
    here = ground("42", coordinator)
    assert line(here, "42187").minutes == 0.0
    assert [one.code for one in analysis.lines(here, here.today) if one.minutes is not None] == ["42187"]


def test_a_service_of_next_door_that_serves_us_counts(coordinator):
    service("69123", zones=[territory("region", "84")])  # Lyon, for the region
    here = ground("42", coordinator)
    assert line(here, "42218").minutes is not None


def test_a_hidden_address_counts_where_its_commune_is(coordinator):
    """Even when its structure has an office with a known address, which is not where one goes."""
    office = StructureFactory(commune=territory("commune", "42187"), longitude=4.39, latitude=45.43)
    service("42187", structure=office, address_hidden=True)
    service("42218", structure=ShelterFactory(commune=territory("commune", "42218")), address_hidden=True)
    here = ground("42", coordinator)
    assert line(here, "42187").minutes == 0.0
    assert line(here, "42218").minutes == 0.0


def test_filters_choose_what_is_counted_and_a_line_to_call_is_nowhere(coordinator):
    service("42218", needs=["femmes"], languages=["ara"], audiences=["femmes"])
    service("42218", modes=["a-distance"])
    service("42218", hours=0)
    service("42187", hours=None, sign_language=True, kind="mission_locale")

    def count(**asked):
        return len(ground("42", coordinator, **asked).services)

    assert count() == 2
    assert count(need="femmes") == count(language="ara") == count(language="lsf") == count(kind="mission_locale") == 1
    assert count(need="cyber") == 0
    assert count(audience="femmes") == 2  # what is for everybody is for them too
    here = ground("42", coordinator)
    assert here.unsaid == 1
    assert sorted(here.today.capacity) == [7.0, 10.0]


def test_a_post_that_one_tries_is_worth_the_service_that_one_would_open(coordinator):
    """Only what it touches is computed: the same as counting all of it again."""
    service("42218")
    here = ground("42", coordinator)
    tried = analysis.with_posts(here, [Post(14, "42187"), Post(3.5, "42207")])
    before = line(here, "42187")
    service("42187", hours=14)
    service("42207", hours=3.5)
    after = ground("42", coordinator)
    for name in ("minutes", "accessibility", "choices", "served"):
        np.testing.assert_allclose(getattr(tried, name), getattr(after.today, name), rtol=1e-9, atol=1e-12)
    assert before.minutes > 30
    assert line(here, "42187", tried).minutes == 0.0


def test_the_place_chosen_is_the_best_of_all(coordinator):
    service("90010")  # Belfort
    here = ground("90", coordinator)
    found = analysis.best_places(here, 1, 15)
    each = [
        analysis.weights_within(here, analysis.with_posts(here, [Post(7, one.code)]).minutes, 15)
        for one in here.communes
    ]
    assert found.served == max(each) > analysis.weights_within(here, here.today.minutes, 15)
    assert found.gap < 1e-9


@pytest.mark.parametrize("word", ["42207:14", "2A004:3.5", "4.51234,45.43211:7", "-61.00000,14.60000:2"])
def test_a_post_is_a_word_that_says_it(word):
    assert post_of(word).word == word


@pytest.mark.parametrize("word", ["", "42207", "42207:", "42207:x", "500.0,4.0:1", "4.5:1", "42207:14:2", "nan,nan:1"])
def test_other_words_say_no_post(word):
    with pytest.raises(ValueError, match=r"^.*$"):
        post_of(word)


# ------------------------------------------------------------------------------------------------------- screens


def test_the_page_begins_in_ones_own_departement_with_the_farthest(ours, coordinator):
    service("42218")
    page = ours.get(PAGE)
    shown = text(page)
    assert "Couverture, Loire" in shown
    minutes = [float("inf") if line.minutes is None else line.minutes for line, *_ in page.context["rows"]]
    assert minutes == sorted(minutes, reverse=True)
    beyond = analysis.figures(ground("42", coordinator).today).beyond[1]
    assert f"<strong>{beyond:_}</strong> habitants à plus de 30 minutes".replace("_", " ") in " ".join(
        shown.replace("\u202f", " ").split()
    )
    assert "Minutes jusqu’au service le plus proche, choix et heures, par commune, Loire</caption>" in shown


def test_the_list_is_taken_as_a_file_with_every_commune(ours):
    service("42218")
    answer = ours.get(PAGE, {"format": "csv", "departement": "42"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == len(ours.get(PAGE).context["here"].communes) > 300
    assert next(row for row in rows if row["Code Insee"] == "42218")["Minutes"].startswith("0")


@pytest.mark.parametrize("address", [PAGE, f"{TRY}?a=42187:14&b=42207:7", PLACE])
def test_pages_cost_the_same_for_one_service_and_for_twenty(ours, address):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert ours.get(address).status_code == 200
        return len(seen)

    service("42218")
    one = queries()
    for _turn in range(19):
        service("42218")
    assert queries() == one <= 12


def test_a_post_is_added_by_the_form_and_nothing_is_kept(ours):
    service("42218")
    before = AuditRow.objects.count()
    answer = ours.get(TRY, {"departement": "42", "into": "a", "commune": "42187", "hours": "14", "b": "42207:7"})
    assert answer.status_code == 302
    told = parse_qs(urlsplit(answer["Location"]).query)
    assert (told["a"], told["b"], told["departement"]) == (["42187:14"], ["42207:7"], ["42"])
    page = ours.get(answer["Location"])
    assert [len(one.posts) for one in page.context["tried"]] == [1, 1]
    assert "Roanne, 14 h par semaine" in text(page)
    beyond, _now, cells = page.context["figures"][1]
    assert "30 minutes" in beyond
    assert all(change.startswith("−") for _value, change in cells)
    assert Scenario.objects.count() == 0
    assert AuditRow.objects.count() == before


def test_a_point_of_the_map_is_a_post_too(ours):
    asked = {"into": "b", "point": "46.034, 4.068", "hours": "3.5"}
    told = parse_qs(urlsplit(ours.get(TRY, asked)["Location"]).query)
    assert told["b"] == ["4.06800,46.03400:3.5"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"hours": "14"}, "Choisissez une commune"), ({"commune": "42187", "hours": "0"}, "supérieure ou égale à 1"),
        ({"commune": "42187", "hours": "9000"}, "Au plus 400 heures"),
        ({"point": "là-bas", "hours": "1"}, "deux nombres"),
        ({"point": "95, 4", "hours": "1"}, "deux nombres"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_stays_typed(ours, asked, said):
    answer = ours.get(TRY, {"into": "a", "a": "42207:7", **asked})
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Saint-Chamond, 7 h par semaine" in text(answer)


def test_words_of_elsewhere_are_left_out(ours):
    page = ours.get(TRY, {"a": ["75056:7", "nimporte", "42187:9000", "42187:7"], "departement": "42", "within": "999"})
    assert [post.word for post in page.context["tried"][0].posts] == ["42187:7"]


def test_a_scenario_is_kept_by_name_found_again_and_deleted(ours, coordinator):
    address = f"{TRY}?departement=42&need=femmes&a=42187:14&a=4.51000,45.43000:3.5"
    assert ours.post(address, {"saved": "a", "name": "Roanne et le Gier"}).status_code == 302
    kept = Scenario.objects.get()
    assert (kept.scope_id, kept.need, kept.posts) == (
        coordinator.scope_id,
        "femmes",
        ["42187:14", "4.51000,45.43000:3.5"],
    )
    twice = ours.post(address, {"saved": "a", "name": "Roanne et le Gier"})
    assert twice.status_code == 422
    assert "porte déjà ce nom" in text(twice)
    assert 'value="Roanne et le Gier"' in text(twice)
    opened = parse_qs(urlsplit(ours.get(TRY).context["kept"][0][1]).query)
    assert (opened["a"], opened["need"]) == (kept.posts, ["femmes"])
    gone = reverse("coverage:scenario_delete", args=[kept.pk])
    assert "ne retrouvera ces permanences" in text(ours.get(gone))
    assert ours.post(gone).status_code == 302
    assert Scenario.objects.count() == 0
    assert ours.post(gone).status_code == 404


def test_nothing_is_kept_without_a_post_or_a_name(ours):
    assert ours.post(f"{TRY}?a=42187:14", {"saved": "a", "name": ""}).status_code == 422
    empty = ours.post(TRY, {"saved": "a", "name": "Rien du tout"})
    assert (empty.status_code, Scenario.objects.count()) == (422, 0)
    assert "au moins une permanence" in text(empty)


def test_a_scenario_is_nobody_elses(sign_in, coordinator):
    kept = actions.save_scenario(
        name="Le nôtre", departement=territory("departement", "42"), asked=EVERYTHING, posts=[Post(7, "42187")],
        by=coordinator,
    )  # fmt: skip
    other = sign_in(actor("prefect_office", scope_of(territory("departement", "42"))))
    assert "Le nôtre" not in text(other.get(TRY))
    assert other.get(reverse("coverage:scenario_delete", args=[kept.pk])).status_code == 404


def test_a_committee_gets_a_tagged_document(ours):
    service("42218", name="Écoute inventée")
    answer = ours.get(TRY, {"a": "42187:14", "b": "42207:7", "need": "", "format": "pdf"})
    assert answer["Content-Type"] == "application/pdf"
    paper = pypdf.PdfReader(io.BytesIO(answer.content))
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]
    words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert "Habitants à plus de 30 minutes" in words.replace("\u00a0", " ")
    assert "Roanne, 14 h par semaine" in words.replace("\u00a0", " ")
    assert "essai-de-permanences-loire.pdf" in answer["Content-Disposition"]


def test_placement_says_how_sure_it_is_and_leads_to_a_what_if(ours):
    service("42218")
    page = ours.get(PLACE, {"number": "2", "within": "15"})
    assert len(page.context["chosen"]) == 2
    assert "C’est prouvé" in text(page) or "au plus" in page.context["proof"]
    told = parse_qs(urlsplit(page.context["try"]).query)
    assert {word.split(":")[0] for word in told["a"]} == {commune.code for commune in page.context["chosen"]}


def test_the_nation_chooses_a_departement(sign_in):
    nation = sign_in(actor("national_secretariat", scope_of(territory("nation", "FR"))))
    assert "Choisissez un département" in text(nation.get(PAGE))
    assert "Couverture, Finistère" in text(nation.get(PAGE, {"departement": "29"}))


def test_who_does_not_hold_a_territory_is_told_who_does(sign_in):
    answer = sign_in(actor("mediator", scope_of(territory("commune", "42218")))).get(PAGE)
    assert answer.status_code == 403
    assert "La couverture se lit à la coordination" in text(answer)
