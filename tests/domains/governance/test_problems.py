"""A police group keeps problems of places, never of persons, and hands one to a thematic group without a word of it."""

import datetime as dt

import psycopg
import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions import problems as actions
from prevenance.domains.governance.actions.problems import Told
from prevenance.domains.governance.models import Body, HandOver, Problem
from prevenance.domains.governance.rules import problems as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import (
    CouncilFactory,
    MembershipFactory,
    OrganisationFactory,
    actor,
    coordinator_of,
    scope_of,
    territory,
)

pytestmark = pytest.mark.django_db

TOLD = Told(theme="gathering", place="Place des Tilleuls", description="Bruit après 22 h", response="Passages le soir")


@pytest.fixture
def police():
    return CouncilFactory(kind="GPO", name="Groupe du centre")


@pytest.fixture
def lead(police):
    return coordinator_of(police)


@pytest.fixture
def group():
    return Body.objects.create(council=CouncilFactory(), kind="group", name="Jeunes")


def test_problems_are_numbered_in_the_year(police, lead):
    first, second = (actions.add_problem(council=police, told=TOLD, by=lead) for _turn in range(2))
    assert [first.rank, second.rank] == [1, 2]
    assert second.number == f"{dt.date.today().year}-002"


@pytest.mark.parametrize("field", ["place", "description", "response"])
@pytest.mark.parametrize("text", ["chez K. Z.", "Kévin B. y est", "avec M. Exemple"])
def test_a_name_is_refused_in_every_field(police, lead, field, text):
    told = Told(**{**vars(TOLD), field: text})
    with pytest.raises(Refused, match="semble désigner une personne"):
        actions.add_problem(council=police, told=told, by=lead)
    kept = actions.add_problem(council=police, told=TOLD, by=lead)
    with pytest.raises(Refused, match="semble désigner une personne"):
        actions.edit_problem(problem=kept, told=told, seen=1, by=lead)


def test_another_council_keeps_none_not_even_by_sql(lead):
    other = CouncilFactory(territory=territory("commune", "42187"))
    with pytest.raises(Refused, match="groupe de partenariat opérationnel"):
        actions.add_problem(council=other, told=TOLD, by=coordinator_of(other))
    with pytest.raises(ProgrammingError) as refused, transaction.atomic():
        Problem.objects.create(council=other, year=2026, rank=1, theme="noise", place="X", description="Y")
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_its_members_see_them_and_those_above_do_not(police, lead):
    actions.add_problem(council=police, told=TOLD, by=lead)
    assert Problem.objects.visible_to(actor("group_member", police.scope)).count() == 1
    for role, where in (("prosecutor_office", territory("departement", "42")), ("national_secretariat", None)):
        scope = scope_of(where or territory("nation", "FR"))
        assert Problem.objects.visible_to(actor(role, scope)).count() == 0
    assert Problem.objects.visible_to(coordinator_of(CouncilFactory(kind="CDDF"))).count() == 0


def test_an_older_form_does_not_overwrite_and_a_closed_problem_reopens(police, lead):
    problem = actions.add_problem(council=police, told=TOLD, by=lead)
    actions.edit_problem(problem=problem, told=TOLD, seen=1, by=lead)
    with pytest.raises(Stale):
        actions.edit_problem(problem=problem, told=TOLD, seen=1, by=lead)
    solved = actions.move_problem(problem=problem, state="solved", by=lead)
    assert solved.closed_on is not None
    with pytest.raises(Stale):
        actions.move_problem(problem=problem, state="solved", by=lead)  # a second click
    assert "rouvrez-le" in reason(rules.check_can_change_problem, solved, lead)
    assert actions.move_problem(problem=problem, state="open", by=lead).closed_on is None


def test_it_is_handed_once_to_an_open_group_of_the_town(police, lead, group):
    problem = actions.add_problem(council=police, told=TOLD, by=lead)
    far = Body.objects.create(
        council=CouncilFactory(territory=territory("commune", "42187")), kind="group", name="Ailleurs"
    )
    assert rules.groups_around(police) == [group]
    with pytest.raises(Refused, match="Choisissez un groupe"):
        actions.hand_over(problem=problem, body=far, by=lead)
    actions.hand_over(problem=problem, body=group, by=lead)
    with pytest.raises(Stale):
        actions.hand_over(problem=problem, body=group, by=lead)
    assert HandOver.objects.count() == 1


def test_an_intercommunal_group_may_be_told_too(police):
    cispd = CouncilFactory(kind="CISPD", territory=territory("epci", "244200770"))
    theirs = Body.objects.create(council=cispd, kind="group", name="Transports")
    assert rules.groups_around(police) == [theirs]


def test_the_screens_keep_what_was_typed_and_hide_the_list_from_strangers(police, lead, group, sign_in):
    partner = OrganisationFactory(name="Bailleur d’ici")
    MembershipFactory(body=police.bodies.get(), organisation=partner)
    client = sign_in(lead)
    add = reverse("governance:problem_add", args=[police.pk])
    values = {"theme": "noise", "place": "Parking d’ici", "description": "K. Z. y est", "partners": [str(partner.pk)]}
    refused = client.post(add, values)
    assert refused.status_code == 422
    assert "Parking d’ici" in refused.content.decode()
    assert client.post(add, values | {"description": "Bruit"}).status_code == 302
    problem = Problem.objects.get()
    assert [one.name for one in problem.partners.all()] == ["Bailleur d’ici"]
    listed = reverse("governance:problems", args=[police.pk])
    assert "Parking d’ici" in client.get(listed).content.decode()
    assert client.get(listed + "?format=ods").status_code == 200
    url = reverse("governance:problem_hand_over", args=[police.pk, problem.pk])
    for _click in range(2):
        assert client.post(url, {"body": group.pk}).status_code == 302
    assert HandOver.objects.count() == 1
    told = sign_in(coordinator_of(group.council))
    page = told.get(reverse("governance:body", args=[group.council_id, group.pk])).content.decode()
    assert "Une situation signalée par un groupe de partenariat opérationnel" in page
    assert "Parking" not in page
    assert "Bruit" not in page
    above = sign_in(actor("national_secretariat", scope_of(territory("nation", "FR"))))
    assert above.get(reverse("governance:body", args=[group.council_id, group.pk])).status_code == 404  # out of reach
    stranger = sign_in(coordinator_of(group.council))
    assert stranger.get(reverse("governance:problem", args=[police.pk, problem.pk])).status_code == 404
    assert sign_in(lead).get(reverse("governance:problems", args=[group.council_id])).status_code == 404
