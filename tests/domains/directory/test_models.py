"""Which services are found, by whom, and what is never kept."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from prevenance.domains.accounts.acting import ANYBODY
from prevenance.domains.directory.models import Service, Structure, closed_list, kinds
from prevenance.domains.directory.models.structures import phone_shown
from tests.factories import actor, scope_of, territory
from tests.factories.directory import ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db

TOWN, NEIGHBOUR, ELSEWHERE = "42218", "42207", "42187"  # Saint-Étienne, Saint-Chamond (same EPCI), Roanne
AGGLOMERATION, DEPARTEMENT = "244200770", "42"


@pytest.fixture
def somebody():
    return actor("mediator", scope_of(territory("commune", TOWN)))


def near(kind, code):
    return set(Service.objects.near(territory(kind, code)).values_list("name", flat=True))


def test_nobody_signed_out_sees_the_directory(somebody):
    service = ServiceFactory()
    assert list(Service.objects.visible_to(ANYBODY)) == []
    assert list(Structure.objects.visible_to(ANYBODY)) == []
    assert list(Service.objects.visible_to(somebody)) == [service]
    assert list(Structure.objects.visible_to(somebody)) == [service.structure]


def test_a_service_is_near_where_it_is_and_whom_it_serves():
    ServiceFactory(name="De la ville")
    ServiceFactory(name="De l’agglomération", zones=[territory("epci", AGGLOMERATION)])
    ServiceFactory(name="Du département", zones=[territory("departement", DEPARTEMENT)])
    ServiceFactory(name="De France", zones=[territory("nation", "FR")])
    wide = {"Du département", "De France"}
    assert near("commune", TOWN) == {"De la ville", "De l’agglomération", *wide}
    # In the next town of the same agglomeration, the service of the first one is not for it.
    assert near("commune", NEIGHBOUR) == {"De l’agglomération", *wide}
    # They are all in Saint-Étienne: what is for the département, or for all, is near Roanne too.
    assert near("commune", ELSEWHERE) == wide
    ServiceFactory(name="Chez nous pour d’autres", zones=[territory("commune", ELSEWHERE)])
    assert "Chez nous pour d’autres" in near("commune", ELSEWHERE) - near("commune", TOWN)
    Service.objects.filter(name="Chez nous pour d’autres").delete()
    assert near("departement", DEPARTEMENT) == near("nation", "FR") == {"De la ville", "De l’agglomération", *wide}


def test_open_is_between_two_days():
    today = timezone.localdate()
    before, after = today - dt.timedelta(days=1), today + dt.timedelta(days=1)
    for name, opened_on, closed_on in (
        ("sans date", None, None), ("du jour", today, after), ("clos ce jour", before, today), ("à venir", after, None),
    ):  # fmt: skip
        ServiceFactory(name=name, opened_on=opened_on, closed_on=closed_on)
    assert set(Service.objects.open().values_list("name", flat=True)) == {"sans date", "du jour"}
    assert {s.name for s in Service.objects.all() if s.is_open} == {"sans date", "du jour"}
    assert "à venir" in Service.objects.open(after).values_list("name", flat=True)


def test_a_professional_may_turn_to_a_service_unless_it_is_for_the_public_only():
    ServiceFactory(name="non dit")
    ServiceFactory(name="public", reached_by=["usagers"])
    ServiceFactory(name="les deux", reached_by=["usagers", "professionnels"])
    assert set(Service.objects.for_professionals().values_list("name", flat=True)) == {"non dit", "les deux"}


def test_a_query_puts_a_place_where_one_in_hand_says_it_is():
    here, there = {"longitude": 4.39, "latitude": 45.43}, {"longitude": 4.4, "latitude": 45.44}
    office, nowhere = StructureFactory(**there), StructureFactory()
    ServiceFactory(name="à son point", structure=office, **here)
    ServiceFactory(name="à sa structure", structure=office)
    ServiceFactory(name="ailleurs", structure=office, address="3, rue Inventée")
    ServiceFactory(name="autre commune", structure=office, commune=territory("commune", NEIGHBOUR))
    ServiceFactory(name="sans rien", structure=nowhere)
    ServiceFactory(name="secret", structure=office, address_hidden=True)
    ServiceFactory(name="refuge", structure=ShelterFactory())
    placed = {one.name: (one.x, one.y) for one in Service.objects.placed()}
    own, office_at, unsaid = (4.39, 45.43), (4.4, 45.44), (None, None)
    assert placed == {
        "à son point": own, "à sa structure": office_at, "ailleurs": unsaid, "autre commune": unsaid,
        "sans rien": unsaid, "secret": unsaid, "refuge": unsaid,
    }  # fmt: skip
    for one in Service.objects.select_related("commune", "structure__commune"):
        known = placed[one.name]
        assert one.point == (known if known != unsaid else (one.commune.longitude, one.commune.latitude)), one.name


def test_words_are_found_without_accents_from_the_beginning_of_words():
    service = ServiceFactory(name="Écoute des élèves", structure=StructureFactory(name="Maison Prototype"))
    ServiceFactory(name="Autre chose")
    for text in ("ecoute", "ÉLÈV", "proto écou", "saint-etienne ecoute", "victimes maison"):
        assert list(Service.objects.matching(text)) == [service], text
    for text in ("coute", "ecoute absente"):
        assert list(Service.objects.matching(text)) == [], text
    assert Structure.objects.matching("proto").get() == service.structure


@pytest.mark.parametrize("factory", [StructureFactory, ServiceFactory])
def test_the_database_keeps_no_hidden_address(factory):
    row = factory()
    for field in ("address", "address_more", "postcode"):
        row.address = row.address_more = row.postcode = ""
        setattr(row, field, "42000")
        row.address_hidden = True
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


def test_of_a_hidden_address_the_commune_alone_is_shown():
    shelter = ShelterFactory()
    assert shelter.address_lines == ["Saint-Étienne"]
    assert ServiceFactory(structure=shelter).address_lines == ["Saint-Étienne"]
    # A refuge of an association that has an office: the office's address is not the refuge's.
    office = StructureFactory()
    assert ServiceFactory(structure=office).address_lines == ["12, rue des Essais", "42000 Saint-Étienne"]
    assert ServiceFactory(structure=office, address_hidden=True).address_lines == ["Saint-Étienne"]
    # Elsewhere than its structure, without an address of its own: the structure's would mislead.
    away = ServiceFactory(structure=office, commune=territory("commune", ELSEWHERE))
    assert away.address_lines == ["Roanne"]


@pytest.mark.parametrize(
    "phone, shown", [("0199001234", "01 99 00 12 34"), ("3919", "39 19"), ("116006", "116 006"), ("115", "115")]
)
def test_numbers_are_grouped_as_they_are_read(phone, shown):
    assert phone_shown(phone).replace("\u00a0", " ") == shown


def test_closed_lists_hold_together():
    themes = closed_list("thematiques")
    assert len(kinds()) > 20
    assert [kind.key for kind in kinds().values() if set(kind.themes) - set(themes)] == []
    assert [kind.key for kind in kinds().values() if kind.secret] == ["shelter", "trafficked_minors"]
    assert closed_list("publics")["tous-publics"] == "Tous publics"
