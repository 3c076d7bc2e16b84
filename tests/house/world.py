"""A council with one of each thing, seen by one role from its own scope, or by a stranger from theirs."""

import datetime as dt
import uuid

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.accounts.models import Invitation, Scope
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.governance.models import (
    Act,
    ActConsultation,
    ActSignature,
    AgendaItem,
    AgendaProposal,
    Attendance,
    Body,
    Commitment,
    CouncilReach,
    Decision,
    Import,
    Letter,
    LetterRecipient,
    Meeting,
    Minutes,
    MinutesSection,
    Problem,
    Rulebook,
    Upload,
)
from tests.factories import (
    CouncilFactory,
    MandateFactory,
    MeetingFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    actor,
    coordinator_of,
    scope_of,
    signed_act,
    territory,
)
from tests.house.directory_world import DirectoryWorld
from tests.house.followup_world import FollowupWorld
from tests.house.strategy_world import StrategyWorld

TOWN, ELSEWHERE = "42218", "42187"  # Saint-Étienne, and Roanne for the stranger
AGGLOMERATION, DEPARTEMENT, REGION = "244200770", "42", "84"


class World:
    """One council and what hangs on it; `actor` is the role looked at, `value` fills in an address."""

    def __init__(self, column, *, plans=True, files=False):
        where = territory("epci", AGGLOMERATION) if column == "epci_president" else territory("commune", TOWN)
        kind = "CISPD" if column == "epci_president" else "CLSPD"
        around = [
            territory("departement", DEPARTEMENT), territory("region", REGION),
            territory("nation", "FR"), territory("epci", AGGLOMERATION),
        ]  # fmt: skip
        self.council = CouncilFactory(
            kind=kind, territory=where, surroundings=[scope_of(place) for place in around if place != where]
        )
        scope = Scope.objects.create(kind="body", territory=where, label="Groupe inventé", holder=self.council.scope)
        self.group = Body.objects.create(council=self.council, kind=Body.Kind.GROUP, name="Groupe inventé", scope=scope)
        CouncilReach.objects.create(council=self.council, scope=scope)
        self.actor = None if column == "anonymous" else self.actor_for(column)
        self.fill()
        if plans:
            self.strategy = StrategyWorld(self.council)
        self.followup = FollowupWorld(self.council, column) if files else None
        self.directory = DirectoryWorld(
            self.council, territory("commune", TOWN), None if column == "stranger" else self.actor
        )

    def actor_for(self, column):
        if column == "stranger":
            other = CouncilFactory(territory=territory("commune", ELSEWHERE))
            return coordinator_of(other)
        kind = sorted(
            ROLES[column].scopes,
            key=["council", "commune", "epci", "departement", "region", "nation", "body", "platform"].index,
        )[0]
        return actor(column, self.scope(kind))

    def scope(self, kind):
        if kind == "council":
            return self.council.scope
        if kind == "platform":
            return Scope.objects.get_or_create(kind="platform", defaults={"label": "Plateforme"})[0]
        if kind == "body":
            return self.group.scope
        code = {"commune": TOWN, "epci": AGGLOMERATION, "departement": DEPARTEMENT, "region": REGION, "nation": "FR"}[
            kind
        ]
        return scope_of(territory(kind, code))

    def fill(self):
        plenary = self.council.bodies.get(kind=Body.Kind.PLENARY)
        self.member = MembershipFactory(body=plenary)
        self.person = PersonFactory()
        self.mandate = MandateFactory(person=self.person, role="deputy", scope=self.council.scope)
        granter = coordinator_of(self.council)
        self.invitation = Invitation.objects.create(
            email="invitee@exemple.invalid", given_name="Alix", family_name="Exemple", digest=uuid.uuid4().hex,
            mandate=MandateFactory(role="deputy", scope=self.council.scope), invited_by=granter.person,
            expires_at=timezone.now() + dt.timedelta(days=3),
        )  # fmt: skip
        # Preparing: an act not transmitted yet, seen by those who hold the council; others signed.
        self.act = Act.objects.create(
            council=self.council, scope=self.council.scope.holder, version=1, text="# Composition inventée",
            title="Composition inventée", form="composition-commune",
        )  # fmt: skip
        self.opinion = ActConsultation.objects.create(act=self.act, rank=1, label="Préfet inventé")
        self.awaited = ActSignature.objects.create(
            act=self.act, rank=1, capacity="La présidence", scope=self.council.scope.holder
        )
        key = uuid.uuid4()
        default_storage.save(str(key), ContentFile(b"%PDF-1.4"))
        self.upload = Upload.objects.create(
            council=self.council, key=key, name="note.pdf", content_type="application/pdf", size=8, sha256="0" * 64,
            shared=True, added_by=granter.person,
        )  # fmt: skip
        self.signed = signed_act(
            council=self.council, scope=self.council.scope.holder, version=2, text="# Acte", title="Acte inventé",
            form="composition-commune",
        )  # fmt: skip
        scan_key = uuid.uuid4()
        default_storage.save(str(scan_key), ContentFile(b"%PDF-1.4"))
        scan = Upload.objects.create(
            council=self.council, key=scan_key, name="signe.pdf", content_type="application/pdf", size=8,
            sha256="0" * 64, added_by=granter.person,
        )  # fmt: skip
        self.kept = signed_act(
            council=self.council, scope=self.council.scope.holder, version=3, text="# Acte gardé", title="Acte gardé",
            form="composition-commune", scan=scan,
        )  # fmt: skip
        act_as(granter.mandate_id)
        self.draft = Import.objects.create(
            council=self.council, subject="members", headers=["Nom", "Prénom"], rows=[[2, "Exemple", "Alix"]],
            created_by=granter.person,
        )  # fmt: skip
        # Preparing: a meeting not convened yet, which only those who hold the council see.
        self.meeting = MeetingFactory(body=plenary)
        self.item = AgendaItem.objects.create(meeting=self.meeting, position=1, title="Bilan")
        self.proposal = AgendaProposal.objects.create(body=plenary, title="Proposé", proposed_by=granter.person)
        # Writing: a meeting held, its minutes in draft, a decision in it.
        self.held = MeetingFactory(body=plenary, state=Meeting.State.HELD, convened_at=timezone.now())
        self.line = Attendance.objects.create(meeting=self.held, membership=self.member)
        self.minutes = Minutes.objects.create(meeting=self.held)
        self.section = MinutesSection.objects.create(minutes=self.minutes, position=1, title="Bilan")
        self.decision = Decision.objects.create(
            council=self.council, minutes=self.minutes, section=self.section, year=2026, text="Une décision inventée"
        )

        self.commitment = Commitment.objects.create(
            council=self.council, organisation=OrganisationFactory(), text="Un engagement inventé",
            valid_from=timezone.localdate(), recorded_by=granter.person,
        )  # fmt: skip
        MembershipFactory(body=plenary, organisation=self.commitment.organisation)
        # Proposed by the plenary, waiting for the council.
        self.rulebook = Rulebook.objects.create(
            body=plenary, version=1, text="Un texte inventé", created_by=granter.person
        )
        self.rulebook.state, self.rulebook.proposed_on = "proposed", timezone.localdate()
        self.rulebook.digest = self.rulebook.computed_digest()
        self.rulebook.save()
        # A police group of the town, held by the préfet's office, with a problem.
        office = scope_of(territory("departement", DEPARTEMENT))
        town = territory("commune", TOWN)
        self.police = CouncilFactory(
            kind="GPO", territory=town, surroundings=[office], name="Groupe de police inventé",
            scope=Scope.objects.create(kind="council", territory=town, label="Groupe de police inventé", holder=office),
        )  # fmt: skip
        self.problem = Problem.objects.create(
            council=self.police, year=2026, rank=1, theme="noise", place="Place inventée", description="Bruit"
        )
        # Written to: a letter of the préfet's office to this council.
        self.letter = Letter.objects.create(scope=office, written_by=self.person, subject="Lettre", text="Inventée")
        LetterRecipient.objects.create(letter=self.letter, council=self.council, person=self.person)

    def value(self, name, argument):
        """Argument `argument` of address `name`."""
        if name.startswith("strategy:"):
            return self.strategy.value(argument)
        if name.startswith("followup:"):
            return self.followup.value(argument)
        if name.startswith(("directory:", "coverage:")):
            return self.directory.value(name, argument)
        if name.startswith("governance:problem"):
            return {"pk": self.police, "problem": self.problem}[argument].pk
        plain = {
            "council": self.council.pk, "member": self.member.pk, "version": 1, "key": self.upload.key,
            "subject": "membres", "body": self.group.pk, "commitment": self.commitment.pk,
            "organisation": self.commitment.organisation_id, "draft": self.draft.pk, "item": self.item.pk,
            "line": self.line.pk, "proposal": self.proposal.pk,
            "section": self.section.pk, "token": "inconnu", "uid": "inconnu", "code": TOWN, "kind": "commune",
            "slug": "inconnu", "name": "inconnu", "secret": "inconnu",
        }  # fmt: skip
        if name == "governance:act_opinion" and argument == "line":
            return self.opinion.pk
        if name == "governance:act_sign" and argument == "line":
            return self.awaited.pk
        if name == "governance:act_prepare" and argument == "key":
            return "delegation-epci" if self.council.kind == "CISPD" else "delegation-commune"
        if argument != "pk":
            return plain[argument]
        local = name.split(":")[1]
        if name.startswith("accounts:"):
            return {
                "end_mandate": self.mandate,
                "resend_invitation": self.invitation,
                "cancel_invitation": self.invitation,
            }.get(local, self.person).pk
        for words, thing in (
            (("act_copy_add", "act_end"), self.signed),
            (("act_copy",), self.kept),
            (("act",), self.act),
            (("minutes_start", "attendance", "guest"), self.held),
            (("minutes", "section", "decision_add"), self.minutes),
            (("decision_record",), self.council),
            (("decision",), self.decision),
            (("rulebook",), self.rulebook),
            (("letter",), self.letter),
            (("meeting", "agenda", "carry_over", "proposal", "item", "convocation"), self.meeting),
        ):
            if local.startswith(words):
                return thing.pk
        return self.council.pk
