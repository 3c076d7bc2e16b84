"""A hidden address is typed, sent in files and brought in; then every response, export, PDF, log, row and kept file is
searched for it (Done-when 7)."""

import io
import json
import logging
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, TestCase
from django.urls import reverse

from prevenance.core.documents.tables import FORMATS
from prevenance.domains.directory import jobs
from prevenance.domains.directory.models import Door, Exchange, Service, Structure
from tests.domains.directory.files import SERVICE, SOURCE, STRUCTURE
from tests.domains.directory.test_hidden import SECRETS, SHELTER, secret
from tests.factories import actor, scope_of, territory
from tests.factories.directory import ServiceFactory

pytestmark = pytest.mark.django_db

TOWN = "Saint-Étienne (commune 42218)"
TYPED = {
    "commune": TOWN, "address": "7, impasse du Secret", "address_more": "Porte de l’impasse", "postcode": "42999",
    "longitude": "4.3987", "latitude": "45.4398", "phone": "01 99 00 12 34", "seen": "1",
}  # fmt: skip
STRUCTURE_TYPED = TYPED | {
    "name": "Refuge des Tilleuls", "kind": "association", "address_hidden": "on", "siret": "73282932000074",
    "access_link": "https://acceslibre.fr/refuge",
}  # fmt: skip
SERVICE_TYPED = TYPED | {
    "name": "Mise à l’abri des Tilleuls", "kind": "shelter", "description": "Un abri.", "served": ["departement"],
    "others": "",
}  # fmt: skip


@pytest.fixture
def ours(sign_in):
    return sign_in(actor("prefect_office", scope_of(territory("departement", "42"))))


def words(content):
    """All that a file says: its bytes, those of its members, the text of its pages."""
    found = content.decode("utf-8", "replace")
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found += "".join(words(archive.read(name)) for name in archive.namelist())
    if content.startswith(b"%PDF"):
        import pypdf

        found += " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    return found


def told(client):
    """Answers to whoever types or sends the address, and to whoever reads after."""
    yield client.post(reverse("directory:structure_add"), STRUCTURE_TYPED, follow=True)
    structure = Structure.objects.get(name="Refuge des Tilleuls")
    yield client.post(reverse("directory:service_add", args=[structure.pk]), SERVICE_TYPED, follow=True)
    service = Service.objects.get(name="Mise à l’abri des Tilleuls")
    # A form that is refused shows again all that was typed, but that.
    yield client.post(reverse("directory:service_edit", args=[service.pk]), SERVICE_TYPED | {"phone": "12"})
    yield client.post(reverse("directory:structure_edit", args=[structure.pk]), STRUCTURE_TYPED | {"phone": "12"})
    # Another that was not hidden becomes so, when nothing forbids it.
    plain = {name: value for name, value in STRUCTURE_TYPED.items() if name != "address_hidden"} | {"name": "Bureau"}
    client.post(reverse("directory:structure_add"), plain)
    office = Structure.objects.get(name="Bureau")
    assert office.address
    # A clinic there of a service rendered elsewhere says the address too, until the place hides.
    roanne = territory("commune", "42187")
    elsewhere = ServiceFactory(structure=office, commune=roanne, zones=[territory("departement", "42")])
    door = {name: TYPED[name] for name in ("commune", "address", "longitude", "latitude")} | {
        "place": "Au 7, impasse du Secret", "hours": "Tu 14:00-17:00", "starts_on": "2026-01-05",
    }  # fmt: skip
    client.post(reverse("directory:door_add", args=[elsewhere.pk]), door)
    assert Door.objects.get().address
    yield client.post(
        reverse("directory:structure_edit", args=[office.pk]), plain | {"address_hidden": "on"}, follow=True
    )
    files = {
        "structures": [secret(STRUCTURE, prevenance_adresse_masquee=True, nom="ab", id="essai--s0"), secret(STRUCTURE)],
        "services": [
            secret(SERVICE, thematiques=SHELTER), secret(SERVICE, id="essai--v2", nom="ab", thematiques=SHELTER),
            secret(SERVICE, id="essai--v3", thematiques=SHELTER, description="Au 7, impasse du Secret."),
        ],
    }  # fmt: skip
    sent = {
        kind: SimpleUploadedFile(f"{kind}.json", json.dumps(rows).encode(), "application/json")
        for kind, rows in files.items()
    }
    yield client.post(reverse("directory:exchange_import"), {"source": SOURCE, **sent}, follow=True)
    _run()
    for format in ("json", "csv"):
        client.post(reverse("directory:exchange_export"), {"territory": TOWN, "format": format})
    _run()
    exchanges = list(Exchange.objects.values_list("pk", "direction"))
    for pk, direction in exchanges:
        yield client.get(reverse("directory:exchange", args=[pk]))
        yield client.get(reverse("directory:exchange", args=[pk]), {"format": "xlsx"})
        if direction == "out":
            yield client.get(reverse("directory:exchange_file", args=[pk]))
    for row in Service.objects.all():
        for name in ("service", "service_edit", "service_close"):
            yield client.get(reverse(f"directory:{name}", args=[row.pk]))
        yield Client().get(reverse("directory:service_report", args=[row.key]))
    for row in Structure.objects.all():
        for name in ("structure", "structure_edit", "structure_close", "service_add"):
            yield client.get(reverse(f"directory:{name}", args=[row.pk]))
    for name in ("services", "structures"):
        for query in ({"where": "", "q": "impasse"}, *({"where": "", "format": format} for format in FORMATS)):
            yield client.get(reverse(f"directory:{name}"), query)
    yield client.get(reverse("directory:door_edit", args=[Door.objects.get().pk]))
    for query in ({"where": ""}, *({"where": "", "format": format} for format in FORMATS)):
        yield client.get(reverse("directory:doors"), query)
    yield client.get(reverse("directory:scheme"))
    yield client.get(reverse("directory:scheme"), {"format": "pdf"})
    for name in ("doubles", "exchanges"):
        yield client.get(reverse(f"directory:{name}"))
    pair = list(Structure.objects.filter(closed_on=None).values_list("pk", flat=True)[:2])
    yield client.get(reverse("directory:structures_merge", args=pair))
    visitor = Client()
    yield visitor.post(reverse("pages:help"), {"commune": TOWN})
    yield visitor.post(reverse("pages:help_poster"), {"commune": "42218", "shape": "leaflet"})


def _run():
    for pk in Exchange.objects.filter(state="waiting").values_list("pk", flat=True):
        with TestCase.captureOnCommitCallbacks(execute=True):
            jobs.run_exchange.func(exchange=pk)


def test_a_hidden_address_is_nowhere(ours, caplog, settings):
    caplog.set_level(logging.DEBUG)
    answers = list(told(ours))
    assert len(answers) > 45
    assert [answer.status_code for answer in answers if answer.status_code not in (200, 422)] == []
    assert Service.objects.filter(address_hidden=True).count() == 2
    assert Service.objects.get(source_id="essai--v1").doors.count() == 0  # though the file says three
    # What was searched for is not a hidden address; the rest of the page that says it is.
    for answer in answers:
        content = words(answer.content).replace('value="impasse"', "").replace("q=impasse", "")
        assert [word for word in SECRETS if word in content] == [], answer.request["PATH_INFO"]
    logged = " ".join(f"{record.getMessage()} {record.__dict__.get('sql', '')}" for record in caplog.records)
    assert [word for word in SECRETS if word in logged and word != "impasse"] == []
    folder = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert kept  # the exports
    assert [path.name for path in kept if any(word in words(path.read_bytes()) for word in SECRETS)] == []
    assert _rows_that_say() == []


def _rows_that_say():
    """Tables of the whole database, jobs and sessions included, that hold one of the words."""
    pattern = "|".join(word.replace(".", r"\.") for word in SECRETS if word != "acceslibre")
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            # Names of streets and of communes are reference data.
            if table.startswith("territories_"):
                continue
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text ~ %s)', [pattern])
            found += [table] if cursor.fetchone()[0] else []
    return found
