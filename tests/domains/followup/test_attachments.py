"""Documents of a file: checked, sealed before they touch the disk, served to who reads the file, deleted for good."""

import json
import tempfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.core.vault import Tampered
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.reading import key_of
from prevenance.domains.followup.models import Attachment, Involvement
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.followup.counting import questions
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n% accord invente\n"


@pytest.fixture
def here():
    return Compartment(members=3)


@pytest.fixture
def file(here):
    file = here.file()
    here.takes_part(file, here.members[1], Involvement.Kind.CONCERNED)
    here.takes_part(file, here.members[0])
    return file


@pytest.fixture
def referent(here, file):
    return here.acting(here.members[0])


def attached(file, by):
    return actions.add_attachment(
        followup=file, content=PDF, name="accord-ines.pdf", content_type="application/pdf", kind="agreement", by=by
    )


def stored(attachment):
    with default_storage.open(attachment.path(), "rb") as kept:
        return kept.read()


def test_what_is_on_the_disk_is_sealed_for_this_row_alone(file, referent):
    attachment, other = attached(file, referent), attached(file, referent)
    key = key_of(file)
    assert b"accord" not in stored(attachment)
    assert b"accord" not in bytes(attachment.name)
    assert key.open_bytes(stored(attachment), attachment.place) == PDF
    with pytest.raises(Tampered):
        key.open_bytes(stored(attachment), other.place)
    assert str(file.key) in attachment.path()


def test_a_document_goes_by_its_author_the_referent_or_the_coordination(
    here, file, referent, django_capture_on_commit_callbacks
):
    attachment = attached(file, referent)
    path = attachment.path()
    with pytest.raises(Refused, match="référent"):
        actions.remove_attachment(attachment=attachment, by=here.acting(here.members[1]))
    mine = attached(file, here.members[1])
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_attachment(attachment=mine, by=here.members[1])
        actions.remove_attachment(attachment=attachment, by=here.acting(here.coordinator))
    assert not Attachment.objects.exists()
    assert not default_storage.exists(path)


def test_an_ended_follow_up_keeps_its_documents_and_takes_no_more(file, referent):
    attachment = attached(file, referent)
    actions.end_file(followup=file, reason="achieved", outcome="work", by=referent)
    with pytest.raises(Stale):
        attached(file, referent)
    with pytest.raises(Stale):
        actions.remove_attachment(attachment=attachment, by=referent)


def test_the_screens_check_keep_serve_and_record(here, file, referent, sign_in):
    client = sign_in(referent)
    tab = reverse("followup:attachments", args=[file.pk])
    assert "Aucune pièce jointe" in client.get(tab).content.decode()
    bad = SimpleUploadedFile("accord.pdf", b"GIF89a", content_type="application/pdf")
    assert client.post(tab, {"kind": "agreement", "file": bad}).status_code == 422
    assert not Attachment.objects.exists()
    good = SimpleUploadedFile("accord-ines.pdf", PDF, content_type="application/pdf")
    assert client.post(tab, {"kind": "agreement", "file": good}).status_code == 302
    attachment = Attachment.objects.get()
    assert "accord-ines.pdf" in client.get(tab).content.decode()
    own = reverse("followup:attachment", args=[file.pk, attachment.pk])
    answer = client.get(own)
    assert answer.content == PDF
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "ines" not in answer["Content-Disposition"]
    row = AuditRow.objects.filter(action="followup.record_reading").latest("seq")
    assert json.loads(row.detail)["part"] == "attachments"
    assert questions(client, tab) <= 12
    here.acting(here.members[1])
    client = sign_in(here.members[1])
    assert client.get(own).content == PDF
    remove = reverse("followup:attachment_remove", args=[file.pk, attachment.pk])
    assert client.post(remove).status_code == 403
    for stranger in (here.members[2], Compartment("42187").coordinator):
        client = sign_in(here.acting(stranger))
        for url in (tab, own, remove):
            assert client.get(url).status_code == 404
    client = sign_in(here.acting(here.members[0]))
    assert "sans retour possible" in client.get(remove).content.decode()
    assert client.post(remove).status_code == 302
    assert client.get(own).status_code == 404


def test_a_document_whose_bytes_were_changed_is_not_served(file, referent, sign_in):
    attachment = attached(file, referent)
    default_storage.delete(attachment.path())
    default_storage.save(attachment.path(), ContentFile(b"\x01" + b"0" * 80))
    client = sign_in(referent)
    client.raise_request_exception = False
    answer = client.get(reverse("followup:attachment", args=[file.pk, attachment.pk]))
    assert answer.status_code >= 500
    assert b"0000" not in answer.content


def test_nothing_of_a_document_lies_on_the_disk_before_it_is_sealed(file, here, sign_in, tmp_path, monkeypatch):
    """Not even for the time of the request: whoever opens a temporary file is noticed."""
    opened = []
    make = tempfile.NamedTemporaryFile
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("NamedTemporaryFile", "TemporaryFile", "mkstemp", "SpooledTemporaryFile"):
        monkeypatch.setattr(tempfile, name, lambda *given, name=name, **options: opened.append(name) or make())
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", tempfile.NamedTemporaryFile)
    content = PDF + b"% zqxcanari\n" * 100_000  # above what Django keeps in memory by itself
    here.acting(here.members[0])
    client = sign_in(here.members[0])
    url = reverse("followup:attachments", args=[file.pk])
    answer = client.post(url, {"file": SimpleUploadedFile("accord.pdf", content), "kind": "agreement"})
    assert answer.status_code == 302
    assert opened == []
    here.acting(here.members[0])
    (attachment,) = Attachment.objects.filter(followup=file)
    attachment.followup = file
    assert key_of(file).open_bytes(stored(attachment), attachment.place) == content
    root = Path(default_storage.location)
    places = [path for path in (*root.rglob("*"), *tmp_path.rglob("*")) if path.is_file()]
    assert places
    assert not [path for path in places if b"zqxcanari" in path.read_bytes()]
