"""The table of who grants what, where, checked by hand role by role."""

import datetime as dt

import pytest

from prevenance.core.refusals import Refused
from prevenance.domains.accounts import actions
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.roles import GRANTS, ROLES
from tests.factories import CouncilFactory, MandateFactory, actor, scope_of, territory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)


def invite(by, scope, role="deputy", email="alix.fictif@exemple.invalid"):
    return actions.invite(
        by=by, email=email, given_name="Alix", family_name="Fictif", role=role, scope=scope, valid_from=TODAY
    )


@pytest.mark.parametrize("role", ["deputy", "group_member"])
def test_a_coordinator_invites_helpers_and_members_to_their_council(coordinator, council, role):
    assert invite(coordinator, council.scope, role=role).role == role


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"deputy", "group_member"}))
def test_a_coordinator_grants_nothing_else(coordinator, council, role):
    with pytest.raises(Refused, match=r"ne permet pas d’accorder le rôle"):
        invite(coordinator, council.scope, role=role)


def test_nor_anywhere_else(coordinator, other_council):
    with pytest.raises(Refused, match="ressort"):
        invite(coordinator, other_council.scope)


def test_nor_in_the_commune_of_the_council(coordinator, council):
    with pytest.raises(Refused, match="ressort"):
        invite(coordinator, scope_of(council.territory), role="deputy")


@pytest.mark.parametrize("role", ["coordinator", "deputy"])
def test_a_mayor_grants_in_the_councils_of_the_commune(mayor, council, role):
    assert invite(mayor, council.scope, role=role).granted_by == mayor.person


def test_not_in_those_of_another_commune(mayor, other_council):
    with pytest.raises(Refused, match="ressort"):
        invite(mayor, other_council.scope, role="coordinator")


def test_nor_in_the_commune_itself(mayor):
    with pytest.raises(Refused, match="ressort"):
        invite(mayor, mayor.mandate.scope, role="coordinator")


def test_a_president_grants_in_the_councils_of_the_epci_only(council):
    epci = territory("epci", "244200770")
    own = CouncilFactory(kind="CISPD", territory=epci)
    president = actor("epci_president", scope_of(epci))
    assert invite(president, own.scope, role="coordinator").pk
    with pytest.raises(Refused, match="ressort"):
        invite(president, council.scope, role="coordinator", email="autre@exemple.invalid")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_an_administrator_opens_any_role_where_it_is_held(administrator, council, role):
    places = {
        "council": council.scope, "commune": scope_of(council.territory),
        "departement": scope_of(territory("departement", "42")), "epci": scope_of(territory("epci", "244200770")),
        "nation": scope_of(territory("nation", "FR")), "platform": administrator.mandate.scope,
    }  # fmt: skip
    held = [place for kind, place in places.items() if kind in ROLES[role].scopes]
    if held:
        assert invite(administrator, held[0], role=role).role == role
    elsewhere = next(place for kind, place in places.items() if kind not in ROLES[role].scopes)
    with pytest.raises(Refused, match="ne s’exerce pas"):
        invite(administrator, elsewhere, role=role, email="autre@exemple.invalid")


@pytest.mark.parametrize("role", sorted(set(ROLES) - set(GRANTS)))
def test_nobody_else_grants_anything(council, role):
    kind = sorted(ROLES[role].scopes)[0]
    scope = council.scope if kind in ("council", "body") else scope_of(territory("departement", "42"))
    with pytest.raises(Refused, match="ne permet pas d’accorder"):
        invite(actor(role, scope), council.scope, role="deputy")


@pytest.mark.parametrize("case", [str.lower, str.upper, lambda text: f"  {text} "])
def test_nobody_grants_to_themselves(administrator, case, council):
    with pytest.raises(Refused, match="soi-même"):
        invite(administrator, council.scope, role="coordinator", email=case(administrator.person.email))


def test_a_mandate_that_ended_yesterday_grants_nothing(council, client, sign_in):
    past = MandateFactory(scope=council.scope, valid_to=dt.date(2025, 1, 1))
    with pytest.raises(Refused):
        invite(actor_of(past.person, past.pk), council.scope)
