"""The demonstration's directory is found, is invented, and keeps no address of a shelter."""

import pytest

from prevenance.domains.directory.models import Service, Structure, closed_list, kinds
from tests import database
from tests.seeded import invented, using


@pytest.fixture(scope="module")
def seeded():
    with database.copy_of(database.demonstration()) as name:
        yield name


@pytest.fixture
def demonstration(seeded, django_db_setup, django_db_blocker):
    with using(seeded, django_db_blocker):
        yield


def test_services_are_found_near_the_main_council(demonstration):
    coordinator = invented("coordinator")
    territory = coordinator.mandate.scope.territory
    near = Service.objects.visible_to(coordinator).open().near(territory)
    assert near.count() >= 8
    assert near.for_professionals().matching("educateurs gier").exists()
    assert Service.objects.filter(closed_on__isnull=False).exists()


def test_words_are_of_the_lists_and_each_service_serves_somebody(demonstration):
    publics = set(closed_list("publics"))
    services = list(Service.objects.prefetch_related("zones"))
    assert len(services) > 12
    for service in services:
        assert service.kind in kinds()
        assert set(service.audiences) <= publics
        assert list(service.zones.all())


def test_it_is_invented(demonstration):
    structures = list(Structure.objects.all())
    assert [structure.name for structure in structures if "invent" not in structure.name] == []
    assert [structure.phone for structure in structures if not structure.phone.startswith("019900")] == []
    assert [structure.email for structure in structures if not structure.email.endswith(".invalid")] == []


def test_what_protects_people_has_no_address(demonstration):
    shelters = Service.objects.filter(kind="shelter").select_related("structure")
    assert shelters
    assert [s for s in shelters if not s.address_hidden or s.address or s.structure.address] == []
