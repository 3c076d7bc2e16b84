"""Support of a family in a CDDF: its order, what bars it, who decides, the certificate read back, and its wall."""

import datetime as dt
import io
import re

import pypdf
import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.followup.actions import families as actions
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.models import FamilyPath, Involvement
from prevenance.domains.governance.rules.councils import Stale
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db

ALL = ["dasen", "school", "caf", "prefect"]


class Family:
    """A CDDF with a family's file, its coordinator, and the mayor who presides and takes part."""

    def __init__(self):
        self.here = Compartment(kind="CDDF")
        self.mayor = self.here.member("mayor", self.here.council.scope.holder)
        self.file = self.here.file()
        for who in (self.mayor, self.here.coordinator):
            Involvement.objects.create(
                followup=self.file, body=self.here.body, person=who.person, kind=Involvement.Kind.CONCERNED,
                proposed_by=self.here.coordinator.person, accepted_at=timezone.now(),
                valid_from=timezone.localdate(),
            )  # fmt: skip
        self.here.acting(self.here.coordinator)

    def begin(self, **values):
        given = {"origin": "attendance", "measure": False, "checked_on": timezone.localdate()}
        return actions.begin_path(followup=self.file, by=self.here.coordinator, **(given | values))

    def move(self, path, stage, codes=(), by=None, day=None):
        who = self.here.acting(by or self.here.coordinator)
        day = day or timezone.localdate()
        return actions.move_path(path=path, stage=stage, day=day, codes=list(codes), seen=path.edit, by=who)


@pytest.fixture
def family():
    return Family()


def test_its_path_to_the_certificate_and_the_end(family):
    path = family.move(family.begin(), "consultation")
    path = family.move(path, "proposition", by=family.mayor)
    path = family.move(path, "avis", ["favourable"])
    path = family.move(path, "information", ALL)
    path = family.move(path, "attestation", ["attendance", "meetings"], by=family.mayor)
    path = family.move(path, "fin", ["done"])
    said = opened_values(path, key_of(family.file))
    assert (said["origin"], said["opinion"], said["end_reason"]) == ("attendance", "favourable", "done")
    assert (path.proposed_by, path.attested_by) == (family.mayor.person, family.mayor.person)
    assert family.begin().pk != path.pk  # another may begin once the first has ended


def test_a_measure_in_progress_bars_it_and_nothing_is_written(family):
    with pytest.raises(Refused, match="assistance éducative est en cours"):
        family.begin(measure=True)
    assert not FamilyPath.objects.exists()


def test_the_council_decides_nothing(family):
    path = family.move(family.begin(), "consultation")
    with pytest.raises(Refused, match="ne décide rien"):
        family.move(path, "proposition")
    path = family.move(path, "proposition", by=family.mayor)
    path = family.move(family.move(path, "avis", ["reserved"]), "information", ALL)
    with pytest.raises(Refused, match="ne décide rien"):
        family.move(path, "attestation", ["attendance"])


def test_the_council_is_consulted_first_unless_the_parents_ask(family):
    path = family.begin()
    with pytest.raises(Stale, match="pas encore"):
        family.move(path, "proposition", by=family.mayor)
    family.move(path, "fin", ["declined"])
    assert family.move(family.begin(origin="parents"), "proposition", by=family.mayor).proposed_on


def test_every_service_named_by_the_law_is_informed_and_codes_are_closed(family):
    path = family.move(family.move(family.begin(), "consultation"), "proposition", by=family.mayor)
    for codes in ([], ["prison"]):
        with pytest.raises(Refused):
            family.move(path, "avis", codes)
    path = family.move(path, "avis", ["favourable"])
    with pytest.raises(Refused, match="tous informés"):
        family.move(path, "information", ["dasen"])
    with pytest.raises(Refused, match="à venir"):
        family.move(path, "information", ALL, day=timezone.localdate() + dt.timedelta(days=1))
    with pytest.raises(Refused, match="précède"):
        family.move(path, "information", ALL, day=timezone.localdate() - dt.timedelta(days=1))


def test_a_second_click_and_a_second_path_are_told(family):
    path = family.begin()
    with pytest.raises(Stale, match="déjà en cours"):
        family.begin()
    family.move(path, "consultation")
    with pytest.raises(Stale):
        family.move(path, "consultation")


def test_another_group_has_no_such_path_not_even_by_sql():
    group = Compartment()
    file = group.file(by=group.coordinator)
    with pytest.raises(Refused, match="dans un CDDF"):
        actions.begin_path(
            followup=file, origin="parents", measure=False, checked_on=timezone.localdate(), by=group.coordinator
        )
    with pytest.raises(DatabaseError, match="supported in a CDDF"), transaction.atomic():
        FamilyPath.objects.create(followup=file, body=group.body, checked_on=timezone.localdate())


def test_the_wall_and_what_was_written(family):
    path = family.move(family.begin(), "consultation")
    elsewhere = Compartment("42187")
    assert not FamilyPath._base_manager.exists()
    elsewhere.acting(family.here.coordinator)
    assert FamilyPath._base_manager.get() == path
    for statement, match in (
        ("UPDATE followup_familypath SET consulted_on = consulted_on - 1, checked_on = checked_on - 1", "stays"),
        ("UPDATE followup_familypath SET attested_on = now(), attested_by_id = 1", "family_informed_then_attested"),
        ("DELETE FROM followup_familypath", "permission denied"),
    ):
        with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_its_screens_and_its_certificate(family, sign_in):
    desk = sign_in(family.here.coordinator)
    page = reverse("followup:family", args=[family.file.pk])
    assert "Vérifiez d’abord" in desk.get(page).content.decode()
    begin = reverse("followup:family_begin", args=[family.file.pk])
    today = timezone.localdate().isoformat()
    barred = desk.post(begin, {"measure": "yes", "origin": "parents", "checked_on": today})
    assert barred.status_code == 422
    assert "assistance éducative est en cours" in barred.content.decode()
    assert desk.post(begin, {"measure": "no", "origin": "attendance", "checked_on": today}).status_code == 302

    def go(desk, stage, **values):
        seen = FamilyPath._base_manager.get().edit
        return desk.post(
            reverse("followup:family_stage", args=[family.file.pk, stage]), {"seen": seen, "day": today} | values
        )

    assert go(desk, "consultation").status_code == 302
    assert go(desk, "proposition").status_code == 403
    assert "ne décide rien" in desk.get(page).content.decode()  # on the disabled button
    mayor = sign_in(family.mayor)
    assert go(mayor, "proposition").status_code == 302
    assert go(mayor, "avis").status_code == 422
    assert go(mayor, "avis", codes="favourable").status_code == 302
    assert go(mayor, "avis", codes="favourable").status_code == 409
    assert go(mayor, "information", codes=ALL).status_code == 302
    certificate = reverse("followup:family_certificate", args=[family.file.pk])
    assert mayor.get(certificate).status_code == 404
    assert go(mayor, "attestation", codes=["attendance"]).status_code == 302
    answer = mayor.get(certificate)
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    words = re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in reader.pages))
    for said in ("Inès Inventée-Zéphyr", "assiduité scolaire", "L141-2", family.mayor.person.name):
        assert said in words
    assert "Inventée" not in (reader.metadata.title or "") + answer["Content-Disposition"]
    assert "Attestation (PDF)" in mayor.get(page).content.decode()
    stranger = sign_in(Compartment("42187").coordinator)
    for address in (page, begin, certificate):
        assert stranger.get(address).status_code == 404
