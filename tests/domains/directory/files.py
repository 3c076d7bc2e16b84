"""Files of data.inclusion for tests: plainly invented rows of a source, brought in and taken out by the jobs."""

import io
import json
import zipfile

from django.core.files.storage import default_storage
from django.test import TestCase

from prevenance.domains.directory import jobs
from prevenance.domains.directory.actions import exchanges as actions
from prevenance.domains.directory.models import Exchange
from prevenance.domains.directory.rules import exchanges as rules
from prevenance.domains.directory.rules.inclusion.fields import PREFIX

SOURCE = "essai"
STRUCTURE = {
    "source": SOURCE, "id": "essai--s1", "nom": "Maison inventée", "date_maj": "2026-03-02",
    "description": "Une maison inventée.", "siret": "73282932000074", "commune": "SAINT ETIENNE",
    "code_postal": "42000", "code_insee": "42218", "adresse": "12, rue des Essais", "complement_adresse": None,
    "longitude": 4.387, "latitude": 45.439, "telephone": "+33199001234", "courriel": "accueil@exemple.fr",
    "site_web": "https://exemple.fr",
    "horaires_accueil": "Mo-Fr 08:30-12:30; PH off", "accessibilite_lieu": None,
    "reseaux_porteurs": ["mission-locale"], "lien_source": "https://exemple.fr/s1",
}  # fmt: skip
SERVICE = {
    "source": SOURCE, "structure_id": "essai--s1", "id": "essai--v1", "nom": "Atelier inventé",
    "description": "Un atelier inventé, deux fois par semaine.", "lien_source": "https://exemple.fr/v1",
    "date_maj": "2026-03-03", "type": "atelier", "thematiques": ["sante--addictions", "remobilisation--lien-social"],
    "frais": "gratuit", "frais_precisions": None, "publics": ["jeunes", "familles"],
    "publics_precisions": "De 16 à 25 ans", "conditions_acces": "Sur rendez-vous", "commune": "Saint-Étienne",
    "code_postal": "42000", "code_insee": "42218",
    "adresse": "14, rue des Essais", "complement_adresse": "Bâtiment B", "longitude": 4.39, "latitude": 45.44,
    "telephone": "01 99 00 12 35", "courriel": None, "modes_accueil": ["en-presentiel"],
    "zone_eligibilite": ["42", "244200770"], "contact_nom_prenom": "Une personne", "lien_mobilisation": None,
    "modes_mobilisation": ["telephoner"], "mobilisable_par": ["usagers"], "mobilisation_precisions": None,
    "volume_horaire_hebdomadaire": 2, "nombre_semaines": 6, "horaires_accueil": "Tu 14:00-17:00",
}  # fmt: skip


def file_of(rows):
    return io.BytesIO(json.dumps(rows, ensure_ascii=False).encode())


def bring(by, structures=None, services=None, source=SOURCE):
    """An import, done. Rows, or the bytes of a file."""
    files = {
        kind: file_of(told) if isinstance(told, list) else io.BytesIO(told)
        for kind, told in (("structures", structures), ("services", services))
        if told is not None
    }
    exchange = actions.start_import(source=source, files=files, by=by)
    with TestCase.captureOnCommitCallbacks(execute=True):
        jobs.run_exchange.func(exchange=exchange.pk)
    exchange.refresh_from_db()
    return exchange


def take(by, format="json", source=SOURCE, territory=None):
    """{"structures": …, "services": …} of an export: rows in JSON, text in CSV."""
    exchange = actions.start_export(format=format, source=source, territory=territory, by=by)
    jobs.run_exchange.func(exchange=exchange.pk)
    exchange.refresh_from_db()
    assert exchange.state == Exchange.State.DONE, exchange.reason
    with default_storage.open(rules.place_of(exchange)) as file, zipfile.ZipFile(file) as archive:
        found = {name.split(".")[0]: archive.read(name) for name in archive.namelist()}
    return {kind: json.loads(data) if format == "json" else data.decode() for kind, data in found.items()}


def said(exchange):
    """{(row, field): (sentence, left)}."""
    return {
        (problem.number, problem.field): (problem.sentence.replace("\u00a0", " "), problem.is_left)
        for problem in exchange.problems.all()
    }


def plainly(row):
    """A row without our fields, nor those that say nothing."""
    return {name: value for name, value in row.items() if not name.startswith(PREFIX) and value not in (None, "", [])}
