"""A council with members, and a meeting brought to the state that a test needs. Everything invented."""

import datetime as dt

from django.utils import timezone

from prevenance.domains.accounts.models import Person
from prevenance.domains.governance.actions import agenda, attendance, convocations, decisions, meetings, minutes
from prevenance.domains.governance.models import Body, Meeting
from tests.factories import CouncilFactory, MembershipFactory, actor, coordinator_of, scope_of

PARIS = timezone.get_default_timezone()


class CouncilThatMeets:
    """Council, coordinator, mayor, plenary and three members."""

    def __init__(self, **kwargs):
        self.council = CouncilFactory(**kwargs)
        self.plenary = Body.objects.get(council=self.council, kind="plenary")
        self.coordinator = coordinator_of(self.council)
        self.mayor = actor("mayor", scope_of(self.council.territory))
        self.members = [MembershipFactory(body=self.plenary) for _ in range(3)]

    def person(self, number) -> Person:
        return self.members[number].person

    def prepared(self, starts_in=dt.timedelta(days=10), items=2) -> Meeting:
        start = timezone.now() + starts_in
        meeting = meetings.create_meeting(
            body=self.plenary, title="Plénière d’automne", starts_at=start, ends_at=start + dt.timedelta(hours=2),
            place="Salle du conseil", by=self.coordinator,
        )  # fmt: skip
        for rank in range(items):
            agenda.add_item(meeting=meeting, kind="debate", title=f"Point inventé {rank + 1}", by=self.coordinator)
        return meeting

    def convened(self, **kwargs) -> Meeting:
        meeting = self.prepared(**kwargs)
        convocations.convene(meeting=meeting, by=self.coordinator)
        meeting.refresh_from_db()
        return meeting

    def held(self) -> Meeting:
        """Convened ten days ago for a moment ago; everyone was there."""
        meeting = self.convened()
        start = timezone.now() - dt.timedelta(hours=3)
        Meeting.objects.filter(pk=meeting.pk).update(starts_at=start, ends_at=start + dt.timedelta(hours=2))
        for line in meeting.attendances.all():
            attendance.mark(attendance=line, presence="present", by=self.coordinator)
        meetings.declare_held(meeting=meeting, by=self.coordinator)
        meeting.refresh_from_db()
        return meeting

    def written(self):
        """Minutes of a held meeting with a text and a decision, ready for approval."""
        draft = minutes.start_minutes(meeting=self.held(), by=self.coordinator)
        minutes.save_texts(minutes=draft, texts={"opening": (1, "La séance est ouverte.")}, by=self.coordinator)
        section = draft.sections.first()
        minutes.save_texts(
            minutes=draft, texts={f"section-{section.pk}": (1, "Les membres échangent.")}, by=self.coordinator
        )
        decisions.add_decision(
            section=section, text="Éclairer le passage inventé.", owner=self.person(0),
            due_on=timezone.localdate() + dt.timedelta(days=30), by=self.coordinator,
        )  # fmt: skip
        draft.refresh_from_db()
        return draft

    def approved(self):
        from prevenance.domains.governance.rules.minutes import digest

        draft = self.written()
        minutes.approve(minutes=draft, seen=digest(draft), by=self.mayor)
        draft.refresh_from_db()
        return draft
