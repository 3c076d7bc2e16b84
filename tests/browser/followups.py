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


def neighbours(server):
    """A group that holds files in Roanne, and a browser session of its coordinator: {session, body}."""
    code = "from tests.browser.followups import open_elsewhere; print(open_elsewhere())"
    return json.loads(server.prevenance("shell", "--no-imports", "-c", code).strip().splitlines()[-1])


def open_elsewhere():
    """Run inside the server's environment. Nobody's button leads to another town: a session is opened here."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.db import transaction

    from prevenance.domains.accounts.acting import CHOSEN, DEMONSTRATED
    from prevenance.domains.accounts.sessions import SessionStore
    from prevenance.domains.governance.models import Council
    from tests.factories.followup import Compartment

    with transaction.atomic():
        council = Council.objects.filter(territory__code="42187", kind="CLSPD").select_related("territory", "scope")
        there = Compartment("42187", council=council.first())
        who = there.coordinator
        session = SessionStore()
        session[SESSION_KEY] = str(who.person_id)
        session[BACKEND_SESSION_KEY] = "prevenance.domains.accounts.backends.Mandated"
        session[HASH_SESSION_KEY] = who.person.get_session_auth_hash()
        session[CHOSEN], session[DEMONSTRATED] = who.mandate_id, True
        session.save()
        return json.dumps({"session": session.session_key, "body": there.body.pk, "council": there.council.name})


def enter_with(page, server, session):
    """Be who has that session, from the next page on."""
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": server.address}])
