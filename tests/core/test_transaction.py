"""One transaction a request: it writes, it fails, nothing is found; a refusal is remembered all the same."""

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import include, path

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused, reason
from prevenance.core.transaction import StreamedResponse
from prevenance.domains.accounts.acting import public
from prevenance.domains.accounts.models import Organisation
from tests.factories import CouncilFactory, coordinator_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def write():
    Organisation.objects.create(name="Écrite pendant la requête")


@public
def writes(request):
    write()
    return HttpResponse("ok")


@public
def writes_and_raises(request):
    write()
    raise RuntimeError("defect")


@public
def writes_and_says_500(request):
    write()
    return HttpResponse(status=502)


@public
def writes_and_is_refused(request):
    write()
    raise Refused("La plénière est déjà convoquée.")


@public
def writes_and_is_not_found(request):
    write()
    return HttpResponse(status=404)


@public
def streams(request):
    return StreamingHttpResponse([b"late"])


@public
def loses_the_database(request):
    write()
    raise OperationalError("server closed the connection unexpectedly")


def tells_the_mandate(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('prevenance.mandate', true)")
        return HttpResponse(cursor.fetchone()[0] or "nobody")


@public
def tells_the_mandate_to_all(request):
    who = "somebody" if request.actor.signed_in else "nobody"
    return HttpResponse(f"{tells_the_mandate(request).content.decode()}, {who}")


urlpatterns = [
    path("who/public/", tells_the_mandate_to_all),
    path("w/", writes, name="writes"),
    path("wr/", writes_and_raises),
    path("w5/", writes_and_says_500),
    path("wx/", writes_and_is_refused, name="refusing"),
    path("w4/", writes_and_is_not_found),
    path("s/", streams),
    path("gone/", loses_the_database),
    path("who/", tells_the_mandate),
    path("", include("prevenance.config.urls")),
]
handler403 = "prevenance.core.errors.refused"
handler404 = "prevenance.core.errors.not_found"
handler500 = "prevenance.core.errors.failed"


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def written():
    return Organisation.objects.filter(name="Écrite pendant la requête").count()


def test_what_succeeds_stays(client):
    assert client.get("/w/").status_code == 200
    assert written() == 1


def test_a_view_writes_raises_and_nothing_is_found(client):
    assert client.get("/wr/").status_code == 500
    assert written() == 0


def test_an_answer_of_500_or_more_rolls_back(client):
    assert client.get("/w5/").status_code == 502
    assert written() == 0


def test_a_refusal_rolls_back_says_why_and_is_recorded(client):
    before = AuditRow.objects.filter(action="core.refused").count()
    response = client.post("/wx/", {"note": "un texte tapé"})
    assert response.status_code == 403
    text = response.content.decode()
    assert "La plénière est déjà convoquée." in text
    assert "un texte tapé" in text
    assert written() == 0
    rows = AuditRow.objects.filter(action="core.refused")
    assert rows.count() == before + 1
    assert rows.latest("at").detail == '{"view": "refusing"}'


def test_an_absence_keeps_what_was_written(client):
    assert client.get("/w4/").status_code == 404
    assert written() == 1


def test_streaming_is_a_defect():
    with pytest.raises(StreamedResponse):
        Client().get("/s/")


def test_the_database_gone_gives_back_what_was_typed(client):
    response = client.post("/gone/", {"note": "l’ordre du jour", "password": "secret"})
    assert response.status_code == 503
    text = response.content.decode()
    assert "l’ordre du jour" in text
    assert "secret" not in text.replace("secrétariat", "")
    assert response["Retry-After"]


def test_nobody_acts_for_a_signed_out_visitor(client):
    # The view is not public: the visitor is sent to sign in, and nothing acted in the database.
    response = client.get("/who/")
    assert response.status_code == 302


def test_the_sentence_of_a_refusal_is_read_without_raising():
    def check(allowed):
        if not allowed:
            raise Refused("Il faut au moins un point à l’ordre du jour.")

    assert reason(check, True) == ""
    assert reason(check, False) == "Il faut au moins un point à l’ordre du jour."


def test_a_password_alone_gives_no_mandate_in_the_database(client, sign_in):
    actor = coordinator_of(CouncilFactory())
    assert sign_in(actor).get("/who/").content.decode() == str(actor.mandate_id)
    client.logout()
    client.force_login(actor.person, backend="prevenance.domains.accounts.backends.Mandated")
    assert client.get("/who/").status_code == 302
    assert client.get("/who/public/").content.decode() == "nobody, nobody"


def test_a_part_of_a_page_sends_the_whole_browser_to_the_door(client):
    response = client.get("/who/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == "/compte/entrer/"
