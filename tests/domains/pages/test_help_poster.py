"""The poster and the leaflet of a commune: tagged, with a code that leads to the page, without a hidden address."""

import io

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import territory
from tests.factories.directory import ServiceFactory, ShelterFactory

pytestmark = pytest.mark.django_db

POSTER = reverse("pages:help_poster")


def printed(shape, commune="42218"):
    response = Client(enforce_csrf_checks=True).post(POSTER, {"commune": commune, "shape": shape})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "no-store"
    return response.content


def words(content):
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_leaflet_names_services_and_the_poster_numbers_only():
    ServiceFactory(name="Écoute inventée")
    shelter = ShelterFactory(commune=territory("commune", "42187"))
    ServiceFactory(
        name="Refuge", kind="shelter", structure=shelter, address_hidden=True, zones=[territory("departement", "42")]
    )
    reader, said = words(printed("leaflet"))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "Écoute inventée" in said
    assert "12, rue des Essais" in said
    assert "Refuge" in said
    assert "Adresse donnée de vive voix" in said
    assert "Roanne" not in said
    assert "116" in said
    _reader, said = words(printed("poster"))
    assert "Écoute inventée" not in said
    assert "/aide/" in said


@pytest.mark.parametrize("commune", ["42218", "97611", "Nouméa", "Papeete"])
def test_the_poster_is_one_sheet_wherever_it_hangs(commune):
    """Overseas, some numbers take one line more."""
    reader, said = words(printed("poster", commune))
    assert len(reader.pages) == 1
    assert "/aide/" in said


def test_the_code_leads_to_the_page(settings, monkeypatch):
    made = []
    import segno

    real = segno.make
    monkeypatch.setattr(segno, "make", lambda text, **options: made.append(text) or real(text, **options))
    settings.PUBLIC_ADDRESS = "https://aide.exemple.invalid"
    printed("poster")
    assert made == ["https://aide.exemple.invalid/aide/"]


def test_a_wrong_commune_is_said():
    response = Client().post(POSTER, {"commune": "Nulle part du tout", "shape": "poster"})
    assert response.status_code == 422
    assert "Nulle part du tout" in response.content.decode()
