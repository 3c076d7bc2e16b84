"""Every composed query finds what Django finds, for every role, from its own place and from elsewhere (ADR 0009).

The demonstration is asked; a function that has no line in composed_samples fails. What is compared is each row whole,
and the order: two models are equal for Django as soon as their keys are.
"""

import ast
import inspect
import re
from collections import Counter

import pytest
from django.db import models, transaction

from prevenance.config.paths import PACKAGE
from prevenance.core import vault
from prevenance.core.composed import Listed
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import ANYBODY, actor_of
from prevenance.domains.accounts.models import Mandate, Person, Scope
from prevenance.domains.accounts.roles import DELEGATED, ROLES
from prevenance.domains.followup.models import Identity
from tests import database
from tests.house import composed_samples
from tests.house.composed_samples import SAMPLES, WHO, World
from tests.house.walk import DOMAINS, composed_queries
from tests.seeded import invented, using

COMPOSED = composed_queries()


def sources():
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text()
        if "core.composed import" in text:
            module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
            yield module.removeprefix(DOMAINS), text


def test_each_function_has_its_samples():
    assert sorted(SAMPLES) == sorted(COMPOSED)
    assert len(COMPOSED) > 50


def test_tests_check_every_query_composed(settings):
    assert settings.QUERIES_CHECKED


def test_queries_are_composed_by_the_decorator_of_a_function_of_a_module():
    """Elsewhere, a query could hold what it was made with, and this test would not find it."""
    decorated, used = [], 0
    for module, text in sources():
        tree = ast.parse(text)
        used += sum(isinstance(node, ast.Name) and node.id == "composed" for node in ast.walk(tree))
        decorated += [
            f"{module}.{node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and any(isinstance(one, ast.Name) and one.id == "composed" for one in node.decorator_list)
        ]
    assert sorted(decorated) == sorted(COMPOSED)
    assert used == len(decorated)


HANGING = "followup.analysis.hanging."
NUMBERS = {f"followup.{name}" for name in composed_samples.NUMBERS}


def test_no_door_to_what_is_sealed_is_composed():
    """Whether a file may be opened is asked through Django each time, and composed are: lists of numbers, and what
    hangs on a file in hand, by functions that are given no actor. No other composed text reads their tables (below)."""
    theirs = {name: query for name, query in COMPOSED.items() if name.startswith("followup.")}
    by_number = {name: query for name, query in theirs.items() if name.startswith(HANGING)}
    assert by_number
    assert set(theirs) == NUMBERS | set(by_number)
    for query in by_number.values():
        assert set(inspect.signature(query.uncomposed).parameters) <= {"file", "files", "person", "body", "fields"}
        assert "visible_to" not in inspect.getsource(query.uncomposed)


def test_lists_of_numbers_read_no_key_and_nothing_sealed(demonstration, actors):
    names = [field.name for field in Identity._meta.concrete_fields if isinstance(field, vault.SealedField)]
    assert names
    for name in NUMBERS:
        for who, values, options in calls(name, demonstration, actors, most=1):
            act_as(actors[who].mandate_id)
            kept, _filled = COMPOSED[name].ready(*values, **options)
            if kept is not None:
                assert '"followup_followup"."key"' not in kept.sql
                assert "followup_identity" not in kept.sql


@pytest.fixture(scope="module")
def seeded():
    with database.copy_of(database.demonstration()) as name:
        yield name


@pytest.fixture(scope="module")
def demonstration(seeded, django_db_setup, django_db_blocker):
    with using(seeded, django_db_blocker), transaction.atomic():
        world = World()
        world.fill()
        yield world
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def actors(demonstration):
    """{name: actor}: each role at home, the same role in another place of the same kind, delegates, and nobody."""
    found = {"anybody": ANYBODY}
    for role in ROLES:
        found[role] = at_home = invented(role)
        assert at_home.role == role
        away = Scope.objects.filter(kind=at_home.scope_kind).exclude(pk=at_home.scope_id).order_by("-pk").first()
        if away is not None:
            found[f"{role} elsewhere"] = holding(role, away)
        if role in DELEGATED:
            for allows in (None, ["see_council"], ["see_council", "approve"]):
                found[f"{role}'s delegate {allows}"] = holding(
                    role, at_home.mandate.scope, delegated_from=at_home.mandate, allows=allows
                )
    found["no mandate"] = actor_of(someone("personne"))
    for person in Person.objects.filter(pk__in=demonstration.taking_part):
        found[f"taking part {person.pk}"] = actor_of(person)
    return found


def someone(name):
    return Person.objects.create(given_name="Inventée", family_name=name, email=f"{name}@composed.invalid".lower())


def holding(role, scope, **values):
    person = someone(f"{role}-{scope.pk}-{Mandate.objects.count()}")
    today = World.__dataclass_fields__["today"].default_factory()
    Mandate.objects.create(person=person, role=role, scope=scope, valid_from=today, **values)
    return actor_of(person)


def whole(row, above=()):
    """All that was read of a row, and of those that came with it; some lead back to it."""
    if not isinstance(row, models.Model) or row in above:
        return row
    columns = {name: value for name, value in vars(row).items() if name != "_state"}
    others = {name: whole(other, (*above, row)) for name, other in row._state.fields_cache.items()}
    return type(row), columns, others, row._state.db


def calls(name, world, actors, most=None):
    """(who, values, options): a sample of one actor after that of another, since texts are shared between them."""
    asked = SAMPLES[name](world)[:most]
    for values, options in asked:
        if WHO not in values:
            yield "coordinator", values, options
            yield "coordinator elsewhere", values, options
    for values, options in asked:
        if WHO in values:
            for who, one in actors.items():
                yield who, tuple(one if value is WHO else value for value in values), options


def test_there_are_several_of_each(demonstration, actors):
    """What is asked is not always of the same place."""
    assert len({one.scope_id for one in actors.values()}) > len(ROLES) / 2
    assert {one.role for one in actors.values()} == {"", *ROLES}
    counted = {name: len(rows) for name, rows in vars(demonstration).items() if isinstance(rows, list)}
    assert {name for name, count in counted.items() if count < 2} <= {"strategies", "drafts", "groups"}


@pytest.mark.parametrize("name", sorted(COMPOSED))
def test_rows_and_their_order_are_those_of_django(name, demonstration, actors, settings):
    query, rows, ready = COMPOSED[name], Counter(), 0
    # As it is in production: what was put together is used, and nothing corrects it.
    settings.QUERIES_CHECKED = False
    told = query.told
    query.kept.cache_clear()
    for who, values, options in calls(name, demonstration, actors):
        act_as(actors[who].mandate_id)
        found = [whole(row) for row in query(*values, **options)]
        assert found == [whole(row) for row in query.uncomposed(*values, **options)], (who, values, options)
        rows[who] += len(found)
        kept, filled = query.ready(*values, **options)
        if kept is not None:
            ready += 1
            # The text too: behind the wall of the database, rows alone would tell less.
            assert query.compare(kept, values, options, filled) is not False
            assert name in NUMBERS or name.startswith(HANGING) or "followup_" not in kept.sql
    assert query.told is told, "refused: see the log"
    assert ready, "never put together"
    assert sum(rows.values()), "the demonstration has nothing to find"


LISTED = re.compile(r"\bListed\(\s*(?:\w+\.)*(\w+)")
PAGED = {name for path in PACKAGE.rglob("*.py") for name in LISTED.findall(path.read_text())}


def test_lists_read_by_pages_are_counted_and_cut_as_django_does(demonstration, actors, settings):
    settings.QUERIES_CHECKED = False
    paged = [name for name in COMPOSED if name.rsplit(".", 1)[1] in PAGED]
    assert len(paged) >= len(PAGED) >= 6
    for name in paged:
        query, counts = COMPOSED[name], set()
        for who, values, options in calls(name, demonstration, actors, most=4):
            act_as(actors[who].mandate_id)
            listed, plain = Listed(query, *values, **options), query.uncomposed(*values, **options)
            counts.add(count := listed.count())
            assert count == plain.count(), (name, who, values)
            for start, stop in ((0, 2), (1, 3)):
                assert [whole(row) for row in listed[start:stop]] == [whole(row) for row in plain[start:stop]]
        assert len(counts) > 1
