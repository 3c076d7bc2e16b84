"""Who keeps the directory, what is refused, what is written."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.utils import timezone

from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import services, structures
from prevenance.domains.directory.models import Service, Structure
from prevenance.domains.directory.rules import services as rules
from prevenance.domains.directory.rules.contacts import phone_number, siret_number
from prevenance.domains.directory.rules.keeping import keeps
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db

SECRET = "7, impasse du Secret"


@pytest.fixture
def town():
    return territory("commune", "42218")


@pytest.fixture
def keeper():
    return coordinator_of(CouncilFactory())


@pytest.fixture
def told(town):
    return services.Told(
        name="Écoute inventée", kind="victim_support", description="Une écoute.", commune=town, zones=[town],
        audiences=["femmes", "jeunes"], phone="01 99 00 12 34", address="2, rue des Essais", postcode="42000",
    )  # fmt: skip


@pytest.fixture
def told_structure(town):
    return structures.Told(name="Maison inventée", kind="association", commune=town, phone="+33 (0)1 99 00 12 34")


@pytest.mark.parametrize(
    "role, kind, code, here",
    [
        ("mayor", "commune", "42218", True), ("mayor", "commune", "42187", False),
        ("epci_president", "epci", "244200770", True), ("prefect_office", "departement", "42", True),
        ("prefect_office", "departement", "69", False), ("victim_support", "departement", "42", True),
        ("national_secretariat", "nation", "FR", True), ("mediator", "commune", "42218", False),
        ("prosecutor_office", "departement", "42", False), ("evaluator", "commune", "42218", False),
    ],
)  # fmt: skip
def test_the_directory_is_kept_in_the_territory_of_the_mandate(town, role, kind, code, here):
    somebody = actor(role, scope_of(territory(kind, code)))
    assert keeps(town, somebody) is here
    service = ServiceFactory()
    assert (reason(rules.check_can_edit_service, service, somebody) == "") is here


def test_a_service_is_written_as_it_is_told(keeper, told):
    structure = StructureFactory()
    service = services.add_service(structure=structure, told=told, by=keeper)
    kept = Service.objects.get(pk=service.pk)
    assert (kept.phone, kept.verified_on, kept.verified_by) == ("0199001234", timezone.localdate(), keeper.person)
    assert list(kept.zones.all()) == [told.commune]
    assert kept.audiences == ["femmes", "jeunes"]
    with pytest.raises(Refused, match="déjà un service de ce nom"):
        services.add_service(structure=structure, told=told, by=keeper)


def test_an_association_of_elsewhere_renders_a_service_here_and_not_the_reverse(keeper, told):
    away = StructureFactory(commune=territory("commune", "42187"))
    assert services.add_service(structure=away, told=told, by=keeper).commune.code == "42218"
    with pytest.raises(Refused, match="Roanne n’est pas dans votre territoire"):
        services.add_service(structure=StructureFactory(), told=replace(told, commune=away.commune), by=keeper)
    mine = ServiceFactory()
    with pytest.raises(Refused, match="Roanne n’est pas dans votre territoire"):
        services.edit_service(service=mine, told=replace(told, commune=away.commune), seen=1, by=keeper)


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"kind": "unknown"}, "nature du service"), ({"audiences": ["chats"]}, "pas de la liste"),
        ({"cost": "cher"}, "pas de la liste"), ({"audiences": ["tous-publics", "jeunes"]}, "se choisit seul"),
        ({"zones": []}, "quel territoire"), ({"phone": "12"}, "pas celui d’un téléphone"),
    ],
)  # fmt: skip
def test_what_is_not_of_the_lists_is_refused(keeper, told, change, sentence):
    with pytest.raises(Refused, match=sentence):
        services.add_service(structure=StructureFactory(), told=replace(told, **change), by=keeper)
    assert not Service.objects.exists()


def test_no_address_of_a_shelter_is_kept_even_when_it_is_typed(keeper, told, told_structure):
    hidden = {"address": SECRET, "address_more": "Porte du Secret", "postcode": "42999"}
    # Of that kind, whether it was asked or not.
    shelter = replace(told, kind="shelter", **hidden)
    service = services.add_service(structure=StructureFactory(), told=shelter, by=keeper)
    other = services.edit_service(
        service=ServiceFactory(), told=replace(told, address_hidden=True, **hidden), seen=1, by=keeper
    )
    structure = structures.add_structure(told=replace(told_structure, address_hidden=True, **hidden), by=keeper)
    for row in (service, other, structure):
        row.refresh_from_db()
        assert row.address_hidden
        assert row.address_lines == ["Saint-Étienne"]
    with connection.cursor() as cursor:
        for table in ("directory_service", "directory_structure", "core_auditrow"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ~* 'secret[^,]|42999'")
            assert cursor.fetchone()[0] == 0, table


def test_an_older_form_overwrites_nothing(keeper, told):
    service = ServiceFactory()
    services.edit_service(service=service, told=told, seen=1, by=keeper)
    with pytest.raises(Stale, match="modifié ailleurs"):
        services.edit_service(service=service, told=replace(told, name="Autre nom"), seen=1, by=keeper)
    assert Service.objects.get().name == "Écoute inventée"


def test_what_is_confirmed_is_what_was_read(keeper, told):
    service = ServiceFactory()
    services.edit_service(service=service, told=told, seen=1, by=keeper)
    with pytest.raises(Stale, match="relisez-le"):
        services.verify_service(service=service, seen=1, by=keeper)
    assert Service.objects.get().verified_on is None
    verified = services.verify_service(service=service, seen=2, by=keeper)
    assert (verified.verified_on, verified.verified_by) == (timezone.localdate(), keeper.person)


def test_a_service_is_to_be_confirmed_after_the_months_of_the_register():
    on = dt.date(2026, 11, 30)
    assert rules.confirmed_since(on) == dt.date(2026, 5, 28)
    for verified_on, stale in ((None, True), (dt.date(2026, 5, 27), True), (dt.date(2026, 5, 28), False)):
        by = None if verified_on is None else StructureFactory().created_by
        assert rules.to_confirm(ServiceFactory(verified_on=verified_on, verified_by=by), on) is stale
    closed = ServiceFactory(closed_on=dt.date(2026, 1, 1))
    assert not rules.to_confirm(closed, on)


def test_a_service_closes_once_not_before_it_opened_nor_tomorrow_and_opens_again(keeper):
    today = timezone.localdate()
    service = ServiceFactory(opened_on=today - dt.timedelta(days=30))
    for day, sentence in ((31, "précéder l’ouverture"), (-1, "à venir")):
        with pytest.raises(Refused, match=sentence):
            services.close_service(service=service, on=today - dt.timedelta(days=day), by=keeper)
    closed = services.close_service(service=service, on=today, by=keeper)
    assert not closed.is_open
    assert "rouvrez-le" in reason(rules.check_can_edit_service, closed, keeper)
    assert "rien à confirmer" in reason(rules.check_can_verify, closed, keeper)
    with pytest.raises(Stale):
        services.close_service(service=service, on=today, by=keeper)
    assert services.reopen_service(service=service, by=keeper).is_open
    with pytest.raises(Stale):
        services.reopen_service(service=service, by=keeper)


def test_a_structure_closes_with_its_services(keeper, told, told_structure):
    structure, today = StructureFactory(), timezone.localdate()
    ServiceFactory(structure=structure)
    ServiceFactory(structure=structure, opened_on=today + dt.timedelta(days=9))
    before = ServiceFactory(structure=structure, closed_on=dt.date(2026, 1, 5))
    structures.close_structure(structure=structure, on=today, by=keeper)
    assert not Service.objects.open().exists()
    assert not Service.objects.open(today + dt.timedelta(days=30)).exists()
    before.refresh_from_db()
    assert before.closed_on == dt.date(2026, 1, 5)
    with pytest.raises(Stale):
        structures.close_structure(structure=structure, on=today, by=keeper)
    with pytest.raises(Refused, match="ne change plus"):
        structures.edit_structure(structure=structure, told=told_structure, seen=2, by=keeper)
    with pytest.raises(Refused, match="ne rend plus de service"):
        services.add_service(structure=Structure.objects.get(pk=structure.pk), told=told, by=keeper)
    with pytest.raises(Refused, match="ne peut pas rouvrir"):
        services.reopen_service(service=before, by=keeper)


def test_services_are_found_by_the_new_name_of_their_structure(keeper, told_structure):
    structure = StructureFactory(name="Ancien nom")
    service = ServiceFactory(structure=structure)
    structures.edit_structure(structure=structure, told=told_structure, seen=1, by=keeper)
    assert list(Service.objects.matching("maison")) == [service]
    assert not Service.objects.matching("ancien").exists()


def test_a_structure_is_inscribed_once(keeper, told_structure):
    first = structures.add_structure(told=told_structure, by=keeper)
    assert first.phone == "0199001234"
    with pytest.raises(Refused, match="déjà inscrite"):
        structures.add_structure(told=replace(told_structure, name="MAISON  INVENTEE"), by=keeper)
    # Two places of one name, which their numbers tell apart.
    first.siret = "73282932000074"
    first.save()
    structures.add_structure(told=replace(told_structure, siret="35600000049837"), by=keeper)
    with pytest.raises(Stale):
        structures.edit_structure(structure=first, told=told_structure, seen=9, by=keeper)


def test_those_of_another_territory_change_nothing(told, told_structure):
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    service, today = ServiceFactory(), timezone.localdate()
    shelter = ShelterFactory()
    for attempt in (
        lambda: services.add_service(structure=service.structure, told=told, by=stranger),
        lambda: services.edit_service(service=service, told=told, seen=1, by=stranger),
        lambda: services.verify_service(service=service, seen=1, by=stranger),
        lambda: services.close_service(service=service, on=today, by=stranger),
        lambda: services.reopen_service(service=service, by=stranger),
        lambda: structures.add_structure(told=told_structure, by=stranger),
        lambda: structures.edit_structure(structure=shelter, told=told_structure, seen=1, by=stranger),
        lambda: structures.close_structure(structure=shelter, on=today, by=stranger),
    ):
        with pytest.raises(Refused, match="n’est pas dans votre territoire"):
            attempt()


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("", ""), ("04 77 00 00 00", "0477000000"), ("+33 4 77 00 00 00", "0477000000"), ("39 19", "3919"),
        ("0033477000000", "0477000000"), ("116 006", "116006"), ("115", "115"), ("17", "17"),
        ("+32 2 123 45 67", "+3221234567"), ("01.99.00.12.34", "0199001234"),
    ],
)  # fmt: skip
def test_numbers_are_kept_in_one_form(typed, kept):
    assert phone_number(typed) == kept


@pytest.mark.parametrize("typed", ["12345", "00 77 00 00 00", "04 77 00 00", "appelez", "+0477000000", "0477 000 0000"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(Refused, match="pas celui d’un téléphone"):
        phone_number(typed)


# The first is the usual example of Luhn’s key; the second a place of La Poste, whose key is a sum.
@pytest.mark.parametrize(
    "typed, kept", [("", ""), ("732 829 320 00074", "73282932000074"), ("356 000 000 49837", "35600000049837")]
)
def test_the_key_of_a_siret_is_checked(typed, kept):
    assert siret_number(typed) == kept


@pytest.mark.parametrize(
    "typed", ["73282932000075", "7328293200007", "732829320000741", "7328293200007A", "35600000049838"]
)
def test_a_siret_whose_key_is_wrong_is_refused(typed):
    with pytest.raises(Refused, match="SIRET"):
        siret_number(typed)
