"""docs/access.csv is true: every address, by every role, in its own scope and in a stranger's.

Each cell is the status that a role gets; several are separated by "|" where the state of the object decides. Every
request is undone afterwards, so that the order of lines changes nothing.
"""

import csv
from copy import deepcopy

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from prevenance.config.paths import ROOT
from prevenance.domains.accounts.roles import ROLES
from tests.house.world import World

COLUMNS = ["anonymous", *ROLES, "stranger"]
METHODS = {"GET", "POST"}


def lines():
    with open(ROOT / "docs" / "access.csv", newline="") as file:
        return list(csv.DictReader(file))


def addresses():
    """{name: names of its arguments} of every address served."""

    def walk(patterns, namespace):
        for entry in patterns:
            if isinstance(entry, URLPattern):
                assert entry.name, f"{entry} has no name"
                yield f"{namespace}{entry.name}", sorted(entry.pattern.converters)
            else:
                yield from walk(entry.url_patterns, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)

    return dict(walk(get_resolver().url_patterns, ""))


def test_every_address_is_listed_and_nothing_else():
    listed = {line["url_name"] for line in lines()}
    served = set(addresses())
    assert len(served) > 50
    assert sorted(served - listed) == []
    assert sorted(listed - served) == []


def test_every_line_is_whole():
    seen = set()
    for line in lines():
        assert line["method"] in METHODS, line
        assert (line["url_name"], line["method"]) not in seen, line
        seen.add((line["url_name"], line["method"]))
        assert all(line[column] for column in COLUMNS), line


class Undone(Exception):
    pass


def status(client, line, arguments):
    """Status of one request; what it wrote is undone, and the client stays as signed in as it was."""
    url = reverse(line["url_name"], kwargs=arguments)
    result, cookies = [], deepcopy(client.cookies)  # its own `copy` would be a plain dictionary
    try:
        with transaction.atomic():
            response = client.get(url) if line["method"] == "GET" else client.post(url)
            result.append(str(response.status_code))
            raise Undone
    except Undone:
        client.cookies = cookies
        return result[0]


@pytest.mark.django_db
@pytest.mark.parametrize("column", COLUMNS)
def test_each_role_gets_exactly_what_the_table_says(column, sign_in, settings):
    settings.DEMONSTRATION = True
    world = World(column, files=True)
    client = Client() if column == "anonymous" else sign_in(world.actor)
    arguments = addresses()
    wrong, acting = [], world.actor
    for line in sorted(lines(), key=lambda line: line["url_name"].startswith("followup:")):
        # In a group that holds files, a role is looked at as the member that it may be there.
        here = world.followup.actor if line["url_name"].startswith("followup:") else None
        if here is not None and acting is not here:
            client, acting = sign_in(here), here
        found = status(
            client, line, {name: world.value(line["url_name"], name) for name in arguments[line["url_name"]]}
        )
        if found not in line[column].split("|"):
            wrong.append(f"{line['method']} {line['url_name']}: {found}, the table says {line[column]}")
    assert not wrong, "\n".join(wrong)
