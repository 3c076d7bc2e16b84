"""The screens of files: sent, followed, explained, taken, stopped."""

import datetime as dt
import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.domains.directory import jobs
from prevenance.domains.directory.models import Exchange, ExchangeProblem, Structure
from tests.domains.directory.files import SERVICE, SOURCE, STRUCTURE, bring
from tests.factories import CouncilFactory, coordinator_of, territory
from tests.factories.directory import ServiceFactory, ShelterFactory

pytestmark = pytest.mark.django_db

LIST, IMPORT, EXPORT = (reverse(f"directory:{name}") for name in ("exchanges", "exchange_import", "exchange_export"))


@pytest.fixture
def keeper():
    return coordinator_of(CouncilFactory())


@pytest.fixture
def ours(keeper, sign_in):
    client = sign_in(keeper)
    client.get(reverse("directory:structures"))
    return client


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def sent(rows, name="structures.json"):
    return SimpleUploadedFile(name, json.dumps(rows).encode(), "application/json")


def test_a_file_is_sent_followed_and_explained(ours):
    answer = ours.post(
        IMPORT, {"source": SOURCE, "structures": sent([STRUCTURE, STRUCTURE | {"id": "essai--2", "nom": "x"}])}
    )
    exchange = Exchange.objects.get()
    assert answer.url == reverse("directory:exchange", args=[exchange.pk])
    waiting = text(ours.get(answer.url))
    assert "En attente de son tour" in waiting
    assert "hx-get" in waiting
    jobs.run_exchange.func(exchange=exchange.pk)
    page = text(ours.get(answer.url))
    assert "Ajoutés : 1" in page
    assert "Laissés : 1" in page
    assert "structures, ligne 2" in page
    assert "champ « nom »" in page
    assert "moins de 3 caractères" in page
    part = text(ours.get(answer.url, headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "Ajoutés : 1" in part
    table = ours.get(answer.url, {"format": "csv"}).content.decode("utf-8-sig")
    assert "moins de 3 caractères" in table.replace("\u00a0", " ")
    assert "Import de « essai »" in text(ours.get(LIST))


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"source": "Éssai"}, "minuscules"), ({"source": "prevenance"}, "ce qui est inscrit ici"),
        ({"structures": ""}, "au moins un"),
        ({"structures": ("x.pdf", b"%PDF-")}, "JSON ou CSV"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_told(ours, change, sentence):
    told = {"source": SOURCE, "structures": sent([STRUCTURE])} | change
    if isinstance(told["structures"], tuple):
        told["structures"] = SimpleUploadedFile(*told["structures"])
    answer = ours.post(IMPORT, told)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Exchange.objects.exists()


def test_a_large_file_is_received_and_one_too_large_is_told(ours, settings):
    settings.UPLOAD_LIMIT = 1000  # of other uploads: this one has its own
    rows = [STRUCTURE | {"id": f"essai--{number}"} for number in range(20)]
    assert ours.post(IMPORT, {"source": SOURCE, "structures": sent(rows)}).status_code == 302


def test_the_token_of_the_form_is_checked_all_the_same(keeper, sign_in):
    client = sign_in(keeper)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    answer = strict.post(IMPORT, {"source": SOURCE, "structures": sent([STRUCTURE])})
    assert answer.status_code == 403
    assert not Exchange.objects.exists()


def test_a_file_is_asked_for_made_and_taken(ours):
    ServiceFactory(name="Service d’ici")
    ServiceFactory(structure=ShelterFactory(), name="Refuge")
    answer = ours.post(EXPORT, {"territory": "Saint-Étienne (commune 42218)", "format": "json"}, follow=True)
    assert "se prépare" in text(answer)
    exchange = Exchange.objects.get()
    assert ours.get(reverse("directory:exchange_file", args=[exchange.pk])).status_code == 404
    jobs.run_exchange.func(exchange=exchange.pk)
    assert "Télécharger le fichier" in text(ours.get(reverse("directory:exchange", args=[exchange.pk])))
    taken = ours.get(reverse("directory:exchange_file", args=[exchange.pk]))
    assert taken["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(taken.content)) as archive:
        names = {row["nom"] for row in json.loads(archive.read("services.json"))}
        assert len(json.loads(archive.read("structures.json"))) == 2
    assert names == {"Service d’ici", "Refuge"}
    assert ours.post(EXPORT, {"territory": "Nullepart", "format": "json"}).status_code == 422


def test_an_import_is_stopped_and_what_had_entered_stays(ours, keeper):
    ours.post(IMPORT, {"source": SOURCE, "structures": sent([STRUCTURE])})
    exchange = Exchange.objects.get()
    address = reverse("directory:exchange_stop", args=[exchange.pk])
    assert "y reste" in text(ours.get(address))
    assert "Arrêté par celui" in text(ours.post(address, follow=True))
    jobs.run_exchange.func(exchange=exchange.pk)
    assert not Structure.objects.exists()
    again = ours.post(IMPORT, {"source": SOURCE, "structures": sent([STRUCTURE])})
    assert again.status_code == 302


def test_two_files_of_a_source_do_not_go_at_once(ours):
    ours.post(IMPORT, {"source": SOURCE, "structures": sent([STRUCTURE])})
    answer = ours.post(IMPORT, {"source": SOURCE, "structures": sent([STRUCTURE])})
    assert answer.status_code == 422
    assert "en cours d’import" in text(answer)


def test_what_another_scope_asked_for_does_not_exist_here(ours, keeper, sign_in):
    exchange = bring(keeper, [STRUCTURE])
    stranger = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    for name in ("exchange", "exchange_file", "exchange_stop"):
        assert stranger.get(reverse(f"directory:{name}", args=[exchange.pk])).status_code == 404


def test_lists_cost_the_same_for_one_row_and_for_twenty(ours, keeper):
    def queries(address):
        with CaptureQueriesContext(connection) as seen:
            assert ours.get(address).status_code == 200
        return len(seen)

    exchange = bring(keeper, [STRUCTURE, "x"], [SERVICE])
    detail = reverse("directory:exchange", args=[exchange.pk])
    before = queries(LIST), queries(detail)
    for number in range(19):
        Exchange.objects.create(
            direction="out", state="done", requested_by=keeper.person, mandate_id=keeper.mandate_id,
            territory=keeper.mandate.scope.territory, finished_at=timezone.now() - dt.timedelta(days=number),
        )  # fmt: skip
        ExchangeProblem.objects.create(exchange=exchange, file="services", number=number, sentence="x", is_left=True)
    assert (queries(LIST), queries(detail)) == before
    assert max(before) <= 12


def test_an_empty_list_says_what_to_do(ours):
    assert "Importez les structures et les services d’un producteur" in text(ours.get(LIST))
