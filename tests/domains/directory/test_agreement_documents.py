"""The document of an agreement: one, of a kind and size that councils take, for who reads or keeps the agreement."""

import io
import zipfile
from functools import cache

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import agreement_documents as actions
from prevenance.domains.directory.models import PartnersAgreement, StationAgreement
from prevenance.domains.governance.models import Upload
from prevenance.domains.governance.rules.councils import Stale, place_of
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import (
    DocumentFactory,
    PartnersAgreementFactory,
    StationAgreementFactory,
    StationPostFactory,
)

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
KINDS = {"agreement": PartnersAgreementFactory, "station": StationAgreementFactory}
MODELS = {"agreement": PartnersAgreement, "station": StationAgreement}


@pytest.fixture
def office():
    return actor("prefect_office", scope_of(territory("departement", "42")))


@pytest.fixture
def ours(office, sign_in):
    client = sign_in(office)
    client.get(reverse("directory:agreements"))  # the first page of a session writes when it was seen
    return client


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    return request.param


def at(kind, agreement, does=""):
    return reverse(f"directory:{kind}_document{does and '_' + does}", args=[agreement.pk])


def sent(content=PDF, name="convention signée.pdf", seen=0):
    return {"file": SimpleUploadedFile(name, content, "application/octet-stream"), "seen": str(seen)}


def text(response):
    return response.content.decode().replace("\u00a0", " ")


@cache
def odt():
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office:document-content/>")
    return found.getvalue()


@cache
def docx():
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{kind}"/></Types>')
    return found.getvalue()


def test_a_document_is_attached_read_replaced_and_removed(ours, kind, django_capture_on_commit_callbacks):
    agreement = KINDS[kind]()
    assert ours.get(at(kind, agreement)).status_code == 404
    assert "sera remplacé" not in text(ours.get(at(kind, agreement, "keep")))
    page = text(ours.post(at(kind, agreement, "keep"), sent(), follow=True))
    assert "Le document est déposé" in page
    assert "convention signée.pdf" in page
    first = Upload.objects.get()
    assert (first.council, first.size, first.content_type) == (None, len(PDF), "application/pdf")
    got = ours.get(at(kind, agreement))
    assert (got.content, got["Content-Type"], got["X-Content-Type-Options"], got["Content-Security-Policy"]) == (
        PDF, "application/pdf", "nosniff", "sandbox",
    )  # fmt: skip
    assert got["Content-Disposition"].startswith("attachment")
    assert "no-store" in got["Cache-Control"]
    assert "sera remplacé" in text(ours.get(at(kind, agreement, "keep")))
    with django_capture_on_commit_callbacks(execute=True):
        assert ours.post(at(kind, agreement, "keep"), sent(odt(), "avenant.odt", first.pk)).status_code == 302
    second = Upload.objects.get()
    assert second.name == "avenant.odt"
    assert ours.get(at(kind, agreement)).content == odt()
    assert [default_storage.exists(place_of(one)) for one in (first, second)] == [False, True]
    assert "sans retour possible" in text(ours.get(at(kind, agreement, "remove")))
    with django_capture_on_commit_callbacks(execute=True):
        assert "Le document est retiré" in text(ours.post(at(kind, agreement, "remove"), follow=True))
    assert "déjà plus de document" in text(ours.post(at(kind, agreement, "remove"), follow=True))
    assert not Upload.objects.exists()
    assert not default_storage.exists(place_of(second))
    assert MODELS[kind].objects.filter(pk=agreement.pk).exists()
    codes = list(AuditRow.objects.order_by("seq").values_list("action", flat=True))
    assert [code.removeprefix("directory.") for code in codes if "document" in code] == [
        "keep_document", "keep_document", "remove_document",
    ]  # fmt: skip
    assert not AuditRow.objects.filter(detail__contains="signée").exists()


@pytest.mark.parametrize("content, name", [(PDF, "a.pdf"), (odt(), "a.odt"), (docx(), "a.docx")])
def test_a_pdf_an_odt_or_a_docx_is_taken(ours, content, name):
    agreement = PartnersAgreementFactory()
    assert ours.post(at("agreement", agreement, "keep"), sent(content, name)).status_code == 302
    assert Upload.objects.get().name == name


@pytest.mark.parametrize(
    "content, name, sentence",
    [
        (b"", "a.pdf", "vide"), (b"GIF89a", "a.gif", "pas accepté ici"), (b"a;b\n1;2", "a.csv", "PDF, ODT, DOCX"),
        (b"MZ\x90\x00 rien", "a.pdf", "d’un autre type"), (odt(), "a.docx", "d’un autre type"),
        (b"x" * 200 * 1024 * 1024, "a.pdf", "dépasse 10 Mo"),
    ],
    ids=["empty", "gif", "csv", "program", "odt-as-docx", "200-megabytes"],
)  # fmt: skip
def test_what_is_no_document_is_told_and_the_one_that_is_there_stays(ours, content, name, sentence):
    there = DocumentFactory()
    agreement = PartnersAgreementFactory(document=there)
    refused = ours.post(at("agreement", agreement, "keep"), sent(content, name, there.pk))
    assert refused.status_code == 422
    assert sentence in text(refused)
    assert f'value="{there.pk}"' in text(refused)
    assert list(Upload.objects.all()) == [there]
    assert ours.get(at("agreement", agreement)).content == b"%PDF-1.4"


def test_nothing_sent_is_asked_for(ours, kind):
    refused = ours.post(at(kind, KINDS[kind](), "keep"), {"seen": "0"})
    assert refused.status_code == 422


def test_two_who_attach_at_once_do_not_lose_the_first(ours, office, kind):
    agreement = KINDS[kind]()
    given = {"agreement": agreement, "name": "a.pdf", "content_type": "application/pdf", "by": office}
    first = actions.keep_document(content=PDF, seen=0, **given)
    with pytest.raises(Stale, match="a changé entre-temps"):
        actions.keep_document(content=PDF, seen=0, **given)
    stale = ours.post(at(kind, agreement, "keep"), sent(seen=0))
    assert stale.status_code == 409
    assert "« a.pdf » sera remplacé" in text(stale)
    assert f'value="{first.pk}"' in text(stale)
    MODELS[kind].objects.filter(pk=agreement.pk).delete()
    with pytest.raises(Stale, match="déjà retirée"):
        actions.remove_document(agreement=agreement, by=office)


def test_an_agreement_that_is_removed_takes_its_document_with_it(ours, kind, django_capture_on_commit_callbacks):
    there = DocumentFactory()
    agreement = KINDS[kind](document=there)
    address = reverse(
        f"directory:{'station_agreement' if kind == 'station' else 'agreement'}_remove", args=[agreement.pk]
    )
    assert "Son document est effacé aussi" in text(ours.get(address))
    with django_capture_on_commit_callbacks(execute=True):
        assert ours.post(address).status_code == 302
    assert not Upload.objects.exists()
    assert not default_storage.exists(place_of(there))
    assert "Son document" not in text(ours.get(address.replace(str(agreement.pk), str(KINDS[kind]().pk))))


READERS = {"coordinator": 200, "mayor": 200, "mediator": 404, "victim_support": 404, "evaluator": 404}


@pytest.mark.parametrize("role, status", sorted(READERS.items()))
def test_who_reads_the_agreement_reads_its_document_and_keeps_nothing(sign_in, kind, role, status):
    agreement = KINDS[kind](document=DocumentFactory())
    reader = actor(role, scope_of(territory("commune", "42218")))
    client = sign_in(reader)
    assert client.get(at(kind, agreement)).status_code == status
    for does in ("keep", "remove"):
        for answer in (client.get(at(kind, agreement, does)), client.post(at(kind, agreement, does), sent())):
            assert answer.status_code == {200: 403, 404: 404}[status]
    given = {"content": PDF, "name": "a.pdf", "content_type": "application/pdf", "seen": agreement.document_id}
    with pytest.raises(Refused):
        actions.keep_document(agreement=agreement, **given, by=reader)
    with pytest.raises(Refused):
        actions.remove_document(agreement=agreement, by=reader)


def test_strangers_and_other_departements_do_not_know_that_it_is_there(sign_in, kind):
    agreement = KINDS[kind](document=DocumentFactory())
    rhone = sign_in(actor("prefect_office", scope_of(territory("departement", "69"))))
    stranger = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "69123"))))
    for client in (rhone, stranger):
        for does in ("", "keep", "remove"):
            assert client.get(at(kind, agreement, does)).status_code == 404
        assert client.post(at(kind, agreement, "remove")).status_code == 404
    assert Client().get(at(kind, agreement)).status_code == 302


def test_a_file_that_was_lost_is_not_found(ours, kind):
    there = DocumentFactory()
    agreement = KINDS[kind](document=there)
    default_storage.delete(place_of(there))
    assert ours.get(at(kind, agreement)).status_code == 404


def test_the_list_says_it_at_no_cost(ours):
    address = reverse("directory:agreements")

    def count():
        with CaptureQueriesContext(connection) as seen:
            page = ours.get(address)
        return len(seen), text(page).count("convention-inventée.pdf")

    PartnersAgreementFactory(document=DocumentFactory())
    one = count()
    for _turn in range(4):
        PartnersAgreementFactory(document=DocumentFactory())
    assert count() == (one[0], 5)
    assert one[1] == 1
    assert "convention-inventée.pdf" in ours.get(address, {"format": "csv"}).content.decode("utf-8-sig")


def test_a_closed_post_keeps_its_document_as_it_is(ours, office):
    post = StationPostFactory()
    agreement = StationAgreementFactory(post=post, document=DocumentFactory())
    post.closed_on = post.opened_on
    post.save()
    assert ours.get(at("station", agreement)).status_code == 200
    with pytest.raises(Refused):
        actions.remove_document(agreement=agreement, by=office)
