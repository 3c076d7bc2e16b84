"""A group that may hold files, its members who signed, and files in it: everything plainly invented."""

import datetime as dt

from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Scope
from prevenance.domains.followup import actions
from prevenance.domains.followup.models import FollowUp, Involvement, Terms
from prevenance.domains.governance.models import Body, Controller, CouncilReach, Rulebook, Signature
from tests.factories import (
    CouncilFactory,
    MandateFactory,
    MeetingFactory,
    MembershipFactory,
    PersonFactory,
    scope_of,
    territory,
)


class Compartment:
    """A nominative group of a council, its controller's record complete, its rulebook adopted on `adopted_on`.

    `coordinator` and `members` are actors who sit and signed; whoever acts last is told to the database (`acting`).
    """

    def __init__(self, commune="42218", members=2, council=None, kind="CLSPD", adopted_on=None, body=None):
        self.council = council or CouncilFactory(territory=territory("commune", commune), kind=kind)
        holder = scope_of(self.council.territory)
        Controller.objects.update_or_create(
            scope=holder,
            defaults={
                "basis": "Article L132-4", "officer_name": "Dominique Exemple", "officer_email": "dpo@exemple.invalid",
                "register_reference": "R-1", "registered_on": dt.date(2025, 1, 2),
                "impact_assessed_on": dt.date(2025, 1, 2), "hosted_elsewhere": False,
            },
        )  # fmt: skip
        self.body = body or self.group(kind)
        if body is not None:
            Body.objects.filter(pk=body.pk).update(
                nominative=True, nominative_since=dt.date(2025, 1, 2), exchanged=True
            )
            body.refresh_from_db()
        self.plenary = self.council.bodies.get(kind=Body.Kind.PLENARY)
        self.writer = PersonFactory()
        self.rulebook = self.adopt(adopted_on or dt.date(2025, 3, 3))
        self.seats = {}
        self.coordinator = self.member("coordinator", self.council.scope)
        self.members = [self.member() for _n in range(members)]
        self.acting(self.coordinator)

    def group(self, kind):
        """A group of the council, or the one sitting of a CDDF."""
        single = kind == "CDDF"
        scope = Scope.objects.create(
            kind="body", territory=self.council.territory, label="Groupe inventé", holder=self.council.scope
        )
        body = Body.objects.create(
            council=self.council, kind=Body.Kind.COMMITTEE if single else Body.Kind.GROUP, name="Groupe inventé",
            scope=scope, nominative=True, nominative_since=dt.date(2025, 1, 2), exchanged=True,
        )  # fmt: skip
        CouncilReach.objects.create(council=self.council, scope=scope)
        return body

    def adopt(self, day, kind=Rulebook.Kind.RULES):
        """A version adopted on a day, in a meeting of the council; the one before is replaced."""
        before = Rulebook.objects.filter(body=self.body, kind=kind).order_by("-version").first()
        book = Rulebook.objects.create(
            body=self.body, kind=kind, version=before.version + 1 if before else 1, text=f"Texte inventé du {day}",
            created_by=self.writer,
        )  # fmt: skip
        book.state, book.proposed_on, book.digest = Rulebook.State.PROPOSED, day, book.computed_digest()
        book.save()
        starts = dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)
        meeting = MeetingFactory(
            body=self.plenary,
            starts_at=starts,
            ends_at=starts + dt.timedelta(hours=2),
            state="held",
            convened_at=starts,
        )
        if before is not None and before.state == Rulebook.State.ADOPTED:
            before.state, before.ended_on = Rulebook.State.REPLACED, day
            before.save()
        book.state, book.adopted_in, book.adopted_on = Rulebook.State.ADOPTED, meeting, day
        book.save()
        return book

    def member(self, role="group_member", scope=None, *, signs=True, person=None):
        """An actor who sits in the group under `role`, and signed unless told otherwise."""
        mandate = MandateFactory(role=role, scope=scope or self.body.scope, person=person or PersonFactory())
        seat = MembershipFactory(body=self.body, person=mandate.person)
        who = actor_of(mandate.person, mandate.pk)
        self.seats[mandate.person_id] = seat
        if signs:
            self.sign(who)
        return who

    def sign(self, who, withdrawn=False):
        act_as(who.mandate_id)
        for book in Rulebook.objects.filter(body=self.body, state=Rulebook.State.ADOPTED):
            rank = Signature.objects.filter(rulebook=book, membership=self.seats[who.person_id]).count() + 1
            Signature.objects.create(
                rulebook=book, membership=self.seats[who.person_id], person=who.person, rank=rank,
                withdrawn=withdrawn, digest=book.digest,
            )  # fmt: skip

    def declare(self, **terms):
        """What the rulebook in force says of files."""
        return Terms.objects.create(
            rulebook=self.rulebook, declared_by=self.writer, **{"reads_article": "Article 4", **terms}
        )

    def takes_part(self, file, who, kind=Involvement.Kind.REFERENT, **values):
        """`who` follows a file, or works with its person; the database is then asked under their mandate."""
        self.acting(who)
        Involvement.objects.create(
            followup=file, body=self.body, person=who.person, kind=kind, proposed_by=self.writer,
            **{"accepted_at": timezone.now(), "valid_from": timezone.localdate(), **values},
        )  # fmt: skip
        return who

    @staticmethod
    def acting(who):
        """The database is asked under this actor's mandate from now on. Returns the actor."""
        act_as(who.mandate_id if who else None)
        return who

    def file(self, by=None, **values):
        """A file opened by its own door, by a member; the database is then asked under their mandate."""
        today = timezone.localdate()
        given = {
            "category": FollowUp.Category.FAMILY if self.council.kind == "CDDF" else FollowUp.Category.EXPOSED,
            "sex": "f", "birth_date": today.replace(year=today.year - 15, day=1), "origin": "school",
            "situations": [], "received_on": today,
        }  # fmt: skip
        name = {"given_name": "Inès", "family_name": "Inventée-Zéphyr", **values.pop("identity", {})}
        who = self.acting(by or self.members[0])
        return actions.open_file(body=self.body, by=who, identity=name, **(given | values))
