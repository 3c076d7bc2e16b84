"""Each kind of council: where it is created, by whom, and where it is refused with the article (legal.md §1)."""

import datetime as dt

import pytest

from prevenance.core.refusals import Refused, reason
from prevenance.domains.governance.actions.councils import create_council
from prevenance.domains.governance.models import Body, Council
from prevenance.domains.governance.rules import councils as rules
from prevenance.domains.governance.rules.kinds import every_kind, kinds_on
from prevenance.domains.territories.models import Territory
from tests.factories import CouncilFactory, actor, scope_of, territory

pytestmark = pytest.mark.django_db

# kind, who creates it, and where; the territory of the council when it is not the creator's own.
POSSIBLE = [
    ("CLSPD", "mayor", ("commune", "42218"), None),
    ("CPSPD", "mayor", ("commune", "75056"), None),
    ("CISPD", "epci_president", ("epci", "243500741"), None),
    ("CMSPD", "epci_president", ("epci", "244200770"), None),
    ("CDPDR", "prefect_office", ("departement", "42"), None),
    ("CDDF", "mayor", ("commune", "42218"), None),
    ("CLAV", "prefect_office", ("departement", "42"), None),
    ("FUNDERS", "prefect_office", ("departement", "42"), None),
    ("ETHICS", "mayor", ("commune", "42218"), None),
    ("GPDS", "mayor", ("commune", "42218"), None),
    ("GPO", "prefect_office", ("departement", "42"), ("commune", "42218")),
]


@pytest.mark.parametrize("kind, role, own, elsewhere", POSSIBLE)
def test_each_kind_is_created_where_its_text_says(kind, role, own, elsewhere):
    by, where = actor(role, scope_of(territory(*own))), territory(*(elsewhere or own))
    council = create_council(territory=where, kind=kind, name="Conseil inventé", by=by)
    assert council.scope.holder_id == by.scope_id
    assert rules.holds(council, by)
    assert [body.kind for body in council.bodies.all()] == [kinds_on(dt.date(2026, 11, 23))[kind].bodies[0]]
    assert Council.objects.visible_to(by).filter(pk=council.pk).exists()


def test_the_list_above_has_every_kind():
    assert {kind for kind, *_ in POSSIBLE} == set(Council.Kind.values) == {kind.kind for kind in every_kind()}


@pytest.mark.parametrize(
    "kind, role, where, said",
    [
        ("CLSPD", "mayor", ("commune", "75056"), "CSI L132-11"),
        ("CPSPD", "mayor", ("commune", "42218"), "CSI L132-11 et D132-14"),
        ("CLSPD", "mayor", ("commune", "97801"), "CSI L153-1"),  # Saint-Martin
        ("CLSPD", "mayor", ("commune", "97701"), "CSI L153-1"),  # Saint-Barthélemy
        ("CLSPD", "mayor", ("commune", "98611"), "CSI L157-1"),  # Wallis-et-Futuna
        ("CMSPD", "epci_president", ("epci", "243500741"), "CSI L132-13"),  # not a métropole
        ("CDPDR", "prefect_office", ("departement", "75"), "CSI D132-14"),
        ("CLAV", "prefect_office", ("departement", "987"), "2016-1056"),
    ],
)
def test_where_a_text_does_not_apply_the_refusal_gives_its_article(kind, role, where, said):
    place = Territory.objects.filter(kind=where[0], code=where[1]).first()
    assert place is not None, where
    by = actor(role, scope_of(place))
    assert said in reason(rules.check_can_create_council, place, by, kind)
    with pytest.raises(Refused):
        create_council(territory=place, kind=kind, name="Conseil inventé", by=by)


def test_what_the_register_does_not_know_is_said_and_does_not_forbid():
    place = territory("commune", "42218")
    assert "2019" in rules.not_verified(kinds_on(dt.date(2026, 1, 1))["CDDF"], place, dt.date(2026, 1, 1))
    assert rules.not_verified(kinds_on(dt.date(2026, 1, 1))["CLSPD"], place, dt.date(2026, 1, 1)) == ""


def test_a_metropolitan_council_stands_for_the_intercommunal_one():
    place = territory("epci", "244200770")
    CouncilFactory(kind="CISPD", territory=place)
    with pytest.raises(Refused, match="déjà un CISPD"):
        create_council(territory=place, kind="CMSPD", name="X", by=actor("epci_president", scope_of(place)))


def test_several_police_groups_live_in_one_town():
    by, town = actor("prefect_office", scope_of(territory("departement", "42"))), territory("commune", "42218")
    for name in ("Groupe nord", "Groupe sud"):
        create_council(territory=town, kind="GPO", name=name, by=by)
    assert Council.objects.filter(kind="GPO", territory=town).count() == 2


def test_a_police_group_is_not_made_in_another_departement():
    by = actor("prefect_office", scope_of(territory("departement", "42")))
    with pytest.raises(Refused, match="n’est pas le vôtre"):
        create_council(territory=territory("commune", "69123"), kind="GPO", name="X", by=by)


def test_a_kind_is_unknown_before_its_text():
    by = actor("prefect_office", scope_of(territory("departement", "42")))
    refusal = reason(rules.check_can_create_council, territory("departement", "42"), by, "CLAV", dt.date(2015, 1, 1))
    assert refusal == "Cette nature de conseil n’est pas connue à cette date."


def test_what_is_not_a_plenary_council_tells_nothing_of_the_obligations():
    from prevenance.domains.governance.analysis import facts_for
    from tests.factories import MeetingFactory, coordinator_of

    town = territory("commune", "42218")
    families = CouncilFactory(kind="CDDF", territory=town)
    coordinator_of(families)
    MeetingFactory(
        body=families.bodies.get(kind=Body.Kind.PLENARY), state="held",
        convened_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        starts_at=dt.datetime(2026, 1, 8, 9, tzinfo=dt.UTC), ends_at=dt.datetime(2026, 1, 8, 11, tzinfo=dt.UTC),
    )  # fmt: skip
    facts = facts_for(town, dt.date(2026, 11, 23))
    assert (facts.coordinator, facts.last_plenary) == (False, None)
