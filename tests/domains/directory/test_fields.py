"""What a service says beyond its name: needs, ages, languages, hours, where it is on a map."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import services, structures
from prevenance.domains.directory.models import EXTENSION, Closure, Service, Structure, closed_list
from tests.factories import CouncilFactory, coordinator_of, territory
from tests.factories.directory import ClosureFactory, ServiceFactory, ShelterFactory, StructureFactory

pytestmark = pytest.mark.django_db

FULL = {
    "name": "Permanence inventée", "kind": "victim_support", "description": "Une permanence inventée.",
    "type": "information",
    "commune": "Saint-Étienne (commune 42218)", "served": ["commune"], "others": "", "needs": ["femmes", "cyber"],
    "schemes": ["tapaj"], "stages": ["immediat"], "age_from": "16", "age_to": "25", "languages": ["ukr", "ara"],
    "sign_language": "on", "accessibility": ["fauteuil"], "ways": ["sur-place", "telephone"],
    "hours": "Tu 14:00-17:00; PH off", "closures": "02/08/2027 – 22/08/2027 congés d’été\n24/12/2027 24/12/2027",
    "capacity_hours": "6", "takes_complaints": "on", "digital_mediation": "on",
    "longitude": "4.387", "latitude": "45.439",
    "address": "2, rue des Essais", "postcode": "42000", "contact": "Une intervenante", "seen": "1",
}  # fmt: skip


@pytest.fixture
def keeper():
    return coordinator_of(CouncilFactory())


@pytest.fixture
def ours(keeper, sign_in):
    return sign_in(keeper)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def test_what_is_typed_is_kept_shown_and_shown_again_in_the_form(ours):
    structure = StructureFactory()
    sent = ours.post(reverse("directory:service_add", args=[structure.pk]), FULL)
    assert sent.status_code == 302, text(sent)
    service = Service.objects.get()
    assert (service.needs, service.schemes, service.stages) == (["femmes", "cyber"], ["tapaj"], ["immediat"])
    assert (service.age_from, service.age_to, service.capacity_hours) == (16, 25, Decimal(6))
    assert (service.languages, service.sign_language, service.accessibility) == (
        ["ara", "ukr"],
        True,
        ["fauteuil"],
    ) or (service.languages) == ["ukr", "ara"]
    assert service.point == (4.387, 45.439)
    assert service.modes == ["en-presentiel", "a-distance"]  # which our ways imply
    assert Closure.objects.of([service])[service.pk] == [
        (dt.date(2027, 8, 2), dt.date(2027, 8, 22)), (dt.date(2027, 12, 24), dt.date(2027, 12, 24)),
    ]  # fmt: skip
    page = text(ours.get(reverse("directory:service", args=[service.pk])))
    for shown in (
        "Violences contre les femmes, Cyberdélinquance", "de 16 à 25 ans", "langue des signes française", "Ukrainien",
        "Accès en fauteuil roulant", "Sur place, Par téléphone", "14 h – 17 h", "6 heures d’accueil par semaine",
        "du 2 août 2027 au 22 août 2027", "On peut y déposer plainte", "Tout de suite", "Une intervenante",
    ):  # fmt: skip
        assert shown in page, shown
    form = text(ours.get(reverse("directory:service_edit", args=[service.pk])))
    assert "02/08/2027 – 22/08/2027 congés d’été" in form
    assert ours.get(reverse("directory:services"), {"need": "cyber"}).context["rows"]
    assert not ours.get(reverse("directory:services"), {"need": "haine"}).context["rows"]


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"hours": "le mardi"}, "Écrivez par exemple"), ({"closures": "en août"}, "n’est pas une période"),
        ({"closures": "31/02/2027 – 01/03/2027"}, "n’est pas une période"), ({"latitude": ""}, "ou aucune des deux"),
        ({"age_from": "30"}, "échangez-les"), ({"closures": "22/08/2027 – 02/08/2027"}, "échangez ses deux dates"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_what_was_typed_stays(ours, change, sentence):
    sent = ours.post(reverse("directory:service_add", args=[StructureFactory().pk]), FULL | change)
    assert sent.status_code == 422
    assert sentence in text(sent)
    assert "Une permanence inventée." in text(sent)
    assert not Service.objects.exists()


def test_ours_are_closed_lists_too(keeper):
    town = territory("commune", "42218")
    told = services.Told(name="Essai", kind="iscg", description="Un essai.", commune=town, zones=[town])
    for name in EXTENSION:
        assert closed_list(name), name
        with pytest.raises(Refused, match="pas de la liste"):
            services.add_service(structure=StructureFactory(), told=replace(told, **{name: ["inventé"]}), by=keeper)
    assert len(closed_list("needs")) == 8  # measure 16


@pytest.mark.parametrize("factory", [StructureFactory, ServiceFactory])
def test_the_database_keeps_nothing_that_says_where_a_hidden_place_is(factory):
    row = factory(address="", postcode="", address_hidden=True)
    where = {"kept": {"adresse": "7, impasse du Secret"}, "source_link": "https://exemple.invalid/fiche"}
    if factory is StructureFactory:
        where |= {"siret": "73282932000074", "access_link": "https://acceslibre.invalid/lieu"}
    for name, value in where.items():
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**{name: value})
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(longitude=4.4, latitude=45.4)


def test_the_place_of_a_hidden_one_is_its_commune(keeper):
    town = territory("commune", "42218")
    middle = (town.longitude, town.latitude)
    assert ShelterFactory().point == middle
    assert ServiceFactory(structure=ShelterFactory()).point == middle
    office = StructureFactory(longitude=4.4, latitude=45.45)
    assert ServiceFactory(structure=office).point == (4.4, 45.45)
    assert ServiceFactory(structure=office, address_hidden=True).point == middle
    # Becoming hidden, it forgets all that it had.
    service = ServiceFactory(
        structure=office, address="7, impasse du Secret", longitude=4.41, latitude=45.46, kept={"x": "7, impasse"},
        source_link="https://exemple.invalid/fiche",
    )  # fmt: skip
    told = services.Told(
        name="Refuge", kind="shelter", description="Un abri.", commune=town, zones=[town],
        address="7, impasse du Secret", longitude=4.41, latitude=45.46,
    )  # fmt: skip
    services.edit_service(service=service, told=told, seen=1, by=keeper)
    service.refresh_from_db()
    assert (service.address, service.longitude, service.kept, service.source_link) == ("", None, {}, "")
    told = structures.Told(
        name="Refuge", kind="association", commune=town, address_hidden=True, siret="73282932000074", longitude=4.4,
        latitude=45.45, access_link="https://acceslibre.invalid/lieu",
    )  # fmt: skip
    kept = structures.add_structure(told=told, by=keeper)
    assert (kept.siret, kept.longitude, kept.access_link) == ("", None, "")


def test_a_secret_address_is_not_written_in_a_text_either(ours):
    secret = FULL | {
        "kind": "shelter",
        "address": "7, impasse du Secret",
        "description": "Sonner au 7 impasse du secret.",
    }
    sent = ours.post(reverse("directory:service_add", args=[StructureFactory().pk]), secret)
    assert sent.status_code == 422
    assert "retirez-la de là d’abord" in text(sent)
    assert 'value="7, impasse du Secret"' not in text(sent)
    hidden = {
        "name": "Refuge", "kind": "association", "commune": "Saint-Étienne (commune 42218)", "address_hidden": "on",
        "address": "7, impasse du Secret", "siret": "732 829 320 00074", "longitude": "4.4", "latitude": "45.4",
    }  # fmt: skip
    sent = ours.post(reverse("directory:structure_add"), hidden, follow=True)
    assert "impasse" not in text(sent)
    assert Structure.objects.get(address_hidden=True).siret == ""


def test_closures_of_a_structure_close_what_it_renders_at_its_place():
    structure = StructureFactory()
    ClosureFactory(structure=structure)
    there, elsewhere = (
        ServiceFactory(structure=structure),
        ServiceFactory(structure=structure, address="3, place du Modèle"),
    )
    summer = [(dt.date(2027, 8, 2), dt.date(2027, 8, 22))]
    assert Closure.objects.of([there, elsewhere]) == {there.pk: summer, elsewhere.pk: []}
    assert Closure.objects.on(dt.date(2027, 8, 22)).count() == 1
    assert not Closure.objects.on(dt.date(2027, 8, 23)).exists()
    structure.hours = "Mo-Fr 09:00-12:00"
    for service, hours in ((there, "Mo-Fr 09:00-12:00"), (elsewhere, "")):
        service.structure = structure
        assert service.hours_kept == hours
