"""Turning somebody to a service: composed from what is ticked, signed before it is sent, answered, concluded."""

import datetime as dt
import io

import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.directory.models import Service
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.orientation import composed, digest, offered
from prevenance.domains.followup.analysis.reading import opened_values
from prevenance.domains.followup.models import Involvement, Orientation
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.followup.counting import questions
from tests.factories import territory
from tests.factories.directory import ServiceFactory
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db

TICKED = ["name", "phone"]


@pytest.fixture
def here():
    return Compartment()


@pytest.fixture
def file(here):
    file = here.file(identity={"phone": "01 99 00 12 34", "address": "3, rue Inventée"})
    here.takes_part(file, here.members[0])
    return file


@pytest.fixture
def referent(here, file):
    return here.acting(here.members[0])


@pytest.fixture
def service():
    return ServiceFactory(name="Écoute inventée")


def sent(file, service, referent, fields=TICKED, **values):
    given = {
        "seen": digest(service.pk, composed(file, fields, referent)), "agreed_by": "first",
        "agreed_on": timezone.localdate(), "fields": fields,
    }  # fmt: skip
    return actions.send_orientation(followup=file, service=service, by=referent, **given | values)


def test_what_is_sent_is_what_was_ticked_and_the_service_is_sealed_too(file, referent, service):
    orientation = sent(file, service, referent)
    said = opened_values(orientation, vault.open(file.key))
    assert said["sent"] == "Prénom et nom\u00a0: Inès Inventée-Zéphyr\nTéléphone\u00a0: 01 99 00 12 34"
    assert said["service"] == str(service.pk)
    assert said["service_name"] == "Écoute inventée"
    assert "Écoute".encode() not in bytes(orientation.service_name)
    row = AuditRow.objects.get(action="followup.send_orientation")
    assert str(service.pk) not in row.detail.replace(timezone.localdate().isoformat(), "")
    assert "Zéphyr" not in row.detail


def test_nothing_leaves_before_an_agreement_nor_when_the_file_says_something_else(file, referent, service):
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    with pytest.raises(Refused, match="avant l’envoi"):
        sent(file, service, referent, agreed_on=tomorrow)
    with pytest.raises(Refused, match="Cochez au moins"):
        sent(file, service, referent, fields=[])
    with pytest.raises(Refused, match="pas dans la liste"):
        sent(file, service, referent, agreed_by="neighbour")
    with pytest.raises(Stale, match="a changé depuis"):
        sent(file, service, referent, seen="0" * 16)
    other = ServiceFactory()
    with pytest.raises(Stale):  # signed for another service
        sent(file, service, referent, seen=digest(other.pk, composed(file, TICKED, referent)))
    Service.objects.filter(pk=service.pk).update(closed_on=timezone.localdate())
    service.refresh_from_db()
    with pytest.raises(Refused, match="n’est plus ouvert"):
        sent(file, service, referent)
    assert not Orientation.objects.exists()


def test_nothing_of_the_situations_may_be_ticked_and_goals_in_force_may(file, referent):
    goal = actions.add_goal(followup=file, theme="work", words="Trouver un stage", by=referent)
    codes = [code for code, _label in offered(file, referent)]
    assert codes == ["name", "birth_date", "address", "phone", f"goal-{goal.pk}", "sender"]
    assert composed(file, [f"goal-{goal.pk}"], referent) == "Objectif, emploi et insertion\u00a0: Trouver un stage"


def test_the_answer_comes_then_the_result_once_each(here, file, referent, service):
    orientation = sent(file, service, referent)
    today = timezone.localdate()
    with pytest.raises(Refused, match="d’abord la réponse"):
        actions.conclude_orientation(orientation=orientation, result="followed", ended_on=today, by=referent)
    actions.answer_orientation(orientation=orientation, answer="accepted", answered_on=today, by=referent)
    with pytest.raises(Stale):
        actions.answer_orientation(orientation=orientation, answer="refused", answered_on=today, by=referent)
    actions.conclude_orientation(orientation=orientation, result="followed", ended_on=today, by=referent)
    with pytest.raises(Stale):
        actions.conclude_orientation(orientation=orientation, result="ended", ended_on=today, by=referent)
    here.takes_part(file, here.members[1], Involvement.Kind.CONCERNED)
    with pytest.raises(Refused, match="référent"):
        sent(file, service, here.members[1])


def test_an_ended_follow_up_is_turned_to_nobody(file, referent, service):
    orientation = sent(file, service, referent)
    actions.end_file(followup=file, reason="relayed", outcome="supported", by=referent)
    with pytest.raises(Stale):
        sent(file, service, referent)
    with pytest.raises(Stale):
        actions.answer_orientation(
            orientation=orientation, answer="accepted", answered_on=timezone.localdate(), by=referent
        )


def test_the_screens_from_the_directory_to_the_result(file, referent, service, sign_in):
    far = ServiceFactory(name="Ailleurs inventé", commune=territory("commune", "75056"))
    client = sign_in(referent)

    def page(name, *more):
        return reverse(f"followup:{name}", args=[file.pk, *more])

    start = client.get(page("orientation_start")).content.decode()
    assert "Écoute inventée" in start
    assert "Ailleurs inventé" not in start
    assert "Écoute inventée" in client.post(page("orientation_start"), {"q": "ecou"}).content.decode()
    assert "Aucun service" in client.post(page("orientation_start"), {"q": "zzz"}).content.decode()
    assert client.post(page("orientation_prepare"), {"service": str(far.pk)}).status_code == 404
    asked = {"service": str(service.pk)}
    assert "3, rue Inventée" in client.post(page("orientation_prepare"), asked).content.decode()
    assert client.post(page("orientation_prepare"), asked | {"show": "1"}).status_code == 422
    asked |= {"fields_sent": TICKED}
    shown = client.post(page("orientation_prepare"), asked | {"show": "1"}).content.decode()
    assert "01 99 00 12 34" in shown
    assert "3, rue Inventée" not in shown
    paper = client.post(page("orientation_paper"), asked)
    assert paper["Cache-Control"] == "private, no-store"
    assert paper["Content-Disposition"] == f'attachment; filename="accord-{file.number}.pdf"'
    words = " ".join(
        " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(paper.content)).pages).split()
    )
    assert "01 99 00 12 34" in words
    assert "Vous pouvez refuser" in words
    seen = digest(service.pk, composed(file, TICKED, referent))
    agreement = asked | {"seen": seen, "agreed_by": "person", "agreed_on": ""}
    unsigned = client.post(page("orientation_send"), agreement)
    assert unsigned.status_code == 422
    assert not Orientation.objects.exists()
    agreement["agreed_on"] = timezone.localdate().isoformat()
    assert client.post(page("orientation_send"), agreement | {"seen": "0"}).status_code == 409
    assert client.post(page("orientation_send"), agreement).status_code == 302
    orientation = Orientation.objects.get()
    answer = {"code": "accepted", "day": timezone.localdate().isoformat()}
    assert client.post(page("orientation_answer", orientation.pk), answer).status_code == 302
    result = answer | {"code": "ended"}
    assert client.post(page("orientation_conclude", orientation.pk), result).status_code == 302
    told = client.get(page("orientations")).content.decode()
    assert "Accueil proposé" in told
    assert "Accompagnement terminé" in told
    again = client.get(page("orientation_answer", orientation.pk), follow=True)
    assert "déjà notée" in again.content.decode()
    assert questions(client, page("orientations")) <= 12


def test_an_outsider_gives_a_reason_before_any_identity_is_shown(here, file, service, sign_in):
    client = sign_in(here.acting(here.coordinator))
    prepare = reverse("followup:orientation_prepare", args=[file.pk])
    for name in ("orientation_prepare", "orientation_paper"):
        sent_away = client.post(
            reverse(f"followup:{name}", args=[file.pk]), {"service": str(service.pk), "fields_sent": TICKED}
        )
        assert sent_away.url.startswith(reverse("followup:file_reason", args=[file.pk]))
    why = {"why": "quality", "suite": reverse("followup:orientations", args=[file.pk])}
    client.post(reverse("followup:file_reason", args=[file.pk]), why)
    assert client.post(prepare, {"service": str(service.pk)}).status_code == 200
    stranger = Compartment("42187").coordinator
    assert sign_in(here.acting(stranger)).post(prepare, {"service": str(service.pk)}).status_code == 404
