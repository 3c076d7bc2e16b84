"""A nominative group with a file and one of each thing that hangs on it; what fills in addresses of followup.

Roles that may be members sit and signed: coordination and deputy, referent (of the file), group member (concerned by
it), mayor, prosecutor's office and victim support (members whom the file does not concern). The others are outside.
"""

import datetime as dt
import uuid

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from prevenance.core import vault
from prevenance.domains.followup import actions
from prevenance.domains.followup.analysis.reading import sealed
from prevenance.domains.followup.models import (
    Attachment,
    Contact,
    Fact,
    FollowUp,
    Goal,
    Handover,
    Involvement,
    Notice,
    Orientation,
    RightsRequest,
    Share,
    Step,
)
from tests.factories import MeetingFactory, scope_of, territory
from tests.factories.followup import Compartment
from tests.factories.registers import Register

TAKES_PART = {"referent": Involvement.Kind.REFERENT, "group_member": Involvement.Kind.CONCERNED}


class FollowupWorld:
    """`council` is the world's; `column` the role looked at, `actor` who it is here (None: the world's own)."""

    def __init__(self, council, column):
        self.group = Compartment(council=council, kind=council.kind)
        scopes = {
            "coordinator": council.scope, "deputy": council.scope, "group_member": self.group.body.scope,
            "referent": self.group.body.scope, "mayor": council.scope.holder,
            "prosecutor_office": scope_of(territory("departement", "42")),
            "victim_support": scope_of(territory("departement", "42")),
        }  # fmt: skip
        self.actor = self.group.member(column, scopes[column]) if column in scopes else None
        self.file = self.group.file()
        self.fill()
        self.fill_rights()
        if column in TAKES_PART:
            self.takes_part(TAKES_PART[column])
        self.reporting()
        self.registers()

    def reporting(self):
        """A channel by which a situation was told: by the member of the group when it is the role looked at."""
        today, group = timezone.localdate(), self.group
        group.acting(group.coordinator)
        self.channel = actions.open_channel(
            body=group.body, name="GPDS inventé", purpose="dropout", agreed_on=today,
            until=today + dt.timedelta(days=30), by=group.coordinator,
        )  # fmt: skip
        who = self.actor if self.actor and self.actor.role == "group_member" else group.members[1]
        self.reporter = actions.add_reporter(channel=self.channel, email=who.person.email, by=group.coordinator)
        group.acting(who)
        self.signal = actions.send_report(
            channel=self.channel, identity={"given_name": "Lou", "family_name": "Inventé-Autre", "sex": "u"},
            birth_date=dt.date(today.year - 13, 3, 9), told="family", situations=[("absent", today)],
            asked=uuid.uuid4(), by=who,
        )  # fmt: skip

    def registers(self):
        """The registers of the town, whose mayor the role looked at may be: an interview to hold, an offer to answer.

        Made at the end: the database is then asked under their mayor's mandate.
        """
        register = Register()
        self.call, self.entry = register.call(state="convened"), register.transaction(state="offered")

    def takes_part(self, kind):
        Involvement.objects.create(
            followup=self.file, body=self.group.body, person=self.actor.person, kind=kind,
            proposed_by=self.group.coordinator.person, accepted_at=timezone.now(), valid_from=timezone.localdate(),
        )  # fmt: skip

    def fill(self):
        key, today, by = vault.open(self.file.key), timezone.localdate(), self.group.members[0].person
        of = {"followup": self.file, "body": self.group.body}
        self.goal = sealed(Goal(**of, set_on=today, set_by=by), key, theme="school", words="Reprendre", state="aimed")
        self.goal.save()
        self.step = sealed(Step(**of, goal=self.goal, due_on=today + dt.timedelta(days=7)), key, kind="meeting")
        self.step.save()
        self.contact = sealed(Contact(**of, day=today, by=by), key, kind="call", whom="person", outcome="reached")
        self.contact.save()
        self.fact = sealed(Fact(**of, observed_on=today, observed_by=by), key, situation="public_space")
        self.fact.save()
        self.part = Involvement.objects.create(
            **of, person=by, kind=Involvement.Kind.CONCERNED, proposed_by=by, accepted_at=timezone.now(),
            valid_from=today,
        )  # fmt: skip
        self.orientation = sealed(
            Orientation(**of, agreed_on=today, sent_on=today, sent_by=by), key, service="1", service_name="Inventé"
        )
        self.orientation.save()
        self.attachment = sealed(
            Attachment(**of, content_type="application/pdf", size=8, added_on=today, added_by=by), key,
            name="accord.pdf", kind="agreement",
        )  # fmt: skip
        self.attachment.save()
        sealed_content = key.seal_bytes(b"%PDF-1.4", self.attachment.place)
        default_storage.save(self.attachment.path(), ContentFile(sealed_content))
        # Begun a moment ago, with the file on its agenda.
        began = timezone.now() - dt.timedelta(minutes=1)
        self.meeting = MeetingFactory(
            body=self.group.body, starts_at=began, ends_at=began + dt.timedelta(hours=2), state="convened",
            convened_at=began,
        )  # fmt: skip
        self.meeting.items.create(position=1, title=str(self.file), file_number=self.file.number)

    def fill_rights(self):
        """What the person was told and asked; what was shared with the role looked at; hand-overs to and from a group
        elsewhere; a file in the archive."""
        elsewhere = Compartment("42147")
        theirs = elsewhere.file()
        elsewhere.takes_part(theirs, elsewhere.members[0])
        today, by = timezone.localdate(), self.group.members[0].person
        self.proposal = actions.propose_handover(
            followup=theirs, body=self.group.body, agreed_by="person", agreed_on=today, outcome="same",
            by=elsewhere.members[0],
        )  # fmt: skip
        ended = self.group.file()
        self.group.takes_part(ended, self.group.members[0])
        self.archive = actions.end_file(followup=ended, reason="achieved", outcome="work", by=self.group.members[0])
        FollowUp.objects.filter(pk=ended.pk).update(archived_on=today)
        key, of = vault.open(self.file.key), {"followup": self.file, "body": self.group.body}
        self.notice = sealed(Notice(**of, printed_on=today, printed_by=by), key, addressee="person")
        self.demand = sealed(
            RightsRequest(**of, received_on=today, due_on=today, recorded_by=by), key, kind="access", asked_by="person"
        )
        to = self.actor or self.group.members[1]
        until = timezone.now() + dt.timedelta(days=1)
        self.share = sealed(
            Share(**of, to_person=to.person, as_body=self.group.body, parts=["plan", "attachments"], shared_by=by,
                  until=until),
            key, purpose="plan",
        )  # fmt: skip
        self.handover = sealed(
            Handover(**of, to_body=elsewhere.body, agreed_on=today, proposed_by=by, until=until), key,
            agreed_by="person", outcome="same",
        )  # fmt: skip
        for row in (self.notice, self.demand, self.share, self.handover):
            row.save()

    def value(self, argument):
        """Argument `argument` of an address of followup."""
        return {
            "file": self.file.pk, "body": self.group.body.pk, "goal": self.goal.pk, "step": self.step.pk,
            "contact": self.contact.pk, "fact": self.fact.pk, "part": self.part.pk, "what": "concerned",
            "orientation": self.orientation.pk, "attachment": self.attachment.pk,
            "meeting": self.meeting.pk, "notice": self.notice.pk, "demand": self.demand.pk, "share": self.share.pk,
            "handover": self.handover.pk, "proposal": self.proposal.pk, "archive": self.archive.pk,
            "call": self.call.pk, "stage": "entretien", "paper": "convocation",
            "entry": self.entry.pk, "phase": "reponse", "family": "consultation", "letter": "offre",
            "channel": self.channel.pk, "reporter": self.reporter.pk, "signal": self.signal.pk,
        }[argument]  # fmt: skip
