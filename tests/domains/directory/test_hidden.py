"""Where a hidden place is leaves by no file, response, log or row: what leads to it is not kept (Done-when 7)."""

import importlib
import json
import re
from functools import cache

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection

from prevenance.core.refusals import Refused
from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import services as service_actions
from prevenance.domains.directory.actions import structures as structure_actions
from prevenance.domains.directory.models import Service, Structure
from prevenance.domains.directory.rules import exchanges as rules
from tests.domains.directory.files import SERVICE, STRUCTURE, bring, said, take
from tests.factories import actor, scope_of, territory
from tests.factories.directory import ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db

PLACES = cache(jobs.Places)
SHELTER = ["famille--surmonter-conflits-separation-violence",
           "logement-hebergement--rechercher-une-solution-dhebergement-temporaire"]  # fmt: skip


@pytest.fixture(autouse=True)
def _places_read_once(monkeypatch):
    """Territories are reference data, the same for every test: a second each time would be minutes."""
    monkeypatch.setattr(jobs, "Places", PLACES)


@pytest.fixture
def secretariat():
    return actor("national_secretariat", scope_of(territory("nation", "FR")))


def everything():
    """Every row of the directory, and of what was said of files, as text."""
    tables = (
        "directory_service",
        "directory_structure",
        "directory_door",
        "directory_round",
        "directory_exchangeproblem",
        "directory_exchange",
        "core_auditrow",
    )
    with connection.cursor() as cursor:
        text = ""
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            text += "\n".join(row for (row,) in cursor.fetchall())
    # Keys, prints and times hold any five digits sooner or later.
    return re.sub(r"[0-9a-f-]{32,}|:\d\d\.\d+\+", "", text)


SECRETS = ("impasse", "42999", "4.3987", "45.4398", "73282932000074", "acceslibre", "fiche-secrete")


def secret(row, **changes):
    """A row that says where it is in every way that one can; of a service, by its other places too."""
    where = {"adresse": "7, impasse du Secret", "longitude": 4.3987, "latitude": 45.4398}
    door = where | {
        "lieu": "Au 7, impasse du Secret", "code_insee": "42218", "horaires": "Tu 14:00-17:00", "debut": "2026-01-05",
    }  # fmt: skip
    stop = door | {"tournee": {"nom": "Du 7, impasse du Secret", "debut": "2026-01-05", "rang": 1}}
    doors = {"prevenance_permanences": [door, stop, door | {"horaires": "impasse du Secret"}]}
    return row | (doors if "structure_id" in row else {}) | {
        "adresse": "7, impasse du Secret", "complement_adresse": "Porte de l’impasse", "code_postal": "42999",
        "longitude": 4.3987, "latitude": 45.4398, "lien_source": "https://exemple.fr/fiche-secrete",
        "geocodage": "7 impasse du Secret 42999", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"thematiques": SHELTER}, {"prevenance_nature": "shelter"}, {"prevenance_adresse_masquee": True},
        {"prevenance_nature": "trafficked_minors"},
    ],
)  # fmt: skip
def test_nothing_is_kept_of_where_a_shelter_is(secretariat, change):
    office = STRUCTURE | {"siret": None, "accessibilite_lieu": None}
    done = bring(secretariat, [office], [secret(SERVICE, **change)])
    assert done.left == 0, said(done)
    assert "ce qui dit où il est n’est pas gardé" in said(done)[1, "adresse"][0]
    assert [word for word in SECRETS if word in everything()] == []
    out = json.dumps(take(secretariat), ensure_ascii=False)
    assert [word for word in SECRETS if word in out] == []
    assert Service.objects.get().point == (
        territory("commune", "42218").longitude,
        territory("commune", "42218").latitude,
    )
    assert not any(default_storage.exists(rules.place_of(done, kind)) for kind in ("structures", "services"))
    # Once hidden, always hidden: a later file that forgets to say so shows nothing.
    bring(secretariat, services=[secret(SERVICE, date_maj="2026-04-01", thematiques=["sante--addictions"])])
    assert [word for word in SECRETS if word in everything()] == []


def test_a_hidden_structure_hides_what_it_renders(secretariat):
    place = secret(STRUCTURE, prevenance_adresse_masquee=True, accessibilite_lieu="https://acceslibre.fr/x")
    bring(secretariat, [place], [secret(SERVICE)])
    assert [word for word in SECRETS if word in everything()] == []
    assert Structure.objects.get().siret == ""


@pytest.mark.parametrize("change", [{}, {"adresse": None}, {"longitude": None, "latitude": None}])
def test_the_office_that_is_in_the_shelter_hides_with_it(secretariat, change):
    place = secret(STRUCTURE, accessibilite_lieu="https://acceslibre.fr/x")
    other = secret(SERVICE, id="essai--v0")
    bring(secretariat, [place], [other])
    assert "impasse" in everything()
    bring(secretariat, services=[secret(SERVICE, thematiques=SHELTER, **change)])
    assert [word for word in SECRETS if word in everything()] == []


def test_a_row_whose_text_says_where_the_shelter_is_is_left(secretariat):
    row = secret(SERVICE, thematiques=SHELTER, description="Venez au 7 impasse du secret.")
    done = bring(secretariat, [STRUCTURE], [row])
    assert "écrite aussi dans un texte" in said(done)[1, "description"][0]
    assert [word for word in SECRETS if word in everything() and word != "73282932000074"] == []


FAR = {
    "adresse": "1, rue des Essais", "complement_adresse": None, "code_postal": "42000", "longitude": 4.5,
    "latitude": 45.5, "lien_source": None, "geocodage": None,
}  # fmt: skip


def test_a_structure_that_a_file_hides_hides_its_services_that_the_file_does_not_change(secretariat):
    place = secret(STRUCTURE, accessibilite_lieu="https://acceslibre.fr/x")
    same, alone = secret(SERVICE), secret(SERVICE, id="essai--v2", adresse=None)
    bring(secretariat, [place], [same, alone, secret(SERVICE, id="essai--v3", **FAR, prevenance_adresse_masquee=False)])
    shown = Structure.objects.get()
    here = ServiceFactory(structure=shown, source_link="https://exemple.fr/fiche-secrete")
    bring(secretariat, [place | {"prevenance_adresse_masquee": True}])
    assert Structure.objects.get().edit == shown.edit + 1
    hidden = Service.objects.filter(address_hidden=True)
    assert set(hidden.values_list("source_id", flat=True)) == {"essai--v1", "essai--v2", ""}
    assert [word for word in SECRETS if word in everything()] == []
    # An open form shows what is no longer so: it is not written over.
    assert set(hidden.values_list("edit", flat=True)) == {2}
    here.refresh_from_db()
    assert here.edit == 2
    # One that is elsewhere hides too, when its own row does not say that it does not.
    elsewhere = secret(SERVICE, id="essai--v4", **FAR)
    bring(secretariat, services=[elsewhere])
    Service.objects.filter(source_id="essai--v4").update(address_hidden=False, address="7, impasse du Secret")
    assert bring(secretariat, services=[elsewhere]).updated == 1
    assert "impasse" not in everything()


def told_of(place, **changes):
    """What a form says of a row."""
    kind = service_actions if isinstance(place, Service) else structure_actions
    names = {name for name in kind.Told.__dataclass_fields__ if hasattr(place, name)} - {"zones", "closures"}
    zones = {"zones": [place.commune]} if isinstance(place, Service) else {}
    return kind.Told(**{name: getattr(place, name) for name in names} | zones | changes)


def test_a_place_is_not_hidden_while_a_text_says_the_address_that_it_had(secretariat):
    office = StructureFactory(address="7, impasse du Secret", description="Au 7, impasse du Secret.")
    service = ServiceFactory(structure=office, address="7, impasse du Secret", conditions="Au 7, impasse du Secret.")
    for edit, of in (
        (structure_actions.edit_structure, {"structure": office}), (service_actions.edit_service, {"service": service}),
    ):  # fmt: skip
        told = told_of(*of.values(), address_hidden=True, address="")
        with pytest.raises(Refused, match="aussi écrite dans un texte"):
            edit(**of, told=told, seen=1, by=secretariat)


@pytest.fixture
def at_the_refuge():
    """A structure, and services: at its address, beside it, without an address of its own, and far from there."""
    where = {"postcode": "42999", "longitude": 4.3987, "latitude": 45.4398}
    office = StructureFactory(address="7, impasse du Secret", siret="73282932000074", **where)
    ServiceFactory(structure=office, name="À cette adresse", address="7 Impasse du Secret")
    ServiceFactory(structure=office, name="À côté", address="Porte de l’impasse", **where | {"longitude": 4.3988})
    ServiceFactory(structure=office, name="Sans adresse")
    ServiceFactory(structure=office, name="Loin", address="1, rue des Essais", longitude=4.5, latitude=45.5)
    return office


def test_a_structure_hidden_by_hand_hides_what_it_renders_there(secretariat, at_the_refuge):
    told = told_of(at_the_refuge, address_hidden=True)
    structure_actions.edit_structure(structure=at_the_refuge, told=told, seen=1, by=secretariat)
    assert [word for word in SECRETS if word in everything()] == []
    assert list(Service.objects.filter(address_hidden=False).values_list("name", flat=True)) == ["Loin"]


def test_a_service_hidden_by_hand_hides_its_structure_and_the_others_there(secretariat, at_the_refuge):
    service = Service.objects.get(name="À cette adresse")
    Structure.objects.update(received="0" * 32)
    told = told_of(service, address_hidden=True, address="Ailleurs")
    service_actions.edit_service(service=service, told=told, seen=1, by=secretariat)
    assert [word for word in SECRETS if word in everything()] == []
    at_the_refuge.refresh_from_db()
    assert (at_the_refuge.address_hidden, at_the_refuge.received, at_the_refuge.edit) == (True, "", 2)
    assert list(Service.objects.filter(address_hidden=False).values_list("name", flat=True)) == ["Loin"]


def test_the_print_of_a_row_is_under_a_key_and_never_of_where_a_shelter_is(secretariat, settings):
    office = STRUCTURE | {"siret": None}
    bring(secretariat, [office], [SERVICE, secret(SERVICE, id="essai--v2", thematiques=SHELTER)])
    shown, hidden = Service.objects.order_by("source_id").values_list("received", flat=True)
    # Another address is the same row; anything else is not.
    moved = secret(SERVICE, id="essai--v2", thematiques=SHELTER) | {"adresse": "8, rue du Rempart", "geocodage": None}
    assert bring(secretariat, [office], [SERVICE, moved]).same == 3
    assert bring(secretariat, [office], [SERVICE, moved | {"nom": "Autre nom"}]).updated == 1
    settings.SECRET_KEY = "another"
    assert bring(secretariat, [office], [SERVICE, moved | {"nom": "Autre nom"}]).same == 0
    assert Service.objects.filter(received__in=[shown, hidden]).count() == 0


def test_prints_of_what_was_hidden_before_are_erased():
    shown, hidden = (factory(received="0" * 32) for factory in (StructureFactory, ShelterFactory))
    service = ServiceFactory(structure=hidden, address_hidden=True, received="0" * 32)
    module = importlib.import_module("prevenance.domains.directory.migrations.0008_no_print_of_hidden_places")
    module.erase(apps, None)
    for row, left in ((shown, "0" * 32), (hidden, ""), (service, "")):
        row.refresh_from_db()
        assert row.received == left
