"""Parts of a file shown to a member: those, for that time, and nothing else by any door."""

import datetime as dt

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from prevenance.core import vault
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis import shared
from prevenance.domains.followup.analysis.reading import sealed
from prevenance.domains.followup.analysis.sections import PARTS
from prevenance.domains.followup.models import (
    Attachment,
    Contact,
    Fact,
    FollowUp,
    Goal,
    Identity,
    Orientation,
    Representative,
    Review,
    Share,
    Step,
)
from prevenance.domains.followup.rules import lists, sharing
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.followup.counting import questions
from tests.factories.followup import Compartment

pytestmark = pytest.mark.django_db

# A word that only one part says, by part.
SAID = {
    "identity": "Inventée-Zéphyr", "representatives": "Parent-Inventé", "situation": "absent de l’école",
    "plan": "Étape inventée", "contacts": "Contact inventé", "reviews": "Point inventé",
    "orientations": "Service inventé", "attachments": "piece-inventee.pdf",
}  # fmt: skip


@pytest.fixture
def here():
    return Compartment(members=3)


@pytest.fixture
def file(here):
    file = here.file()
    who = here.takes_part(file, here.members[0]).person
    key, today, of = vault.open(file.key), timezone.localdate(), {"followup": file, "body": here.body}
    goal = sealed(Goal(**of, set_on=today, set_by=who), key, theme="school", words="Objectif inventé", state="aimed")
    goal.save()
    paper = Attachment(**of, content_type="application/pdf", size=7, added_on=today, added_by=who)
    for row, values in (
        (Representative(**of, rank=1), {"link": "mother", "family_name": "Parent-Inventé"}),
        (Fact(**of, observed_on=today, observed_by=who), {"situation": "absent"}),
        (Step(**of, goal=goal), {"kind": "meeting", "words": "Étape inventée"}),
        (Contact(**of, day=today, by=who), {"kind": "call", "words": "Contact inventé"}),
        (Review(**of, day=today, by=who), {"decision": "go_on", "words": "Point inventé"}),
        (Orientation(**of, agreed_on=today, sent_on=today, sent_by=who), {"service_name": "Service inventé"}),
        (paper, {"name": "piece-inventee.pdf", "kind": "letter"}),
    ):
        sealed(row, key, **values).save()
    default_storage.save(paper.path(), ContentFile(key.seal_bytes(b"un mot!", paper.place)))
    return file


def share(here, file, parts, by=None, to=None, **values):
    given = {"purpose": "plan", "until": timezone.localdate() + dt.timedelta(days=7)}
    who = here.acting(by or here.members[0])
    to = to or here.members[1]
    return actions.share_parts(followup=file, person=to.person_id, parts=parts, by=who, **given | values)


def test_every_part_of_the_closed_list_has_its_writing(here):
    assert [code for code, _label in lists.choices("share_parts")] == list(PARTS) == list(SAID)


@pytest.mark.parametrize("part", SAID)
def test_a_part_shows_itself_and_no_other(here, file, sign_in, part):
    given = share(here, file, [part])
    client = sign_in(here.members[1])
    answer = client.get(reverse("followup:shared", args=[given.pk]))
    page = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert [other for other, said in SAID.items() if said in page] == [part]
    # The file itself, its tabs, its documents: not there.
    for name in ("file", "rights", "shares", "plan", "contacts", "reviews", "orientations", "attachments"):
        assert client.get(reverse(f"followup:{name}", args=[file.pk])).status_code == 404
    document = Attachment.objects.get(followup=file)
    answer = client.get(reverse("followup:shared_attachment", args=[given.pk, document.pk]))
    assert answer.status_code == (200 if part == "attachments" else 404)
    if part == "attachments":
        assert answer.content == b"un mot!"
        assert "inventee" not in answer["Content-Disposition"]
    read = AuditRow.objects.filter(action="followup.record_reading", person=here.members[1].person_id)
    assert {row.subject for row in read} == {f"followup.followup:{file.pk}"}
    assert all(f'"{part}"' in row.detail for row in read)


def test_whole_lists_never_widen_with_a_share(here, file, sign_in):
    share(here, file, ["identity", "contacts"])
    who = here.acting(here.members[1])
    assert list(FollowUp.objects.visible_to(who)) == []
    for model in (Identity, Contact, Goal, Fact, Representative):
        assert not model.objects.visible_to(who).exists()
    client = sign_in(who)
    for url in (reverse("followup:files"), reverse("followup:received")):
        page = client.get(url).content.decode()
        assert not [said for said in SAID.values() if said in page]


def test_others_do_not_have_it(here, file, sign_in):
    given = share(here, file, ["identity"])
    url = reverse("followup:shared", args=[given.pk])
    for stranger in (here.members[2], here.coordinator, here.members[0], Compartment("42187").coordinator):
        assert sign_in(stranger).get(url).status_code == 404


def test_unreadable_the_second_after_for_us_and_for_the_database(here, file, sign_in):
    given = share(here, file, ["identity"])
    client = sign_in(here.members[1])
    url = reverse("followup:shared", args=[given.pk])
    with time_machine.travel(given.until - dt.timedelta(seconds=1), tick=False):
        assert shared.received(here.acting(here.members[1])).count() == 1
    with time_machine.travel(given.until, tick=False):
        assert shared.received(here.acting(here.members[1])).count() == 0
    assert client.get(url).status_code == 200
    outsider = Compartment("42187")
    here.acting(here.members[0])
    # Its own clock: a share to who opens the group already is told apart by the wall only for another group's.
    short = Share.objects.create(
        followup=file, body=here.body, to_person=outsider.members[0].person, as_body=outsider.body, parts=["identity"],
        shared_by=here.members[0].person, until=timezone.now() + dt.timedelta(seconds=0.5),
    )  # fmt: skip
    outsider.acting(outsider.members[0])
    assert Identity.objects.filter(followup=file).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.7)")
    assert not Identity.objects.filter(followup=file).exists()
    assert sign_in(outsider.members[0]).get(reverse("followup:shared", args=[short.pk])).status_code == 404


def test_withdrawn_it_is_unreadable_at_once(here, file, sign_in):
    given = share(here, file, ["identity"])
    url = reverse("followup:shared", args=[given.pk])
    assert sign_in(here.members[1]).get(url).status_code == 200
    client = sign_in(here.members[0])
    withdraw = reverse("followup:share_withdraw", args=[file.pk, given.pk])
    assert "dès maintenant" in client.get(withdraw).content.decode()
    assert client.post(withdraw).status_code == 302
    assert sign_in(here.members[1]).get(url).status_code == 404
    with pytest.raises(Stale):
        actions.withdraw_share(share=given, by=here.acting(here.members[0]))


def test_who_withdraws_their_signature_loses_it(here, file, sign_in):
    given = share(here, file, ["identity"])
    here.sign(here.members[1], withdrawn=True)
    assert sign_in(here.members[1]).get(reverse("followup:shared", args=[given.pk])).status_code == 404


def test_an_end_of_the_follow_up_ends_its_shares(here, file, sign_in):
    given = share(here, file, ["identity"])
    actions.end_file(followup=file, reason="achieved", outcome="work", by=here.members[0])
    assert sign_in(here.members[1]).get(reverse("followup:shared", args=[given.pk])).status_code == 404


def test_with_whom_what_why_and_until_when_are_bounded(here, file):
    today = timezone.localdate()
    last = sharing.last_day(today)
    unsigned = here.member(signs=False)
    here.acting(here.members[0])
    for wrong in (
        {"to": unsigned}, {"to": Compartment("42187").coordinator}, {"to": here.members[0]}, {"purpose": "curiosity"},
        {"until": last + dt.timedelta(days=1)}, {"until": today - dt.timedelta(days=1)},
    ):  # fmt: skip
        with pytest.raises(Refused):
            share(here, file, ["identity"], **wrong)
    for parts in ([], ["rights"], ["handover"]):
        with pytest.raises(Refused):
            share(here, file, parts)
    with pytest.raises(Refused, match="référent"):
        share(here, file, ["identity"], by=here.members[2])
    assert share(here, file, ["plan", "identity"], until=last).parts == ["identity", "plan"]


def test_shared_and_withdrawn_on_the_screen(here, file, sign_in):
    client = sign_in(here.members[0])
    url = reverse("followup:share_add", args=[file.pk])
    shown = client.get(url).content.decode()
    assert here.members[1].person.name in shown
    assert "Passage de relais" not in shown.split("<form", 1)[1]
    until = (timezone.localdate() + dt.timedelta(days=3)).isoformat()
    sent = {"person": here.members[1].person_id, "purpose": "meeting", "until": until}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert until in refused.content.decode()
    assert client.post(url, sent | {"parts": ["plan", "contacts"]}).status_code == 302
    tab = client.get(reverse("followup:shares", args=[file.pk])).content.decode()
    assert "Plan, Contacts" in tab
    row = AuditRow.objects.get(action="followup.share_parts")
    assert "meeting" not in row.detail  # the purpose is sealed


def test_the_list_asks_as_much_for_twenty(here, sign_in):
    client = sign_in(here.members[1])
    url = reverse("followup:received")

    def several(count):
        for _n in range(count):
            file = here.file()
            here.takes_part(file, here.members[0])
            share(here, file, ["identity", "plan"])

    several(1)
    one = questions(client, url)
    several(19)
    assert questions(client, url) == one <= 12
