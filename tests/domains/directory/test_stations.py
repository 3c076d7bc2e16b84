"""Social workers in stations: what is asked of a département and of the State, who keeps the register, its screens."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import stations as actions
from prevenance.domains.directory.analysis import stations as analysis
from prevenance.domains.directory.models import StationAgreement, StationFunding, StationPost
from prevenance.domains.directory.rules import stations as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import ServiceFactory, StationAgreementFactory, StationPostFactory

pytestmark = pytest.mark.django_db

LIST, NATION, ADD = (reverse(f"directory:{name}") for name in ("stations", "stations_nation", "station_add"))
TODAY = dt.date(2026, 12, 1)
TYPED = {
    "station": "Commissariat inventé", "commune": "Roanne (commune 42187)", "force": "police",
    "employer_kind": "association", "employer": "Association inventée", "weekly_hours": "35",
    "opened_on": "2024-03-01", "vacant_since": "", "service": "", "seen": "1",
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
        "commune": territory("commune", "42187"), "station": "Brigade inventée", "force": "gendarmerie",
        "employer_kind": "departement", "employer": "Département", "opened_on": dt.date(2024, 3, 1),
    }  # fmt: skip
    return actions.Told(**given | values)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


# ---------------------------------------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    "filled, vacant, complete_on, state",
    [
        (2, 0, None, "met"), (3, 1, None, "met"),
        (1, 1, None, "cannot_tell"),  # a post that is not inscribed may exist
        (1, 1, dt.date(2026, 6, 1), "not_met"), (0, 0, dt.date(2026, 6, 1), "not_met"),
        (1, 0, dt.date(2025, 6, 1), "cannot_tell"),  # said complete too long ago
    ],
)  # fmt: skip
def test_two_a_departement_is_met_not_met_or_cannot_be_told(filled, vacant, complete_on, state):
    answer = rules.enough("42", filled, vacant, complete_on, TODAY)
    assert answer.state == state
    assert "illég" not in answer.why
    assert "loi" not in answer.why


def test_before_the_strategy_and_of_what_is_no_departement_nothing_is_asked():
    assert rules.enough("42", 0, 0, dt.date(2019, 1, 1), dt.date(2019, 1, 1)).state == "not_asked"
    assert rules.enough("988", 0, 0, TODAY, TODAY).state == "not_asked"
    assert rules.enough("976", 0, 0, TODAY, TODAY).state == "not_met"


def agreement(starts, ends):
    return StationAgreement(signed_on=starts, starts_on=starts, ends_on=ends)


FIRST = agreement(dt.date(2020, 9, 1), dt.date(2023, 8, 31))
SECOND = agreement(dt.date(2023, 9, 1), dt.date(2026, 8, 31))


@pytest.mark.parametrize(
    "year, total, state, agreements, answer",
    [
        (2022, 40_000, 0, [FIRST], "not_asked"),
        (2023, 40_000, 0, [FIRST, SECOND], "not_asked"),  # the year in which the first one ends
        (2024, 40_000, 4_000, [SECOND, FIRST], "met"),  # the first one is the earliest, in whatever order
        (2024, 40_000, 3_999, [FIRST, SECOND], "not_met"),
        (2024, 40_000, 0, [FIRST, SECOND], "not_met"),
        (2024, None, 4_000, [FIRST], "cannot_tell"), (2024, 40_000, None, [FIRST], "cannot_tell"),
        (2024, 40_000, 4_000, [], "cannot_tell"),
    ],
)  # fmt: skip
def test_the_state_pays_its_share_once_the_first_agreement_has_ended(year, total, state, agreements, answer):
    amounts = [None if one is None else Decimal(one) for one in (total, state)]
    funding = StationFunding(year=year, total=amounts[0], state=amounts[1])
    assert rules.state_pays(funding, year, agreements).state == answer


def test_a_year_that_nobody_spoke_of_cannot_be_told():
    assert rules.state_pays(None, 2024, [FIRST]).state == "cannot_tell"


def test_an_agreement_lasts_three_years_to_a_month():
    assert rules.lasts_as_asked(FIRST) is True
    assert rules.lasts_as_asked(agreement(dt.date(2020, 9, 1), dt.date(2021, 8, 31))) is False
    assert rules.lasts_as_asked(agreement(dt.date(2010, 9, 1), dt.date(2013, 8, 31))) is None


# ---------------------------------------------------------------------------------------------- who keeps it


def test_the_prefecture_keeps_its_own_departement_and_no_other(office):
    post = actions.add_post(told=told(), by=office)
    assert post.departement == territory("departement", "42")
    with pytest.raises(Refused, match="n’est pas votre département"):
        actions.add_post(told=told(commune=territory("commune", "69123")), by=office)
    with pytest.raises(Refused, match="préfecture"):
        actions.add_post(told=told(), by=coordinator_of(CouncilFactory()))
    assert AuditRow.objects.filter(action__endswith="add_post").count() == 1


def test_no_person_is_named(office):
    with pytest.raises(Refused, match="désigner une personne"):
        actions.add_post(told=told(employer="Mme Dupont"), by=office)


def test_an_older_state_is_not_written_over(office):
    post = actions.add_post(told=told(), by=office)
    actions.edit_post(post=post, told=told(weekly_hours=Decimal(20)), seen=1, by=office)
    with pytest.raises(Stale):
        actions.edit_post(post=post, told=told(), seen=1, by=office)


def test_a_post_that_is_closed_changes_no_more(office):
    post = actions.close_post(post=StationPostFactory(), on=dt.date(2026, 1, 5), by=office)
    assert post.state == "closed"
    with pytest.raises(Refused, match="fermé"):
        actions.set_funding(post=post, year=2025, total=Decimal(1), state=None, by=office)
    with pytest.raises(Stale):
        actions.close_post(post=post, on=dt.date(2026, 1, 6), by=office)


def test_two_agreements_do_not_run_at_once(office):
    post = StationAgreementFactory().post
    with pytest.raises(Refused, match="court déjà"):
        actions.add_agreement(
            post=post, signed_on=TODAY, starts_on=dt.date(2023, 8, 31), ends_on=dt.date(2026, 8, 31), by=office
        )
    actions.add_agreement(
        post=post, signed_on=TODAY, starts_on=dt.date(2023, 9, 1), ends_on=dt.date(2026, 8, 31), by=office
    )
    assert rules.current_agreement(post.agreements.all(), dt.date(2025, 1, 1)).starts_on == dt.date(2023, 9, 1)


def test_what_is_said_of_a_year_replaces_what_was(office):
    post = StationPostFactory()
    actions.set_funding(post=post, year=2025, total=Decimal(40_000), state=None, by=office)
    actions.set_funding(post=post, year=2025, total=Decimal(42_000), state=Decimal(0), by=office)
    assert [(one.total, one.state) for one in post.fundings.all()] == [(42_000, 0)]
    with pytest.raises(Refused, match="dépasse"):
        actions.set_funding(post=post, year=2025, total=Decimal(1), state=Decimal(2), by=office)


@pytest.mark.parametrize(
    "role, kind, code, seen",
    [
        ("prefect_office", "departement", "42", 1),
        ("prefect_office", "departement", "69", 0),
        ("national_secretariat", "nation", "FR", 1),
        ("mayor", "commune", "42218", 1),
        ("mayor", "commune", "69123", 0),
        ("victim_support", "departement", "42", 0),
        ("mediator", "commune", "42218", 0),
    ],
)
def test_a_departement_is_read_by_those_who_act_in_it(role, kind, code, seen):
    StationPostFactory()
    by = actor(role, scope_of(territory(kind, code)))
    assert StationPost.objects.visible_to(by).count() == seen


# ---------------------------------------------------------------------------------------------- screens


def test_the_second_post_meets_what_is_asked(ours, office):
    StationPostFactory()
    assert "Impossible à dire" in text(ours.get(LIST))
    ours.post(reverse("directory:stations_confirm"), {"departement": "42"})
    assert "Pas atteint" in text(ours.get(LIST))
    answer = ours.post(ADD, TYPED, follow=True)
    assert "Le poste est inscrit" in text(answer)
    page = text(ours.get(LIST))
    assert "Satisfait" in page
    assert "2 postes pourvus, pour au moins 2 demandés" in page


def test_a_refusal_keeps_what_was_typed(ours):
    answer = ours.post(ADD, TYPED | {"commune": "Lyon (commune 69123)"})
    assert answer.status_code == 422
    assert "n’est pas votre département" in text(answer)
    assert 'value="Commissariat inventé"' in text(answer)
    stale = StationPostFactory(edit=3)
    answer = ours.post(reverse("directory:station_edit", args=[stale.pk]), TYPED)
    assert answer.status_code == 409
    assert 'value="Commissariat inventé"' in text(answer)
    assert 'name="seen" value="3"' in text(answer)


def test_filters_narrow_and_the_file_holds_what_is_shown(ours):
    StationPostFactory(station="Commissariat de l’Essai")
    StationPostFactory(station="Brigade vide", force="gendarmerie", vacant_since=dt.date(2026, 1, 5))
    StationPostFactory(station="Poste fini", closed_on=dt.date(2026, 1, 5))
    StationAgreementFactory(post=StationPostFactory(station="Poste à renouveler", force="both"))
    StationPostFactory(station="Ailleurs", commune=territory("commune", "69123"))

    def found(**filters):
        return {line.post.station for line in ours.get(LIST, filters).context["page"]}

    assert found() == {"Commissariat de l’Essai", "Brigade vide", "Poste à renouveler"}
    assert found(state="vacant") == {"Brigade vide"}
    assert found(state="filled", q="essai") == {"Commissariat de l’Essai"}
    assert found(force="gendarmerie") == {"Brigade vide", "Poste à renouveler"}
    assert found(state="ending") == {"Poste à renouveler"}
    assert found(state="closed") == {"Poste fini"}
    assert found(departement="69") == found()  # not ours: the address is left out
    file = ours.get(LIST, {"state": "vacant", "format": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file), delimiter=";"))
    assert [row[1] for row in rows[1:]] == ["Brigade vide"]


def test_the_nation_reads_every_departement_in_few_queries(sign_in):
    client = sign_in(actor("national_secretariat", scope_of(territory("nation", "FR"))))
    client.get(LIST)
    StationPostFactory()
    StationPostFactory()
    with CaptureQueriesContext(connection) as one:
        page = client.get(NATION)
    loire = next(row for row in page.context["rows"] if row.place.code == "42")
    assert (loire.filled, loire.answer.state) == (2, "met")
    assert page.context["asked"] == 101
    for code in ("69123", "75056", "13055", "97411"):
        where = territory("commune", code)
        StationAgreementFactory(
            post=StationPostFactory(
                commune=where, departement=territory("departement", code[:3] if code.startswith("97") else code[:2])
            )
        )
    with CaptureQueriesContext(connection) as more:
        client.get(NATION)
    assert len(more) == len(one) <= 12
    assert client.get(NATION, {"format": "xlsx"}).status_code == 200
    assert client.get(LIST, {"departement": "69"}).context["place"].code == "69"


def test_a_list_costs_the_same_for_one_post_and_for_twenty(ours):
    StationAgreementFactory()

    def count(address):
        with CaptureQueriesContext(connection) as seen:
            assert ours.get(address).status_code == 200
        return len(seen)

    one = count(LIST)
    for _turn in range(19):
        StationAgreementFactory()
    assert count(LIST) == one <= 12
    post = StationPost.objects.first()
    assert count(reverse("directory:station", args=[post.pk])) <= 12


def test_an_agreement_is_removed_once_asked(ours):
    found = StationAgreementFactory()
    address = reverse("directory:station_agreement_remove", args=[found.pk])
    assert "erreur de saisie" in text(ours.get(address))
    ours.post(address)
    assert not StationAgreement.objects.exists()


def test_agreements_that_end_soon_are_to_renew(office):
    old = StationAgreementFactory(starts_on=dt.date(2023, 9, 1), ends_on=dt.date(2026, 8, 31))
    followed = StationAgreementFactory(starts_on=dt.date(2023, 9, 1), ends_on=dt.date(2026, 8, 31))
    StationAgreementFactory(post=followed.post, starts_on=dt.date(2026, 9, 1), ends_on=dt.date(2029, 8, 31))
    soon = StationAgreementFactory(starts_on=dt.date(2024, 5, 1), ends_on=dt.date(2027, 4, 30))
    StationAgreementFactory(starts_on=dt.date(2026, 5, 1), ends_on=dt.date(2029, 4, 30))
    assert analysis.to_renew(office, TODAY, rules.ending_before(TODAY)) == [old, soon]


def test_a_day_of_the_prefecture_says_which_agreements_end(ours, sign_in):
    ends = dt.date.today() + dt.timedelta(days=60)
    found = StationAgreementFactory(starts_on=ends - dt.timedelta(days=1095), ends_on=ends)
    StationAgreementFactory(starts_on=ends, ends_on=ends + dt.timedelta(days=1095))
    page = text(ours.get("/ma-journee/"))
    assert "Conventions d’intervenants sociaux à renouveler" in page
    assert page.count(found.post.station) == 1
    assert "à renouveler" not in text(sign_in(coordinator_of(CouncilFactory())).get("/ma-journee/"))


def test_services_offered_reach_a_social_worker_of_ours(ours):
    here = ServiceFactory(kind="iscg", name="Intervenante inventée")
    ServiceFactory(kind="iscg", name="Ailleurs", commune=territory("commune", "69123"))
    ServiceFactory(name="Autre chose")
    form = ours.get(ADD).context["form"]
    assert list(form.fields["service"].queryset) == [here]
