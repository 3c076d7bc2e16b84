"""On the demonstration, no page of the directory and of finding help takes more than twelve queries, whoever asks.

Session and user are counted, savepoints too. That a count stays the same when there is more to show is each page's own
test. Pages are asked by every role to which docs/access.csv opens them, of what that role finds.
"""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.accounts.models import digest_of
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.directory.models import (
    Circuit,
    Door,
    Exchange,
    OrientationKey,
    OrientationLink,
    PartnersAgreement,
    Programme,
    Round,
    Scenario,
    Service,
    StationAgreement,
    StationPost,
    Structure,
)
from prevenance.domains.directory.rules import exchanges
from prevenance.domains.governance.models import Upload
from prevenance.domains.governance.rules import councils
from tests import database
from tests.house.test_access import addresses, lines
from tests.seeded import entered, invented, using

MOST = 12
OURS = ("directory:", "coverage:", "pages:help")
TOKEN = "lien-invente"
# Beside the bare address, what one asks of it.
ASKED = {
    "coverage:coverage": ["departement=42", "departement=42&need=femmes&weight=victims"],
    "coverage:nation": ["need=femmes"],
    "coverage:placement": ["departement=42&number=2"],
    "coverage:what_if": ["departement=42&a=42207:14", "departement=42&weight=victims"],
    "directory:agreements": ["departement=42&state=all"],
    "directory:circuits": ["state=all"],
    "directory:device_state": ["departement=42"],
    "directory:devices": ["kind=tgd"],
    "directory:doors": ["where=42", "where=&form=stop&state=all"],
    "directory:orient_search": ["where=42&now=on", "where=&need=femmes&q=ecoute"],
    "directory:orientation_figures": ["departement=42"],
    "directory:orientations": ["state=late", "q=ecoute&of=mine"],
    "directory:scheme": ["departement=42"],
    "directory:services": ["where=42", "where=&q=ecoute"],
    "directory:stations": ["departement=42&state=all"],
    "directory:structures": ["where=42", "q=invente"],
    "pages:help": ["commune=42207&need=femmes", "commune=42207&when=now", "commune=42207&page=2"],
    "pages:help_easy": ["commune=42207"],
    "pages:help_poster": ["commune=42207"],
}


class Found:
    """What fills in an address, for an actor: what they find at home, or else the first of the country."""

    def __init__(self):
        coordinator, today = invented("coordinator"), timezone.now()
        self.exchange = Exchange.objects.create(
            direction="out", state="done", finished_at=today, requested_by=coordinator.person,
            mandate_id=coordinator.mandate_id,
        )  # fmt: skip
        departement = StationPost.objects.order_by("pk")[0].departement
        self.scenario = Scenario.objects.create(
            scope=coordinator.mandate.scope, name="Essai inventé", departement=departement, posts=["42207:14"],
            created_by=coordinator.person,
        )  # fmt: skip
        self.orientation = OrientationLink.objects.filter(expires_at__gt=today).order_by("pk")[0]
        OrientationKey.objects.create(orientation=self.orientation, digest=digest_of(TOKEN))
        with transaction.atomic():
            act_as(invented("victim_support").mandate_id)
            self.programme = Programme.objects.order_by("pk")[0]
        self.post = StationPost.objects.order_by("pk")[0]
        self.agreement = PartnersAgreement.objects.order_by("pk")[0]
        self.post_agreement = StationAgreement.objects.order_by("pk")[0]
        for agreement in (self.agreement, self.post_agreement):
            agreement.document = Upload.objects.create(
                name="convention-inventée.pdf", content_type="application/pdf", size=8, sha256="0" * 64,
                added_by=coordinator.person,
            )  # fmt: skip
            agreement.save()
        shown = Circuit.objects.exclude(valid_from=None).order_by("pk")[0]
        self.circuits = {False: shown, True: Circuit.objects.filter(valid_from=None).order_by("pk")[0]}

    def put_files(self):
        """Where the test of a page looks for them."""
        default_storage.save(exchanges.place_of(self.exchange), ContentFile(b"zip"))
        for agreement in (self.agreement, self.post_agreement):
            default_storage.save(councils.place_of(agreement.document), ContentFile(b"%PDF-1.4"))

    def value(self, name, argument, actor):
        if argument in ("exchange", "scenario", "orientation", "programme", "post"):
            return getattr(self, argument).pk
        if argument in ("token", "departement"):
            return {"token": TOKEN, "departement": "42"}[argument]
        if name.startswith("directory:circuit"):
            draft = name.removeprefix("directory:circuit").startswith(("_step", "_publish", "_delete"))
            circuit = self.circuits[draft]
            return circuit.steps.order_by("-rank")[0].pk if argument == "step" else circuit.pk
        if argument == "agreement":
            return (self.post_agreement if name.startswith("directory:station_") else self.agreement).pk
        if argument == "key":
            return Service.objects.order_by("pk")[0].key
        here = {"containers__container": actor.territory_id}
        if (argument in ("first", "second") and name.startswith("directory:structures")) or argument == "structure":
            rows = Structure.objects.filter(closed_on=None)
            return self.near(rows, "commune", here, rank=int(argument == "second"))
        if argument in ("first", "second", "service"):
            rows = Service.objects.open().for_professionals()
            return self.near(rows, "commune", here, rank=int(argument == "second"))
        if argument == "round":
            return self.near(Round.objects.all(), "service__commune", here)
        return self.near(Door.objects.filter(round__isnull=argument == "door"), "service__commune", here)

    @staticmethod
    def near(rows, path, here, rank=0):
        around = {f"{path}__{key}": value for key, value in here.items()}
        found = [*rows.filter(**around).order_by("pk")[: rank + 1], *rows.order_by("pk")[: rank + 1]]
        return found[rank].pk


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker):
    with database.copy_of(database.demonstration()) as name, using(name, django_db_blocker):
        yield Found()


@pytest.fixture(scope="module")
def signed_in(demonstration):
    """{role: (actor, client)}."""
    actors = {role: invented(role) for role in ROLES}
    return {role: (actor, entered(Client(), actor)) for role, actor in actors.items()}


@pytest.fixture
def clients(signed_in):
    """The same, after a first page, which writes that the session is in use, as one does every ten minutes."""
    for _actor, client in signed_in.values():
        if not hasattr(client, "met"):
            client.met = client.get(reverse("pages:help_easy"))
    return signed_in


OPEN_TO = {
    line["url_name"]: [role for role in ROLES if "200" in line[role].split("|")]
    for line in lines()
    if line["method"] == "GET" and line["url_name"].startswith(OURS)
}


def counted(client, address):
    """(status, queries) of a page."""
    queries = []

    def note(execute, sql, parameters, many, context):
        queries.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        status = client.get(address).status_code
    return status, queries


def test_every_page_of_theirs_is_asked():
    assert len(OPEN_TO) > 70
    assert [name for name, roles in OPEN_TO.items() if not roles] == []
    assert sorted(set(ASKED) - set(OPEN_TO)) == []


@pytest.mark.parametrize("name", sorted(OPEN_TO))
def test_a_page_takes_at_most_twelve_queries(demonstration, clients, name):
    arguments, seen, dear = addresses()[name], [], []
    demonstration.put_files()
    for role in OPEN_TO[name]:
        actor, client = clients[role]
        bare = reverse(name, kwargs={one: demonstration.value(name, one, actor) for one in arguments})
        for address in (bare, *(f"{bare}?{asked}" for asked in ASKED.get(name, []))):
            status, queries = counted(client, address)
            seen.append(status)
            if status == 200 and len(queries) > MOST:
                dear.append(f"{role} {address}: {len(queries)}\n" + "\n".join(sql[:200] for sql in queries))
    assert 200 in seen, f"{name} answers nobody: {seen}"
    assert not dear, "\n\n".join(dear)
