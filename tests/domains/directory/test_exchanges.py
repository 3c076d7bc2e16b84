"""Files of data.inclusion: what goes in comes out, every bad row is explained, a job killed midway is taken up."""

import datetime as dt
import gzip
import json
import os
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import jsonschema
import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from prevenance.core.audit import MACHINE
from prevenance.core.refusals import Refused
from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import exchanges as actions
from prevenance.domains.directory.actions import services as service_actions
from prevenance.domains.directory.actions import taking
from prevenance.domains.directory.forms.services import ServiceForm, values_of  # noqa: F401
from prevenance.domains.directory.models import Exchange, Service, Structure
from prevenance.domains.directory.rules import exchanges as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.directory.files import SERVICE, SOURCE, STRUCTURE, bring, file_of, plainly, said, take
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import ClosureFactory, ServiceFactory, StructureFactory

pytestmark = pytest.mark.django_db

SCHEMA = json.loads((Path(__file__).parent / "data_inclusion.json").read_text())
OURS = "prevenance_"
PLACES = cache(jobs.Places)


@pytest.fixture
def secretariat():
    return actor("national_secretariat", scope_of(territory("nation", "FR")))


@pytest.fixture(autouse=True)
def _places_read_once(monkeypatch):
    """Territories are reference data, the same for every test: a second each time would be minutes."""
    monkeypatch.setattr(jobs, "Places", PLACES)


@pytest.fixture
def keeper():
    return coordinator_of(CouncilFactory())


def test_what_goes_in_comes_out_and_in_again_the_same(secretariat):
    structure = STRUCTURE | {"score": 0.5, "doublons": [{"id": "autre--1"}]}  # fields that nobody here knows
    service = SERVICE | {"inconnu": {"a": [1, None]}, "_extra": "x"}
    first = bring(secretariat, [structure], [service])
    assert (first.state, first.created, first.left) == ("done", 2, 0)
    out = take(secretariat)
    assert [plainly(row) for row in out["structures"]] == [plainly(structure)]
    assert [plainly(row) for row in out["services"]] == [plainly(service)]
    for kind, name in (("structures", "structure"), ("services", "service")):
        for row in out[kind]:
            jsonschema.validate(row, SCHEMA[name])
    again = bring(secretariat, out["structures"], out["services"])
    assert (again.created, again.updated, again.same, again.left) == (0, 2, 0, 0)
    assert take(secretariat) == out
    once_more = bring(secretariat, out["structures"], out["services"])
    assert (once_more.updated, once_more.same) == (0, 2)
    kept = Service.objects.get()
    assert (kept.phone, kept.kind, kept.weeks, kept.source_id) == ("0199001235", "addiction", 6, "essai--v1")
    assert set(kept.zones.values_list("code", flat=True)) == {"42", "244200770"}


def test_a_csv_says_the_same_as_json(secretariat):
    unknown = {"inconnu": "=1+1", "code": "42000", "nombre": 0.5, "liste": [{"a": None}], "mot": "vrai", "vrai": True}
    bring(secretariat, [STRUCTURE | unknown], [SERVICE | {"nom": "=Atelier", "publics": None}])
    told = take(secretariat)
    texts = take(secretariat, format="csv")
    assert "'=Atelier" in texts["services"]  # which no spreadsheet computes
    assert "+33199001234" in texts["structures"]
    assert "'+33" not in texts["structures"]
    Service.objects.all().delete()
    Structure.objects.all().delete()
    again = bring(secretariat, texts["structures"].encode(), texts["services"].encode())
    assert (again.created, again.left) == (2, 0), said(again)
    assert take(secretariat) == told


@pytest.mark.parametrize(
    "written", ['["jeunes", "familles"]', "['jeunes', 'familles']", "{jeunes,familles}", "jeunes,familles"]
)
def test_lists_are_read_as_others_write_them_in_a_csv(secretariat, written):
    cell = written.replace('"', '""')
    lines = [
        "source;structure_id;id;nom;description;date_maj;publics;longitude;latitude",
        f'essai;essai--s1;essai--v1;Atelier;Un atelier inventé;2026-03-03;"{cell}";4,39;45.44',
    ]
    done = bring(secretariat, [STRUCTURE], "\r\n".join(lines).encode("utf-8-sig"))
    assert done.left == 0, said(done)
    service = Service.objects.get()
    assert service.audiences == ["jeunes", "familles"]
    assert service.point == (4.39, 45.44)


@pytest.mark.parametrize(
    "change, field, sentence",
    [
        ({"id": None}, "id", "obligatoire"), ({"source": "autre"}, "source", "d’une autre source"),
        ({"id": "v1"}, "id", "doit commencer par « essai-- »"), ({"structure_id": "essai--0"}, "structure_id",
        "Aucune structure"),
        ({"nom": "ab"}, "nom", "moins de 3"), ({"nom": 12}, "nom", "pas un texte"), ({"description": ""},
        "description", "obligatoire"),
        ({"date_maj": "02/03/2026"}, "date_maj", "pas une date"), ({"date_maj": "2999-01-01"}, "date_maj", "à venir"),
        ({"date_maj": "1999-01-01"}, "date_maj", "avant l’an 2000"), ({"nom": "Ate\u0000lier"}, "", "ne s’écrit pas"),
        ({"prevenance_age_min": 30, "prevenance_age_max": 20}, "prevenance_age_max", "plus petit"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_is_left_and_explained(secretariat, change, field, sentence):
    done = bring(secretariat, [STRUCTURE], [SERVICE | change, SERVICE | {"id": "essai--v2"}])
    assert (done.created, done.left) == (2, 1)
    why, left = said(done)[1, field]
    assert left
    assert sentence in why
    assert Service.objects.get().source_id == "essai--v2"


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"telephone": "appelez"}, "pas un numéro"), ({"courriel": "personne"}, "adresse électronique"),
        ({"publics": ["chats"]}, "pas de la liste « publics »"), ({"publics": ["tous-publics", "femmes"]},
        "avec aucune autre"),
        ({"frais": "cher"}, "pas de la liste « frais »"), ({"horaires_accueil": "le mardi"}, "syntaxe d’OpenStreetMap"),
        ({"zone_eligibilite": ["00000", "42"]}, "Aucun territoire n’a ces codes"), ({"longitude": None},
        "deux coordonnées"),
        ({"longitude": "4.39"}, "pas un nombre"), ({"latitude": 145.4}, "entre -90 et 90"), ({"nombre_semaines": 1.5},
        "entier"),
        ({"lien_mobilisation": "javascript:alert(1)"}, "http ou https"), ({"code_postal": "42"}, "cinq chiffres"),
        ({"prevenance_besoins": ["inventé"]}, "pas de la liste « needs »"), ({"prevenance_fermetures": "août"},
        "périodes"),
        ({"code_insee": "99999"}, "Aucune commune n’a ce code"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_put_aside_said_and_given_back(secretariat, change, sentence):
    done = bring(secretariat, [STRUCTURE], [SERVICE | change])
    assert done.left == 0, said(done)
    assert any(sentence in why for why, _left in said(done).values()), said(done)
    out = take(secretariat)["services"]
    for name, value in change.items():
        assert out[0][name] == value
    assert plainly(out[0]) == plainly(SERVICE | change)


def test_rows_of_a_wrong_shape_do_not_stop_the_others(secretariat):
    done = bring(secretariat, [STRUCTURE, "texte", None, STRUCTURE, STRUCTURE | {"id": "essai--s2", "code_insee": None,
                 "commune": None}, STRUCTURE | {"id": "essai--s3", "code_insee": None,
                 "commune": "St Étienne"}])  # fmt: skip
    sentences = said(done)
    assert (done.created, done.left) == (2, 4)
    assert "n’est pas un objet" in sentences[2, ""][0]
    assert "déjà dans le fichier" in sentences[4, "id"][0]
    assert "commune n’est pas trouvée" in sentences[5, "code_insee"][0]
    assert set(Structure.objects.values_list("source_id", flat=True)) == {"essai--s1", "essai--s3"}


def test_old_codes_lead_to_todays_communes_and_come_back_as_they_were(secretariat):
    row = STRUCTURE | {"code_insee": "69383", "commune": "Lyon 3e"}
    bring(secretariat, [row], [SERVICE | {"code_insee": None, "commune": None, "zone_eligibilite": None}])
    assert Structure.objects.get().commune.code == "69123"
    service = Service.objects.get()
    assert service.commune.code == "69123"  # where its structure is
    assert set(service.zones.values_list("code", flat=True)) == {"69"}  # nothing said: its département
    out = take(secretariat)
    assert (out["structures"][0]["code_insee"], out["structures"][0]["commune"]) == ("69383", "Lyon 3e")
    assert (out["services"][0]["code_insee"], out["services"][0]["zone_eligibilite"]) == (None, None)


def test_what_is_changed_here_goes_out_as_it_is_here(secretariat, keeper):
    bring(secretariat, [STRUCTURE], [SERVICE | {"prevenance_besoins": ["femmes"]}])
    service = Service.objects.get()
    told = service_actions.Told(
        name="Autre nom", kind="addiction", description="Autrement.", commune=territory("commune", "42207"),
        zones=[territory("commune", "42207")], phone="01 99 00 99 99", needs=["haine"],
    )  # fmt: skip
    service_actions.edit_service(service=service, told=told, seen=1, by=secretariat)
    out = take(secretariat)["services"][0]
    assert (out["nom"], out["telephone"], out["commune"]) == ("Autre nom", "+33199009999", "Saint-Chamond")
    assert (out["zone_eligibilite"], out["prevenance_besoins"]) == (["42207"], ["haine"])
    # The same row again changes nothing here; a newer one does, but for what it does not speak of.
    assert bring(secretariat, services=[SERVICE | {"prevenance_besoins": ["femmes"]}]).same == 1
    assert Service.objects.get().name == "Autre nom"
    assert bring(secretariat, services=[SERVICE | {"date_maj": "2026-05-01"}]).updated == 1
    service.refresh_from_db()
    assert (service.name, service.needs) == ("Atelier inventé", ["haine"])


def test_what_is_inscribed_here_goes_out_with_its_needs_and_closures(secretariat):
    structure = StructureFactory()
    service = ServiceFactory(structure=structure, needs=["cyber"], sign_language=True, age_from=16)
    ClosureFactory(service=service)
    ServiceFactory(structure=structure, closed_on=timezone.localdate())
    out = take(secretariat, source="")
    row = out["services"][0]
    assert len(out["services"]) == 1
    assert (row["source"], row["id"], row["structure_id"]) == (
        "prevenance", f"prevenance--{service.key}", f"prevenance--{structure.key}",
    )  # fmt: skip
    assert row["thematiques"] == ["difficultes-administratives-ou-juridiques--accompagnement-pour-lacces-aux-droits"]
    assert (row["prevenance_besoins"], row["prevenance_lsf"], row["prevenance_age_min"]) == (["cyber"], True, 16)
    assert row["prevenance_fermetures"] == [{"debut": "2027-08-02", "fin": "2027-08-22", "motif": "congés d’été"}]
    jsonschema.validate(row, SCHEMA["service"])
    jsonschema.validate(out["structures"][0], SCHEMA["structure"])
    # Elsewhere, under the name of who publishes it, it says the same.
    there = json.loads(json.dumps(out).replace("prevenance--", "ailleurs--").replace('"prevenance"', '"ailleurs"'))
    done = bring(secretariat, there["structures"], there["services"], source="ailleurs")
    assert done.left == 0, said(done)
    assert [row | {"source": 0} for row in take(secretariat, source="ailleurs")["services"]] == [
        row | {"source": 0} for row in there["services"]
    ]


# ------------------------------------------------------------------------------------------------ who, and again


def test_each_in_their_territory_and_a_source_has_one_keeper(secretariat, keeper):
    away = STRUCTURE | {"id": "essai--s2", "code_insee": "42187", "commune": "Roanne"}
    done = bring(keeper, [STRUCTURE, away])
    assert (done.created, done.left) == (1, 1)
    assert "Roanne n’est pas dans votre territoire" in said(done)[2, "code_insee"][0]
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    with pytest.raises(Refused, match="tenue par"):
        actions.start_import(source=SOURCE, files={"structures": file_of([away])}, by=stranger)
    assert bring(secretariat, [STRUCTURE, away]).created == 1
    # A row that is elsewhere is not drawn here by a file.
    done = bring(keeper, [away | {"code_insee": "42218", "commune": "Saint-Étienne"}])
    assert "d’un autre territoire" in said(done)[1, "id"][0]
    with pytest.raises(Refused, match="ce qui est inscrit ici"):
        actions.start_import(source="prevenance", files={}, by=secretariat)
    with pytest.raises(Refused, match="L’annuaire est tenu par"):
        actions.start_import(source="x", files={}, by=actor("mediator", scope_of(territory("commune", "42218"))))


@pytest.mark.parametrize("rows", [[], ["texte"]])
def test_a_file_that_writes_nothing_does_not_take_a_source(secretariat, keeper, rows):
    bring(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))), rows)
    assert rules.holder_of(SOURCE) is None
    done = bring(keeper, [STRUCTURE])
    assert (done.created, rules.holder_of(SOURCE)) == (1, done)


def test_a_file_of_a_source_touches_no_other_row(secretariat):
    ours = ServiceFactory()
    bring(secretariat, [STRUCTURE], [SERVICE])
    bring(secretariat, [STRUCTURE | {"source": "autre", "id": "autre--1"}], source="autre")
    done = bring(secretariat, [STRUCTURE | {"source": "autre", "id": "essai--s1", "nom": "Détournée"}], source="autre")
    assert done.left == 1
    assert done.absent == 1
    assert not Structure.objects.filter(name="Détournée").exists()
    ours.refresh_from_db()
    assert ours.edit == 1


def test_what_is_no_longer_in_the_file_is_named_and_stays(secretariat):
    bring(secretariat, [STRUCTURE], [SERVICE, SERVICE | {"id": "essai--v2"}])
    done = bring(secretariat, [STRUCTURE], [SERVICE])
    assert done.absent == 1
    assert "n’est plus dans le fichier" in said(done)[0, ""][0].lower()
    assert Service.objects.count() == 2


@pytest.mark.parametrize(
    "data, sentence",
    [
        (b"", "vide"), (b'[{"a": 1}, {"b": ', "après son enregistrement 1"), ("é".encode("latin-1") * 9, "UTF-8"),
        (b"PK\x03\x04 rien", "abîmé"), (gzip.compress(b"[]", mtime=0)[:-9], "abîmé"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_and_writes_nothing(secretariat, data, sentence):
    done = bring(secretariat, [STRUCTURE], data)
    assert done.state == "stopped"
    assert sentence in done.reason.replace("\u00a0", " ")
    assert not Structure.objects.exists()
    assert not default_storage.exists(rules.place_of(done, "structures"))


def test_compressed_files_are_read(secretariat):
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("dossier/structures-2026.json", json.dumps([STRUCTURE]))
        members.writestr("services-2026.json", json.dumps([SERVICE]))
    done = bring(secretariat, archive.getvalue(), archive.getvalue())
    assert (done.created, done.left) == (2, 0)
    assert bring(secretariat, gzip.compress(file_of([STRUCTURE]).read())).same == 1


def test_a_job_stopped_in_the_middle_is_taken_up_without_doing_anything_twice(secretariat, monkeypatch):
    monkeypatch.setattr(jobs, "BATCH", 2)
    rows = [SERVICE | {"id": f"essai--v{number}"} for number in range(5)]
    exchange = actions.start_import(
        source=SOURCE, files={"structures": file_of([STRUCTURE]), "services": file_of([*rows, rows[0]])}, by=secretariat
    )
    real, calls = jobs.take_batch, []

    def dies(**told):
        if len(calls) == 2:
            raise KeyboardInterrupt  # the worker is killed between two batches
        calls.append(told["start"])
        return real(**told)

    monkeypatch.setattr(jobs, "take_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_exchange.func(exchange=exchange.pk)
    exchange.refresh_from_db()
    assert (exchange.state, exchange.done_services, exchange.total_services) == ("running", 2, 6)
    # Nothing is taken up while it may still be at work; after a silence, it is.
    monkeypatch.setattr(jobs, "take_batch", real)
    jobs.resume_exchanges.func(timestamp=0)
    exchange.refresh_from_db()
    assert exchange.resumed == 0
    Exchange.objects.update(beat_at=timezone.now() - dt.timedelta(minutes=10))
    jobs.resume_exchanges.func(timestamp=0)
    jobs.run_exchange.func(exchange=exchange.pk)
    exchange.refresh_from_db()
    assert (exchange.state, exchange.resumed, exchange.created, exchange.left) == ("done", 1, 6, 1)
    assert Service.objects.count() == 5
    assert "déjà dans le fichier" in said(exchange)[6, "id"][0]
    # A second run of the same job finds nothing to do, and what two would write, one alone writes.
    jobs.run_exchange.func(exchange=exchange.pk)
    with pytest.raises(Stale):
        taking.take_batch(
            exchange=exchange, kind="services", start=0, records=[], places=None, seen=set(), by=secretariat
        )


def test_an_import_that_always_stops_is_given_up_and_its_files_erased(secretariat, django_capture_on_commit_callbacks):
    exchange = actions.start_import(source=SOURCE, files={"structures": file_of([STRUCTURE])}, by=secretariat)
    Exchange.objects.update(beat_at=timezone.now() - dt.timedelta(minutes=10), resumed=5)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.resume_exchanges.func(timestamp=0)
    exchange.refresh_from_db()
    assert exchange.state == "stopped"
    assert "plusieurs fois" in exchange.reason
    assert not default_storage.exists(rules.place_of(exchange, "structures"))


def test_a_mandate_that_ended_brings_nothing_in(secretariat):
    exchange = actions.start_import(source=SOURCE, files={"structures": file_of([STRUCTURE])}, by=secretariat)
    secretariat.mandate.withdrawn_at = timezone.now()
    secretariat.mandate.save()
    jobs.run_exchange.func(exchange=exchange.pk)
    exchange.refresh_from_db()
    assert "a pris fin" in exchange.reason
    assert not Structure.objects.exists()


def test_files_and_what_was_said_are_erased_after_their_days(secretariat, django_capture_on_commit_callbacks):
    done = bring(secretariat, [STRUCTURE, "x"])
    take(secretariat)
    Exchange.objects.update(finished_at=timezone.now() - dt.timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        jobs.erase_exchanges.func(timestamp=0)
    assert set(Exchange.objects.values_list("state", flat=True)) == {"erased"}
    assert not done.problems.exists()
    assert not default_storage.exists(rules.place_of(Exchange.objects.get(direction="out")))


def test_a_file_stays_when_what_ends_its_exchange_is_undone(secretariat):
    exchange = actions.start_import(source=SOURCE, files={"structures": file_of([STRUCTURE])}, by=secretariat)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.stop_exchange(exchange=exchange, reason="Essai.", by=MACHINE)
        raise ZeroDivisionError
    exchange.refresh_from_db()
    assert exchange.state == "waiting"
    assert default_storage.exists(rules.place_of(exchange, "structures"))


def test_files_that_no_exchange_uses_are_swept_at_night_once_a_day_old(secretariat):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        lost = actions.start_import(source=SOURCE, files={"structures": file_of([STRUCTURE])}, by=secretariat)
        raise ZeroDivisionError
    take(secretariat)
    exported = rules.place_of(Exchange.objects.get())
    waiting = actions.start_import(source=SOURCE, files={"structures": file_of([STRUCTURE])}, by=secretariat)
    places = [rules.place_of(lost, "structures"), exported, rules.place_of(waiting, "structures")]
    jobs.erase_exchanges.func(timestamp=0)
    assert [default_storage.exists(place) for place in places] == [True, True, True]
    for place in places:
        old = (timezone.now() - dt.timedelta(days=2)).timestamp()
        os.utime(default_storage.path(place), (old, old))
    jobs.erase_exchanges.func(timestamp=0)
    assert [default_storage.exists(place) for place in places] == [False, True, True]
