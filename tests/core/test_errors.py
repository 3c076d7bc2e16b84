"""What goes wrong is said in French, and what was typed is given back, to our own pages only."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


def test_a_stale_form_of_ours_can_be_sent_again(strict):
    response = strict.post(
        reverse("accounts:sign_in"), {"username": "camille@exemple.invalid", "note": "déjà tapé"},
        headers={"origin": "http://testserver"},
    )  # fmt: skip
    assert response.status_code == 403
    assert "déjà tapé" in response.content.decode()
    assert "csrfmiddlewaretoken" in response.content.decode()


@pytest.mark.parametrize("origin", ["https://ailleurs.invalid", "null", ""])
def test_a_form_from_elsewhere_gets_nothing_back(strict, origin):
    response = strict.post(
        reverse("accounts:sign_in"), {"note": "glissé d’ailleurs"}, headers={"origin": origin} if origin else {}
    )
    assert response.status_code == 403
    assert "glissé d’ailleurs" not in response.content.decode()


def test_passwords_are_never_given_back(strict):
    response = strict.post(
        reverse("accounts:sign_in"), {"username": "a@b.invalid", "password": "mon-secret-tapé"},
        headers={"origin": "http://testserver"},
    )  # fmt: skip
    assert "mon-secret-tapé" not in response.content.decode()


def test_an_unknown_address_says_where_to_go(client):
    response = client.get("/nulle-part/")
    assert response.status_code == 404
    assert "introuvable" in response.content.decode().lower() or "n’existe" in response.content.decode()


def test_pages_of_errors_are_not_kept_by_browsers(client):
    assert client.get("/nulle-part/")["Cache-Control"] == "no-store"


def test_typed_text_is_escaped(strict):
    response = strict.post(
        reverse("accounts:sign_in"),
        {"note": "<script>alert('x')</script> et une suite assez longue pour être montrée"},
        headers={"origin": "http://testserver"},
    )  # fmt: skip
    assert "<script>alert" not in response.content.decode()
