"""A group of a council with its members, and a rulebook brought to the state that a test needs. Everything invented."""

import datetime as dt

from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.actions import rulebooks
from prevenance.domains.governance.models import Body, Meeting, Membership, Rulebook
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories import MeetingFactory, MembershipFactory, actor

TEXT = "# Objet\nLe groupe travaille sur les abords du collège.\n- Rien de nominatif en plénière."


class GroupWithRulebook(CouncilThatMeets):
    """Council, coordinator, mayor, a group of three members, each with an account."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.group = Body.objects.create(council=self.council, kind="group", name="Groupe inventé")
        self.actors: dict[int, Actor] = {}
        self.seats = [MembershipFactory(body=self.group) for _ in range(3)]
        for number, seat in enumerate(self.seats):
            self.actors[number] = actor("group_member", self.council.scope, person=seat.person)

    def member(self, number) -> Actor:
        """The group's member, signed in under a mandate of the council, as the database is told."""
        act_as(self.actors[number].mandate_id)
        return self.actors[number]

    def draft(self, text=TEXT, kind="rules", quorum=(1, 2, True), body: Body | None = None) -> Rulebook:
        book = rulebooks.draft(body=body or self.group, kind=kind, by=self.coordinator)
        return rulebooks.write(
            rulebook=book, edit=book.edit, text=text, change_note="", quorum=quorum, by=self.coordinator
        )

    def proposed(self, **kwargs) -> Rulebook:
        book = self.draft(**kwargs)
        on = timezone.localdate() - dt.timedelta(days=5)
        return rulebooks.propose(rulebook=book, edit=book.edit, on=on, by=self.coordinator)

    def plenary_held(self) -> Meeting:
        start = timezone.now() - dt.timedelta(hours=3)
        return MeetingFactory(
            body=self.plenary, state="held", convened_at=start, starts_at=start, ends_at=start + dt.timedelta(hours=1)
        )

    def adopted(self, meeting: Meeting | None = None, **kwargs) -> Rulebook:
        book = self.proposed(**kwargs)
        rulebooks.adopt(rulebook=book, meeting=meeting or self.plenary_held(), by=self.mayor)
        book.refresh_from_db()
        return book

    def sign(self, book: Rulebook, number: int):
        return rulebooks.sign(rulebook=book, seen=book.digest, by=self.member(number))

    def leave(self, number: int, on: dt.date | None = None) -> None:
        day = on or timezone.localdate() - dt.timedelta(days=1)
        Membership.objects.filter(pk=self.seats[number].pk).update(valid_to=day)
