"""Follow-ups in the demonstration, for journeys: its group opens files, its invented people sign, thirty are followed.

Filled by a process of its own on the server's database (`fill`), by the same doors as the screens.
"""

import datetime as dt
import json

GIVEN = ("Inès", "Noé", "Lina", "Adam", "Jade", "Sami", "Maya", "Léo", "Nora", "Ilan")
FAMILY = ("Inventée-Zéphyr", "Fictive-Mistral", "Exemple-Brise")
SIGNATORIES = ("coordinator", "group_member", "referent")


def filled(server, files=30):
    """What `fill` made, by its identifiers."""
    code = f"from tests.browser.followups import fill; print(fill({files}))"
    return json.loads(server.prevenance("shell", "--no-imports", "-c", code).strip().splitlines()[-1])


def fill(count):
    """Run inside the server's environment: the group's texts, signatures, files and a meeting that began."""
    from django.db import transaction
    from django.utils import timezone

    from prevenance.domains.accounts.acting import actor_of
    from prevenance.domains.accounts.rules import invented_people
    from prevenance.domains.followup.models import FollowUp
    from prevenance.domains.governance.models import Body, Membership
    from tests.factories import MeetingFactory, MembershipFactory
    from tests.factories.followup import Compartment

    with transaction.atomic():
        mandates = invented_people()
        bodies = Body.objects.select_related("council__scope", "council__territory")
        body = bodies.filter(council__scope=mandates["coordinator"].scope_id, kind=Body.Kind.GROUP).first()
        body.scope = mandates["referent"].scope
        body.save(update_fields=["scope"])
        here = Compartment(council=body.council, body=body, members=1)
        people = {}
        for role in SIGNATORIES:
            person = mandates[role].person
            seat = Membership.objects.filter(body=body, person=person).current().first()
            here.seats[person.pk] = seat or MembershipFactory(body=body, person=person)
            people[role] = actor_of(person, mandates[role].pk)
            here.sign(people[role])
        for rank in range(count):
            name = {"given_name": GIVEN[rank % 10], "family_name": FAMILY[rank % 3]}
            file = here.file(by=people["group_member"], identity=name)
            if rank < 10:
                here.takes_part(file, people["referent"])
        began = timezone.now() - dt.timedelta(minutes=1)
        meeting = MeetingFactory(
            body=body, title="Groupe de suivi de novembre", starts_at=began, ends_at=began + dt.timedelta(hours=3),
            state="convened", convened_at=began,
        )  # fmt: skip
        here.acting(people["coordinator"])
        numbers = FollowUp.objects.filter(body=body).order_by("number").values_list("number", flat=True)
        return json.dumps({"body": body.pk, "meeting": meeting.pk, "numbers": list(numbers)})
