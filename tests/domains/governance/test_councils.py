"""Creating, correcting and ending a council: who may, what it makes, who then sees it."""

import datetime as dt

import pytest

from prevenance.core.refusals import Refused, reason
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.actions.councils import create_council, edit_council, end_council
from prevenance.domains.governance.models import Council, CouncilReach
from prevenance.domains.governance.rules import councils as rules
from prevenance.domains.territories.models import Territory
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db


def mayor_of(code):
    return actor("mayor", scope_of(territory("commune", code)))


def president_of(code):
    return actor("epci_president", scope_of(territory("epci", code)))


def seen_by(council):
    return set(CouncilReach.objects.filter(council=council).values_list("scope__kind", "scope__territory__name"))


def test_a_mayor_creates_the_council_of_the_commune_and_all_above_see_it():
    council = create_council(
        territory=territory("commune", "42218"), kind="CLSPD", name="CLSPD de Saint-Étienne", by=mayor_of("42218")
    )
    assert council.kind == "CLSPD"
    assert [body.kind for body in council.bodies.all()] == ["plenary"]
    assert seen_by(council) == {
        ("council", "Saint-Étienne"),
        ("commune", "Saint-Étienne"),
        ("epci", "Saint-Étienne Métropole"),
        ("departement", "Loire"),
        ("region", "Auvergne-Rhône-Alpes"),
        ("nation", territory("nation", Territory.objects.get(kind="nation").code).name),
    }


def test_a_council_across_two_departements_is_seen_by_both():
    epci = Territory.objects.filter(
        kind="epci", containers__container__kind="departement", containers__partial=True
    ).first()
    names = set(epci.containers.filter(container__kind="departement").values_list("container__name", flat=True))
    assert len(names) == 2
    council = create_council(territory=epci, kind="CISPD", name="CISPD", by=president_of(epci.code))
    assert council.kind == "CISPD"
    seen = seen_by(council)
    assert {name for kind, name in seen if kind == "departement"} == names
    members = set(Territory.objects.inside(epci).filter(kind="commune").values_list("name", flat=True))
    assert members
    assert {name for kind, name in seen if kind == "commune"} == members


def test_the_president_of_an_ept_of_greater_paris_may_create_a_cispd():
    ept = Territory.objects.filter(kind="ept").first()
    scope = scope_of(ept)
    council = create_council(territory=ept, kind="CISPD", name="CISPD", by=actor("epci_president", scope))
    assert ("epci", ept.name) in seen_by(council)


@pytest.mark.parametrize("code", ["69381", "75056", "13055", "97411", "2A004"])
def test_everywhere_in_france_the_departement_and_the_nation_see_the_council(code):
    commune = Territory.objects.filter(kind="commune", code=code).first()
    if commune is None:  # an arrondissement is not a commune of its own
        assert code == "69381"
        return
    kind = "CPSPD" if code == "75056" else "CLSPD"
    kinds = {
        kind for kind, _name in seen_by(create_council(territory=commune, kind=kind, name="CLSPD", by=mayor_of(code)))
    }
    assert {"council", "commune", "departement", "region", "nation"} <= kinds


@pytest.mark.parametrize(
    "role, kind, code, sentence",
    [
        ("mayor", "commune", "42187", "n’est pas le vôtre"),
        ("epci_president", "epci", "244200770", "maire ou élu délégué"),
        ("prefect_office", "departement", "42", "maire ou élu délégué"),
        ("mediator", "commune", "42218", "maire ou élu délégué"),
        ("national_secretariat", "nation", None, "maire ou élu délégué"),
    ],
)
def test_nobody_else_creates_it(role, kind, code, sentence):
    where = territory(kind, code) if code else Territory.objects.get(kind=kind)
    with pytest.raises(Refused, match=sentence):
        create_council(
            territory=territory("commune", "42218"), kind="CLSPD", name="CLSPD", by=actor(role, scope_of(where))
        )
    assert not Council.objects.exists()


def test_an_administrator_creates_none():
    platform = Scope.objects.create(kind="platform", label="Plateforme")
    with pytest.raises(Refused):
        create_council(
            territory=territory("commune", "42218"), kind="CLSPD", name="CLSPD", by=actor("administrator", platform)
        )


def test_a_second_live_council_is_refused_by_the_rule_and_by_the_database():
    mayor = mayor_of("42218")
    place = territory("commune", "42218")
    first = create_council(territory=place, kind="CLSPD", name="CLSPD", by=mayor)
    assert "déjà un CLSPD" in reason(rules.check_can_create_council, place, mayor, "CLSPD")
    with pytest.raises(Refused, match="déjà un CLSPD"):
        create_council(territory=place, kind="CLSPD", name="CLSPD bis", by=mayor)
    end_council(council=first, on=dt.date(2026, 6, 30), by=mayor)
    assert create_council(territory=place, kind="CLSPD", name="CLSPD nouveau", by=mayor).pk != first.pk


def test_a_council_created_meanwhile_gives_the_same_sentence(monkeypatch):
    mayor, place = mayor_of("42218"), territory("commune", "42218")
    CouncilFactory(territory=place)
    monkeypatch.setattr(rules, "check_can_create_council", lambda *args: None)  # both had checked before either wrote
    with pytest.raises(Refused, match="déjà un CLSPD"):
        create_council(territory=place, kind="CLSPD", name="CLSPD", by=mayor)


def test_a_departement_has_no_such_council():
    with pytest.raises(Refused, match="ne se crée pas dans ce type de territoire"):
        create_council(territory=territory("departement", "42"), kind="CLSPD", name="X", by=mayor_of("42218"))


def test_a_cispd_is_not_made_in_a_commune():
    with pytest.raises(Refused, match="CISPD est créé par"):
        create_council(territory=territory("commune", "42218"), name="X", kind="CISPD", by=mayor_of("42218"))


def test_coordination_and_presidency_hold_it_and_neighbours_do_not():
    council = CouncilFactory()
    other = CouncilFactory(territory=territory("commune", "42187"))
    assert rules.holds(council, coordinator_of(council))
    assert rules.holds(council, actor("deputy", council.scope))
    assert rules.holds(council, mayor_of("42218"))
    assert not rules.holds(council, coordinator_of(other))
    assert not rules.holds(council, mayor_of("42187"))
    assert not rules.holds(council, actor("group_member", council.scope))
    assert not rules.holds(council, actor("prefect_office", scope_of(territory("departement", "42"))))


def test_the_mayor_of_a_member_commune_sees_the_cispd_without_holding_it():
    epci = territory("epci", "244200770")
    council = create_council(territory=epci, kind="CISPD", name="CISPD", by=president_of(epci.code))
    mayor = mayor_of("42218")
    assert list(Council.objects.visible_to(mayor)) == [council]
    with pytest.raises(Refused, match="coordination"):
        edit_council(council=council, name="Pris", founded_on=None, by=mayor)


def test_correcting_renames_the_scope_too():
    council = CouncilFactory()
    edit_council(council=council, name="CLSPD d’ici", founded_on=dt.date(2003, 1, 1), by=coordinator_of(council))
    council.refresh_from_db()
    assert (council.name, council.sort_name, council.scope.label) == ("CLSPD d’ici", "clspd d ici", "CLSPD d’ici")


def test_ending_is_for_the_presidency_and_closes_the_council():
    council = CouncilFactory()
    with pytest.raises(Refused, match="présidence"):
        end_council(council=council, on=dt.date(2026, 1, 31), by=coordinator_of(council))
    end_council(council=council, on=dt.date(2026, 1, 31), by=mayor_of("42218"))
    council.refresh_from_db()
    assert "31 janvier 2026" in reason(rules.check_can_hold, council, coordinator_of(council))


def test_what_a_screen_says_of_a_role_is_the_role_table():
    from prevenance.domains.accounts.roles import ROLES

    holders = {key for key, role in ROLES.items() if "hold_council" in role.abilities}
    # also written in migration 0004
    assert holders == {"coordinator", "deputy", "mayor", "epci_president", "prefect_office"}


@pytest.mark.parametrize(
    "kind, place, name",
    [
        ("CLSPD", "Le Havre", "CLSPD du Havre"),
        ("CLSPD", "Les Abymes", "CLSPD des Abymes"),
        ("CLSPD", "La Rochelle", "CLSPD de la Rochelle"),
        ("CLSPD", "L’Isle-d’Abeau", "CLSPD de l’Isle-d’Abeau"),
        ("CLSPD", "Évry", "CLSPD d’Évry"),
        ("CISPD", "CC des Monts du Lyonnais", "CISPD des Monts du Lyonnais"),
        ("CISPD", "CA Loire Forez Agglomération (LFA)", "CISPD de Loire Forez Agglomération"),
        ("CISPD", "Saint-Étienne Métropole", "CISPD de Saint-Étienne Métropole"),
    ],
)
def test_the_name_proposed_is_french(kind, place, name):
    assert rules.default_name(kind, place) == name
