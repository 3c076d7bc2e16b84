"""Screens of restorative justice: to others nothing exists; a withdrawal; yearly counts, protected."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.core.row_security import STATISTICS, act_as, as_role
from prevenance.domains.accounts.models import Scope
from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import restorative as actions
from prevenance.domains.directory.models import Consent, Participant, Programme, StageHeld, Withdrawal, YearlyCount
from prevenance.domains.directory.models.restorative import restorative_terms
from prevenance.domains.directory.rules import restorative as rules
from prevenance.domains.directory.statistics import lines, years
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.rules import small_counts
from prevenance.domains.strategy.rules.small_counts import threshold
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.restorative import Runner

pytestmark = pytest.mark.django_db

WALLED = (Programme, Participant, Consent, StageHeld, Withdrawal)
LIST = reverse("directory:programmes")


@pytest.fixture
def runner():
    return Runner()


def page(name, *arguments):
    return reverse(f"directory:{name}", args=arguments)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def counts():
    """What the database gives of each table, with no condition of ours."""
    return [model._base_manager.count() for model in WALLED]


def test_to_anybody_else_it_does_not_exist(runner, sign_in):
    programme = runner.programme()
    names = ("programme", "programme_extend", "consent_add", "stage_add", "day_correct", "withdrawal")
    loire = scope_of(territory("departement", "42"))
    other = Runner().worker
    for who in (other, actor("prefect_office", loire), coordinator_of(CouncilFactory())):
        client = sign_in(who)
        for name in names:
            assert client.get(page(name, programme.pk)).status_code == 404, (who.role, name)
        for name in (*names[1:], "participant_add"):
            assert client.post(page(name, programme.pk), {"code": "AAA-AAA"}).status_code == 404, (who.role, name)
        listed = client.get(LIST)
        assert listed.status_code == (200 if who is other else 404)
        if who is other:
            assert "Médiation restaurative" not in text(listed)
            assert client.get(LIST + "?format=csv").content.decode("utf-8-sig").count("\n") == 1
    for name in names:
        assert Client().get(page(name, programme.pk)).status_code == 302


def test_one_withdraws_by_the_screen_and_a_second_click_or_a_stale_tab_says_it(runner, sign_in):
    programme = runner.programme()
    person = runner.far_along(programme)
    client = sign_in(runner.worker)
    assert person.code in text(client.get(page("programme", programme.pk)))
    asked = client.get(page("withdrawal", programme.pk))
    assert "quelqu’un s’est retiré ce mois-ci" in text(asked)
    sent = {"code": person.code}
    assert client.post(page("withdrawal", programme.pk), sent).status_code == 302
    shown = client.get(page("programme", programme.pk))
    assert person.code not in text(shown)
    assert "1 personne s’est retirée" in text(shown)
    again = client.post(page("withdrawal", programme.pk), sent, follow=True)
    assert "Ce code n’est plus dans le programme" in text(again)
    late = {"stage": "follow_up", "given_on": timezone.localdate().isoformat(), "form": "signed"}
    stale = client.post(page("consent_add", programme.pk), sent | late)
    assert stale.status_code == 422
    assert "Ce code n’est plus dans le programme" in text(stale)
    assert 'value="follow_up" selected' in text(stale)
    runner.acting()
    assert counts() == [1, 0, 0, 0, 1]


def test_each_reading_of_codes_is_recorded(runner, sign_in):
    programme = runner.programme()
    runner.person(programme)
    client = sign_in(runner.worker)
    read = AuditRow.objects.filter(action="directory.record_programme_reading")
    for turn, name in enumerate(("programme", "consent_add", "stage_add", "day_correct", "withdrawal"), 1):
        client.get(page(name, programme.pk))
        assert read.count() == turn
    assert {row.subject for row in read} == {f"directory.programme:{programme.pk}"}


def test_a_second_click_inscribes_nobody_else(runner, sign_in):
    programme = runner.programme()
    client = sign_in(runner.worker)
    sent = {"role": "victim", "seen": "1"}
    assert client.post(page("participant_add", programme.pk), sent).status_code == 302
    assert client.post(page("participant_add", programme.pk), sent).status_code == 409
    runner.acting()
    assert Participant.objects.count() == 1


def test_no_address_and_no_message_carries_a_code(runner, sign_in):
    programme = runner.programme()
    client = sign_in(runner.worker)
    shown = client.post(page("participant_add", programme.pk), {"role": "victim", "seen": "1"}, follow=True)
    runner.acting()
    code = Participant.objects.get().code
    assert [address for address, _status in shown.redirect_chain] == [page("programme", programme.pk)]
    assert text(shown).count(code) == 1  # in the table, and not in what is said above it
    assert shown["Cache-Control"] == "no-store"


def test_pages_take_as_many_queries_whatever_they_hold(runner, sign_in):
    programme = runner.programme()
    runner.far_along(programme)
    client = sign_in(runner.worker)
    client.get(LIST)

    def count(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    before = [count(LIST), count(page("programme", programme.pk))]
    runner.acting()
    for _turn in range(19):
        runner.far_along(programme)
        runner.programme(days=40 + _turn + 1)
    assert [count(LIST), count(page("programme", programme.pk))] == before
    assert max(before) - 2 <= 12  # but the request's own savepoint, which a test opens and closes


# ------------------------------------------------------------------------------------------- yearly counts


def many(code, town, people, organisations=3, on=None, **dates):
    """Programmes of a département with so many people informed in all, on a day of last year or `on`; other `dates`."""
    on = on or dt.date(timezone.localdate().year - 1, 5, 4)
    for turn in range(organisations):
        runner = Runner(code, town)
        programme = runner.programme()
        Programme.objects.filter(pk=programme.pk).update(starts_on=dt.date(on.year, 1, 1))
        for _person in range(people // organisations + (turn < people % organisations)):
            person = runner.person(programme)
            Consent.objects.create(participant=person, stage="information", given_on=on, form="signed")
            StageHeld.objects.create(participant=person, stage="information", held_on=on)

        if dates:
            Programme.objects.filter(pk=programme.pk).update(**dates)


def figures(year):
    """What is shown of a year, once counted."""
    act_as(None)
    actions.count_year(year=year)
    return lines(YearlyCount.objects.filter(year=year).select_related("departement"))


def test_small_counts_are_hidden_and_what_would_give_them_away(sign_in):
    year = timezone.localdate().year - 1
    many("42", "42218", 12)
    many("69", "69123", 4)
    many("38", "38185", 13)
    lines = {line.name: line.counts for line in figures(year)}
    assert lines["Rhône"] == (None, 0, 0, 0)
    assert [lines["Loire"][0], lines["Isère"][0]].count(None) == 1, "the smallest other goes with it"
    assert lines[""][0] == 29
    client = sign_in(actor("evaluator", scope_of(territory("departement", "42"))))
    shown = client.get(page("restorative_figures") + f"?year={year}")
    assert "29" in text(shown)
    rows = client.get(page("restorative_figures") + f"?year={year}&format=csv").content.decode("utf-8-sig")
    assert '"4"' not in rows
    assert '"29"' in rows
    assert "moins que le seuil" in rows


def test_a_single_organisation_is_not_shown_and_the_year_that_runs_neither():
    many("42", "42218", 12, organisations=1)
    today = timezone.localdate()
    assert figures(today.year - 1)[0].counts[0] is None
    assert today.year not in years(today)


def test_a_sum_that_few_organisations_made_tells_none_of_them_of_the_other():
    """Each knows its own people: of two, the sum would give it those of the other."""
    many("42", "42218", 12, organisations=1)
    many("69", "69123", 2, organisations=1)
    assert [line.counts[0] for line in figures(timezone.localdate().year - 1)] == [None, None, None]


def test_a_stage_that_a_single_organisation_held_is_not_shown_beside_others():
    """Three ran programmes in the département: one alone went as far as preparation."""
    year = timezone.localdate().year - 1
    many("42", "42218", 12)
    last = Runner("42", "42218")
    programme = last.programme()
    Programme.objects.filter(pk=programme.pk).update(starts_on=dt.date(year, 1, 1))
    for _person in range(12):
        person = last.person(programme)
        for stage, day in (("information", 4), ("preparation", 5)):
            on = dt.date(year, 5, day)
            Consent.objects.create(participant=person, stage=stage, given_on=on, form="signed")
            StageHeld.objects.create(participant=person, stage=stage, held_on=on)
    assert figures(year)[0].counts == (24, None, 0, 0)


def test_what_is_erased_once_a_year_is_counted_does_not_show_by_difference():
    """A withdrawal, a programme that is over: the figures of a year are those that were read before."""
    year = timezone.localdate().year - 1
    many("42", "42218", 12)
    runner = Runner("42", "42218")
    programme = runner.programme()
    Programme.objects.filter(pk=programme.pk).update(starts_on=dt.date(year, 1, 1))
    person = runner.person(programme)
    on = dt.date(year, 5, 4)
    Consent.objects.create(participant=person, stage="information", given_on=on, form="signed")
    StageHeld.objects.create(participant=person, stage="information", held_on=on)
    before = figures(year)
    assert before[0].counts[0] == 13
    runner.acting()
    actions.withdraw(participant=person, by=runner.worker)
    act_as(None)
    assert lines(YearlyCount.objects.filter(year=year)) == before
    with pytest.raises(Stale, match="déjà comptée"):
        actions.count_year(year=year)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        YearlyCount.objects.filter(year=year).update(people=0)


def test_a_year_is_counted_by_the_clock_some_days_after_its_end(monkeypatch):
    year = timezone.localdate().year
    for day, counted in ((dt.date(year + 1, 1, 14), False), (dt.date(year + 1, 1, 15), True)):
        monkeypatch.setattr(jobs.timezone, "localdate", lambda day=day: day)
        jobs.count_restorative_year(0)
        assert YearlyCount.objects.filter(year=year).exists() is counted
    jobs.count_restorative_year(0)
    assert YearlyCount.objects.count() == 4
    assert lines(YearlyCount.objects.all()) == [], "a year in which nobody took part is counted, and shows nothing"


def night(monkeypatch, day, *, counts=True):
    """What the clock does of it in a night, in its order."""
    monkeypatch.setattr(jobs.timezone, "localdate", lambda: day)
    act_as(None)
    if counts:
        jobs.count_restorative_year(0)
    jobs.purge_programmes(0)


@pytest.fixture
def walked(monkeypatch):
    """Programmes that ended on 7 January, to be erased a year after to the day, as they were before the count was
    waited for; the year in which they are erased. It is over, or the database would not let the clock see them: what
    applies today applied then."""
    year = timezone.localdate().year - 1
    terms, least = restorative_terms(timezone.localdate()), threshold()
    monkeypatch.setattr(small_counts, "_entries", lambda: [(dt.date(2000, 1, 1), least)])
    monkeypatch.setattr(rules, "restorative_terms", lambda _on: terms)
    many("42", "42218", 12, on=dt.date(year - 1, 1, 5), ends_on=dt.date(year - 1, 1, 7), purge_on=dt.date(year, 1, 7))
    return year


def _left():
    """How many programmes there are, as statistics see them: the wall shows nobody's to nobody."""
    with as_role(STATISTICS), connection.cursor() as cursor:
        cursor.execute("SELECT count(id) FROM directory_programme")
        return cursor.fetchone()[0]


def test_a_year_is_counted_before_what_ended_in_its_first_days_is_erased(walked, monkeypatch):
    """Night after night, from the last days of a year until its count has passed."""
    day = dt.date(walked - 1, 12, 28)
    while day <= dt.date(walked, 1, 20):
        night(monkeypatch, day)
        counted = YearlyCount.objects.filter(year=walked - 1).exists()
        assert counted is (day >= dt.date(walked, 1, 15)), day
        assert _left() == (0 if counted else 3), day
        day += dt.timedelta(days=1)
    shown = lines(YearlyCount.objects.filter(year=walked - 1).select_related("departement"))
    assert {line.name: line.counts[0] for line in shown}["Loire"] == 12


def test_a_count_that_fails_does_not_keep_people_for_ever(walked, monkeypatch):
    for day, left in ((dt.date(walked, 1, 15), 3), (dt.date(walked, 1, 29), 3), (dt.date(walked, 1, 30), 0)):
        night(monkeypatch, day, counts=False)
        assert _left() == left, day


def test_what_was_due_before_the_year_ended_does_not_wait(monkeypatch):
    year = timezone.localdate().year - 1
    terms = restorative_terms(timezone.localdate())
    monkeypatch.setattr(rules, "restorative_terms", lambda _on: terms)
    many(
        "42",
        "42218",
        3,
        on=dt.date(year - 2, 12, 5),
        ends_on=dt.date(year - 2, 12, 31),
        purge_on=dt.date(year - 1, 12, 31),
    )
    night(monkeypatch, dt.date(year, 1, 2))
    assert _left() == 0


@pytest.mark.parametrize(
    "ends_on, purge_on",
    [
        (dt.date(2027, 1, 1), dt.date(2028, 1, 15)), (dt.date(2027, 1, 14), dt.date(2028, 1, 15)),
        (dt.date(2027, 1, 15), dt.date(2028, 1, 15)), (dt.date(2027, 1, 16), dt.date(2028, 1, 16)),
        (dt.date(2026, 12, 31), dt.date(2027, 12, 31)),
    ],
)  # fmt: skip
def test_the_day_that_is_shown_is_the_one_on_which_it_goes(ends_on, purge_on):
    assert rules.purged_on(ends_on, dt.date(2026, 11, 28)) == purge_on


def test_counts_are_for_who_reads_indicators(sign_in):
    refused_to = sign_in(actor("administrator", platform()))
    assert refused_to.get(page("restorative_figures")).status_code == 403


def platform():
    return Scope.objects.get_or_create(kind="platform", defaults={"label": "Plateforme"})[0]


# ------------------------------------------------------------------------------------------- a date put right


def test_a_mistyped_date_is_put_right_by_the_screen(runner, sign_in):
    programme = runner.programme()
    person = runner.far_along(programme)
    client = sign_in(runner.worker)
    assert "Corriger une date" in text(client.get(page("programme", programme.pk)))
    form = client.get(page("day_correct", programme.pk))
    (_nothing, _words), (key, words) = form.context["form"].fields["noted"].choices
    assert f"{person.code}, rencontre" in words.replace("\u00a0", " ")
    right = timezone.localdate() - dt.timedelta(days=12)
    too_early = timezone.localdate() - dt.timedelta(days=25)
    for on, sentence in ((too_early, "doit avoir suivi"), (timezone.localdate() + dt.timedelta(days=1), "ou à venir")):
        refused = client.post(page("day_correct", programme.pk), {"noted": key, "on": on.isoformat()})
        assert refused.status_code == 422
        assert sentence in text(refused)
        assert f'value="{key}" selected' in text(refused)
        assert f'value="{on.isoformat()}"' in text(refused)
    sent = {"noted": key, "on": right.isoformat()}
    shown = client.post(page("day_correct", programme.pk), sent, follow=True)
    assert "La date est corrigée" in text(shown)
    assert [address for address, _status in shown.redirect_chain] == [page("programme", programme.pk)]
    again = client.post(page("day_correct", programme.pk), sent)
    assert again.status_code == 422
    assert "relisez le programme" in text(again)
    runner.acting()
    assert Consent.objects.get(participant=person, stage="meeting").given_on == right
