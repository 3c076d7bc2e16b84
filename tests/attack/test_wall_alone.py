"""Every `visible_to` made transparent at once, as if all our reading rules were wrong: the database alone answers.

What a mandate reaches is then its groups whose texts it signed, whole, and the file of which a part is shared with it;
nothing else, by any page, table, search, nor by the ORM.
"""

import pytest
from django.apps import apps

from prevenance.core.row_security import act_as
from prevenance.domains.followup.models import (
    CallProtocol,
    CallToOrder,
    RegisterCount,
    RegisterHold,
    RegisterSeries,
    SentReport,
    Transaction,
)
from tests.attack.planting import kept_models
from tests.attack.targets import LEAVING, Targets, give_reasons
from tests.attack.walking import Walk
from tests.attack.world import AttackWorld
from tests.house.walk import composed_queries
from tests.house.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1800)]

GROUPS = {
    "one": {"exposed", "victim", "archived", "report"},
    "two": {"there"},
    "families": {"family"},
    "registers": {"call", "transaction"},
    "own": {"report"},  # what a school told
}

ACTING = {"member who never signed", "member of the plenary", "prefect_office"}  # these try acts as well


def querysets():
    """Every class that narrows to what an actor sees, in every domain."""
    found = set()
    for model in apps.get_models():
        for manager in model._meta.managers:
            for kind in type(manager.get_queryset()).__mro__:
                if "visible_to" in vars(kind):
                    found.add(kind)
    return found


@pytest.fixture
def transparent(monkeypatch):
    """`of` is no guard: it says which file, of one found already."""

    def everything(self, actor=None, of=None, **_others):
        return self if of is None else self.filter(followup=of)

    kinds = querysets()
    assert len(kinds) > 30
    for kind in kinds:
        monkeypatch.setattr(kind, "visible_to", everything)
    # Queries put together before say the rules, and those put together here must not outlive it.
    forget_composed()
    yield
    forget_composed()


def forget_composed():
    for query in composed_queries().values():
        # Those that count and cut its rows are made when first asked for.
        for one in (query, query.counted, query.sliced):
            one.kept.cache_clear()


def reached(attacker):
    """Files whose rows the database gives them."""
    return set().union(*(GROUPS[name] for name in attacker.wall)) | set(attacker.parts)


class WalledOnly(Walk):
    """The same walk, where everything that the wall gives is allowed."""

    def all(self):
        give_reasons(self.client, self.world.planted)
        for path, name in self.targets.paths.items():
            if name not in LEAVING and (self.tries(path, name) or not name.startswith("followup:")):
                self.get(path)
                if self.attacker.name in ACTING and self.targets.about(path) == "exposed":
                    self.post(path, self.forms(path))
        return self


@pytest.mark.parametrize("part", [0, 1])
def test_with_every_reading_rule_transparent_nothing_crosses_the_wall(settings, request, part):
    settings.DEMONSTRATION = True
    house = World("coordinator")
    world = AttackWorld(house.council).plant()
    targets = Targets(world, house)
    # Addresses of files, and those of a council, of a territory and of one's day: where a file could show.
    targets.paths = {
        path: name for path, name in targets.paths.items()
        if name.startswith(("followup:", "pages:my_day", "pages:territory", "governance:council", "governance:meeting"))
    }  # fmt: skip
    request.getfixturevalue("transparent")
    leaks, seen = [], {}
    for attacker in world.attackers[part::2]:
        given = reached(attacker)
        attacker.reads, attacker.knows = frozenset(given), frozenset(attacker.knows | given)
        walk = WalledOnly(world, attacker, targets).all()
        leaks += walk.leaks
        seen[attacker.name] = {label for label, _place in walk.seen}
    assert not leaks, "\n".join(dict.fromkeys(leaks))
    # The rules were indeed out: members whom no file concerns now read those of the group.
    members = {"member who signed", "member concerned"} & set(seen)
    assert members
    for name in members:
        assert {"exposed", "victim"} <= seen[name], name


def test_by_the_orm_a_mandate_reaches_its_signed_groups_and_what_is_shared_with_it(db):
    world = AttackWorld().plant()
    files = {one.row.pk: one.label for one in world.planted if one.is_file}
    walled = [*kept_models(), apps.get_model("followup", "Line")]
    bodies = {getattr(world, name).body.pk: name for name in GROUPS if name not in ("registers", "own")}
    for attacker in world.attackers:
        if attacker.after:
            attacker.after()
        alone = attacker.actor is None or not attacker.factor
        act_as(None if alone else attacker.actor.mandate_id)
        given = reached(attacker)
        followups = apps.get_model("followup", "FollowUp")._base_manager.all()
        assert {files[row.pk] for row in followups} == given - GROUPS["registers"] - GROUPS["own"], attacker.name
        assert SentReport._base_manager.exists() == ("report" in given), attacker.name
        for model in (CallToOrder, Transaction, RegisterSeries, CallProtocol, RegisterHold, RegisterCount):
            assert ("registers" in attacker.wall) or not model._base_manager.exists(), attacker.name
        assert CallToOrder._base_manager.count() == ("registers" in attacker.wall), attacker.name
        bodies_reached = {pk for pk, name in bodies.items() if name in attacker.wall}
        for model in walled:
            for row in model._base_manager.all():
                where = f"{attacker.name}: {model.__name__} {row.pk}"
                if model.__name__ == "Share":
                    assert row.body_id in bodies_reached or row.to_person_id == attacker.actor.person_id, where
                elif model.__name__ == "Handover":  # proposed to a group, it is told to that group
                    shared = row.followup_id in files and files[row.followup_id] in attacker.parts
                    assert shared or {row.body_id, row.to_body_id} & bodies_reached, where
                elif row.followup_id:
                    assert files[row.followup_id] in given, where
                else:
                    assert row.body_id in bodies_reached, where
