"""Documents of a council: checked, kept apart, served through the access rules."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions.uploads import add_upload, remove_upload, share_upload
from prevenance.domains.governance.models import AgendaItem, Upload
from tests.factories import CouncilFactory, MeetingFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.fixture
def council():
    return CouncilFactory()


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def deposit(client, council, content=PDF, name="note de l’élue.pdf", **data):
    url = reverse("governance:upload_add", args=[council.pk])
    return client.post(url, {"file": SimpleUploadedFile(name, content, "application/pdf"), **data})


def test_a_document_is_kept_under_our_key_and_served_as_a_download(council, sign_in):
    client = sign_in(coordinator_of(council))
    assert client.get(reverse("governance:upload_add", args=[council.pk])).status_code == 200
    assert deposit(client, council).status_code == 302
    upload = Upload.objects.get()
    assert default_storage.exists(str(upload.key))
    assert not default_storage.exists(upload.name)
    response = client.get(reverse("governance:upload", args=[council.pk, upload.key]))
    assert response.content == PDF
    assert not response.streaming
    assert response["Content-Disposition"].startswith("attachment")
    assert "note%20de%20l%E2%80%99%C3%A9lue.pdf" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox"
    assert response["Content-Type"] == "application/pdf"
    assert "note de l’élue.pdf" in text(client.get(reverse("governance:council", args=[council.pk])))


@pytest.mark.parametrize(
    "content, name, sentence",
    [
        (b"", "vide.pdf", "Ce fichier est vide"),
        (b"MZ\x90", "programme.exe", "n’est pas accepté"),
        (b"<html><script>", "page.pdf", "d’un autre type"),
        (b"<svg/>", "image.svg", "n’est pas accepté"),
    ],
)
def test_a_refused_file_is_explained_and_the_form_keeps_the_rest(council, sign_in, content, name, sentence):
    response = deposit(sign_in(coordinator_of(council)), council, content, name, shared="on")
    assert response.status_code == 422
    assert sentence in text(response)
    assert "checked" in text(response)
    assert not Upload.objects.exists()


def test_a_file_of_200_megabytes_is_refused_in_french(council, sign_in, settings):
    settings.UPLOAD_LIMIT = 15 * 1024 * 1024
    client = sign_in(coordinator_of(council))
    file = SimpleUploadedFile("énorme.pdf", b"%PDF-1.4" + b"\0" * (200 * 1024 * 1024))
    response = client.post(reverse("governance:upload_add", args=[council.pk]), {"file": file, "shared": "on"})
    assert response.status_code == 422
    assert "dépasse 15 Mo" in text(response)
    assert "checked" in text(response)


def test_a_path_in_the_name_goes_nowhere(council, sign_in):
    deposit(sign_in(coordinator_of(council)), council, name="..\\..\\secret/../../note.pdf")
    assert Upload.objects.get().name == "note.pdf"
    assert default_storage.listdir("") == ([], [str(Upload.objects.get().key)])


def test_working_papers_are_for_those_who_hold_and_shared_ones_for_all_in_reach(council, sign_in):
    loire = scope_of(territory("departement", "42"))
    council.reaches.create(scope=loire)
    upload = add_upload(
        council=council, content=PDF, name="n.pdf", content_type="application/pdf", by=coordinator_of(council)
    )
    url = reverse("governance:upload", args=[council.pk, upload.key])
    readers = [actor("group_member", council.scope), actor("prefect_office", loire)]
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    assert [sign_in(who).get(url).status_code for who in readers] == [404, 404]
    assert sign_in(actor("mayor", scope_of(council.territory))).get(url).status_code == 200
    client = sign_in(coordinator_of(council))
    assert (
        client.post(reverse("governance:upload_share", args=[council.pk, upload.key]), {"shared": "1"}).status_code
        == 302
    )
    assert [sign_in(who).get(url).status_code for who in [*readers, stranger]] == [200, 200, 404]
    assert (
        sign_in(readers[0]).post(reverse("governance:upload_share", args=[council.pk, upload.key])).status_code == 403
    )


def test_a_removed_document_takes_its_file_with_it(council, sign_in, django_capture_on_commit_callbacks):
    client = sign_in(coordinator_of(council))
    deposit(client, council)
    upload = Upload.objects.get()
    url = reverse("governance:upload_remove", args=[council.pk, upload.key])
    assert "sans retour possible" in text(client.get(url))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url).status_code == 302
    assert not Upload.objects.exists()
    assert not default_storage.exists(str(upload.key))


def test_a_document_on_an_agenda_stays(council):
    by = coordinator_of(council)
    upload = add_upload(council=council, content=PDF, name="n.pdf", content_type="application/pdf", by=by)
    item = AgendaItem.objects.create(meeting=MeetingFactory(body=council.bodies.get()), position=1, title="Point")
    item.documents.add(upload)
    with pytest.raises(Refused, match="ordre du jour"):
        remove_upload(upload=upload, by=by)


def test_a_stranger_keeps_removes_and_shares_nothing(council):
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    with pytest.raises(Refused):
        add_upload(council=council, content=PDF, name="n.pdf", content_type="application/pdf", by=stranger)
    upload = add_upload(
        council=council, content=PDF, name="n.pdf", content_type="application/pdf", by=coordinator_of(council)
    )
    for action, extra in ((share_upload, {"shared": True}), (remove_upload, {})):
        with pytest.raises(Refused):
            action(upload=upload, by=stranger, **extra)


def test_a_file_once_stored_cannot_be_renamed_by_sql(council):
    from django.db import ProgrammingError, connection, transaction

    add_upload(council=council, content=PDF, name="n.pdf", content_type="application/pdf", by=coordinator_of(council))
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE governance_upload SET sha256 = 'x'")
