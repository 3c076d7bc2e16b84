"""Coverage of the nation: what a département's page says, for each need and audience, kept by a job."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import nation as actions
from prevenance.domains.directory.analysis import coverage, nation
from prevenance.domains.directory.models import CoverageRun, DepartementCoverage
from prevenance.domains.directory.rules import nation as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.directory.test_coverage import EVERYTHING, service, text
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import ShelterFactory

pytestmark = pytest.mark.django_db

PAGE, COUNT = reverse("coverage:nation"), reverse("coverage:nation_count")
SOME = ("42", "43", "69", "29", "75", "976")
ALL_OF_THEM = rules.departements


@pytest.fixture
def secretariat():
    return actor("national_secretariat", scope_of(territory("nation", "FR")))


@pytest.fixture
def ours(secretariat, sign_in):
    client = sign_in(secretariat)
    client.get(PAGE)  # the first page of a session writes when it was seen
    return client


@pytest.fixture(autouse=True)
def _few_departements(monkeypatch):
    """Six of the hundred: what is done for one is done for all."""
    monkeypatch.setattr(rules, "departements", lambda: [territory("departement", code) for code in SOME])


def count():
    """A count, as the night's job and its worker do it; the run."""
    run = actions.begin_coverage_count()
    jobs.count_coverage.func(run=run.pk)
    run.refresh_from_db()
    return run


def line(code, need="", audience=""):
    return DepartementCoverage.objects.get(departement__code=code, need=need, audience=audience)


def test_every_departement_is_counted_and_no_collectivity_of_overseas():
    codes = [one.code for one in ALL_OF_THEM()]
    assert len(codes) == 101
    assert {"2A", "75", "971", "976"} <= set(codes)
    assert not {"975", "987", "988"} & set(codes)


def test_a_line_says_what_the_page_of_the_departement_says(secretariat):
    service("42218", hours=10, needs=["sexuelles"], audiences=["femmes"])
    service("42187", hours=20, needs=["cyber"])  # for everybody
    service("42218", hours=0)
    run = count()
    assert (run.state, run.done, run.total) == ("done", 6, 6)
    for need, audience in (("", ""), ("sexuelles", ""), ("cyber", "jeunes"), ("sexuelles", "jeunes"), ("", "femmes")):
        asked = EVERYTHING | {"need": need, "audience": audience}
        here = coverage.ground(secretariat, territory("departement", "42"), asked, timezone.localdate())
        told, wanted = line("42", need, audience), coverage.figures(here.today)
        assert (told.inhabitants, tuple(told.beyond)) == (wanted.weight, wanted.beyond)
        assert told.places == len(here.services)
        assert told.hours == pytest.approx(wanted.hours, rel=1e-12)
    assert DepartementCoverage.objects.filter(departement__code="42").count() == len(nation.pairs_of_words())


def test_the_median_is_what_half_of_the_people_need_at_most(secretariat):
    service("42218")
    count()
    here = coverage.ground(secretariat, territory("departement", "42"), EVERYTHING, timezone.localdate())
    median = line("42").median
    within = sum(one.weight for one in coverage.lines(here, here.today) if one.minutes <= median)
    under = sum(one.weight for one in coverage.lines(here, here.today) if one.minutes < median)
    assert under < line("42").inhabitants / 2 <= within
    assert line("43").median is None  # no service: nobody reaches one
    assert line("43").beyond == [line("43").inhabitants] * 4


def test_a_far_service_is_nearest_for_those_whom_a_near_one_does_not_answer(secretariat):
    """More than an hour away, where another that answers somebody else is next door."""
    service("42218", needs=["cyber"])
    service("42187", needs=["haine"])
    count()
    asked = EVERYTHING | {"need": "cyber"}
    here = coverage.ground(secretariat, territory("departement", "42"), asked, timezone.localdate())
    assert line("42", "cyber").median == pytest.approx(nation.median_of(here.today.minutes, here.today.weight))
    far = next(one for one in coverage.lines(here, here.today) if one.code == "42187")
    assert far.minutes > 60


def test_a_hidden_address_counts_where_its_commune_is():
    service("42187", structure=ShelterFactory(commune=territory("commune", "42187")), address_hidden=True)
    count()
    hidden = line("42").beyond
    service("42187")
    CoverageRun.objects.update(day=dt.date(2020, 1, 1))
    count()
    assert line("42").beyond == hidden  # as near as one that says where it is: at the commune's point


def test_it_is_counted_once_a_day_and_only_when_something_changed():
    service("42218")
    first = count()
    with pytest.raises(Refused, match="aujourd’hui"):
        actions.begin_coverage_count()
    CoverageRun.objects.update(day=dt.date(2020, 1, 1))
    with pytest.raises(Refused, match="Rien n’a changé"):
        actions.begin_coverage_count()
    jobs.count_nation.func(timestamp=0)  # the night's job says nothing of it
    assert CoverageRun.objects.get().pk == first.pk
    service("43157")
    second = count()
    assert CoverageRun.objects.get().pk == second.pk
    assert set(DepartementCoverage.objects.values_list("run", flat=True)) == {second.pk}
    assert line("43").places == 1


def test_a_count_that_was_cut_short_is_taken_up_where_it_was():
    service("42218")
    run = actions.begin_coverage_count()
    every = rules.departements()
    actions.count_departements(run=run, departements=every[:2])
    kept = set(DepartementCoverage.objects.values_list("pk", flat=True))
    with pytest.raises(Refused, match="en cours"):
        actions.begin_coverage_count()
    jobs.resume_coverage.func(timestamp=0)
    run.refresh_from_db()
    assert run.resumed == 0  # it has just given a sign
    CoverageRun.objects.update(beat_at=timezone.now() - 2 * rules.SILENCE)
    jobs.resume_coverage.func(timestamp=0)
    run.refresh_from_db()
    assert (run.resumed, run.done) == (1, 2)
    jobs.count_coverage.func(run=run.pk)
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", 6)
    assert kept < set(DepartementCoverage.objects.values_list("pk", flat=True))  # not counted twice
    jobs.count_coverage.func(run=run.pk)  # a second job of the same run finds it ended
    with pytest.raises(Stale):
        actions.count_departements(run=run, departements=every)


def test_a_count_that_never_ends_is_given_up_and_another_may_begin():
    run = actions.begin_coverage_count()
    CoverageRun.objects.update(beat_at=timezone.now() - 2 * rules.SILENCE, resumed=rules.MOST_RESUMED)
    jobs.resume_coverage.func(timestamp=0)
    run.refresh_from_db()
    assert run.state == "stopped"
    assert count().state == "done"


def test_two_counts_do_not_go_on_together():
    first = actions.begin_coverage_count()
    with pytest.raises(Refused), transaction.atomic():
        actions._begun("autre")
    assert CoverageRun.objects.get().pk == first.pk


def test_the_page_shows_the_largest_gaps_first_and_leads_to_each_departement(ours):
    service("42218")
    service("69123")
    assert "La France n’est pas encore comptée" in text(ours.get(PAGE))
    count()
    page = ours.get(PAGE, {"within": "30"})
    lines = [line for line, *_words in page.context["rows"]]
    assert [line.beyond for line in lines] == sorted((line.beyond for line in lines), reverse=True)
    assert lines[0].code == "75"
    shown = " ".join(text(page).split())
    assert f'href="{reverse("coverage:coverage")}?within=30&amp;departement=42"' in shown
    assert page.context["whole"].inhabitants == sum(line.inhabitants for line in lines)
    assert "Couverture" in shown
    map_ = page.context["map"]
    assert map_["numbers"]["75"]["level"] == 4
    assert sum(group["number"] for group in map_["legend"]) == 6


def test_filters_stay_in_the_address_and_choose(ours):
    service("42218", needs=["cyber"])
    count()
    every = {"need": "cyber", "audience": "jeunes", "within": "45", "order": "nom"}
    page = ours.get(PAGE, every)
    told = dict(page.context["filters"].told)
    assert told == every | {"region": ""}
    names = [line.name for line, *_words in page.context["rows"]]
    assert names == sorted(names)
    region = ours.get(PAGE, every | {"region": "84"})
    assert {line.code for line, *_words in region.context["rows"]} == {"42", "43", "69"}
    assert region.context["regions"] == []
    assert {line.name for line, *_words in page.context["regions"]} >= {"Auvergne-Rhône-Alpes", "Bretagne", "Mayotte"}
    share = ours.get(PAGE, every | {"order": "part"})
    shares = [line.share for line, *_words in share.context["rows"]]
    assert shares == sorted(shares, reverse=True)
    assert ours.get(PAGE, {"need": "rien", "within": "7", "region": "x", "order": "?"}).status_code == 200


def test_the_list_is_taken_as_a_file(ours):
    service("42218")
    count()
    answer = ours.get(PAGE, {"format": "csv", "within": "30"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 6
    loire = next(row for row in rows if row["Code"] == "42")
    assert int(loire["Habitants à plus de 30 minutes"]) == line("42").beyond[1]
    assert next(row for row in rows if row["Code"] == "43")["Minutes médianes"] == ""


def test_progress_shows_and_asks_again_by_itself(ours):
    run = actions.begin_coverage_count()
    actions.count_departements(run=run, departements=rules.departements()[:2])
    shown = text(ours.get(PAGE))
    assert "2 départements sur 6" in shown
    assert "Compter maintenant" not in shown
    piece = text(ours.get(PAGE, headers={"HX-Request": "true"}))
    assert "hx-get" in piece
    assert "<h1" not in piece
    jobs.count_coverage.func(run=run.pk)
    piece = text(ours.get(PAGE, headers={"HX-Request": "true"}))
    assert "terminé" in piece
    assert "hx-get" not in piece


def test_it_is_asked_for_at_once_by_the_national_level_alone(ours, sign_in):
    assert ours.post(COUNT).status_code == 302
    assert CoverageRun.objects.get().going
    assert AuditRow.objects.filter(action__endswith="ask_coverage_count").count() == 1
    assert "en cours" in text(ours.post(COUNT, follow=True))
    others = sign_in(coordinator_of(CouncilFactory()))
    assert others.get(PAGE).status_code == 403
    assert others.post(COUNT).status_code == 403


def test_the_disabled_button_says_why(ours):
    count()
    assert "elle l’est une fois par jour au plus" in text(ours.get(PAGE))
    assert "elle l’est une fois par jour au plus" in text(ours.post(COUNT, follow=True))


def test_the_page_costs_the_same_for_one_departement_and_for_six(ours):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert ours.get(PAGE).status_code == 200
        return len(seen)

    service("42218")
    run = actions.begin_coverage_count()
    actions.count_departements(run=run, departements=rules.departements()[:1])
    one = queries()
    jobs.count_coverage.func(run=run.pk)
    assert queries() == one <= 12


def test_the_coverage_page_leads_to_france_those_who_may_read_it(ours, sign_in):
    assert PAGE in text(ours.get(reverse("coverage:coverage")))
    assert PAGE not in text(sign_in(coordinator_of(CouncilFactory())).get(reverse("coverage:coverage")))
