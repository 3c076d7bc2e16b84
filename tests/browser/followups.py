"""More follow-ups in the demonstration, for journeys: its group of the referent gets files, and a meeting that began.

Filled by a process of its own on the server's database (`fill`), by the same doors as the screens.
"""

import datetime as dt
import json

GIVEN = ("Inès", "Noé", "Lina", "Adam", "Jade", "Sami", "Maya", "Léo", "Nora", "Ilan")
FAMILY = ("Inventée-Zéphyr", "Fictive-Mistral", "Exemple-Brise")


def filled(server, files):
    """What `fill` made, by its identifiers."""
    code = f"from tests.browser.followups import fill; print(fill({files}))"
    return json.loads(server.prevenance("shell", "--no-imports", "-c", code).strip().splitlines()[-1])


def fill(count):
    """Run inside the server's environment. Files are opened until the group has `count` of them running, the last two
    followed by the demonstration's referent; gives their numbers, those of all, and the meeting."""
    from django.db import transaction
    from django.utils import timezone

    from prevenance.core.row_security import act_as
    from prevenance.domains.accounts.acting import actor_of
    from prevenance.domains.accounts.rules import invented_people
    from prevenance.domains.followup import actions
    from prevenance.domains.followup.models import FollowUp, Involvement
    from prevenance.domains.governance.models import Body
    from tests.factories import MeetingFactory

    with transaction.atomic():
        mandates = invented_people()
        referent, coordinator = (
            actor_of(mandates[role].person, mandates[role].pk) for role in ("referent", "coordinator")
        )
        body = Body.objects.select_related("council__scope").get(scope_id=mandates["referent"].scope_id)
        act_as(coordinator.mandate_id)
        running = FollowUp.objects.filter(body=body, closed_on=None)
        act_as(referent.mandate_id)
        today, made = timezone.localdate(), []
        for rank in range(max(2, count - running.count())):
            made.append(
                actions.open_file(
                    body=body, by=referent, category="exposed", sex="f", origin="school", situations=[],
                    birth_date=today.replace(year=today.year - 15, day=1), received_on=today,
                    identity={"given_name": GIVEN[rank % 10], "family_name": FAMILY[rank % 3]},
                )
            )  # fmt: skip
        for file in made[-2:]:
            Involvement.objects.create(
                followup=file, body=body, person=referent.person, kind="referent", proposed_by=coordinator.person,
                accepted_at=timezone.now(), valid_from=today,
            )  # fmt: skip
        act_as(coordinator.mandate_id)
        began = timezone.now() - dt.timedelta(minutes=1)
        meeting = MeetingFactory(
            body=body, title="Groupe de suivi", starts_at=began, ends_at=began + dt.timedelta(hours=3),
            state="convened", convened_at=began,
        )  # fmt: skip
        numbers = list(running.order_by("number").values_list("number", flat=True))
        return json.dumps({"meeting": meeting.pk, "own": [file.number for file in made[-2:]], "numbers": numbers})


def neighbours(server):
    """A group that holds files in Roanne, and a browser session of its coordinator: {session, body}."""
    code = "from tests.browser.followups import open_elsewhere; print(open_elsewhere())"
    return json.loads(server.prevenance("shell", "--no-imports", "-c", code).strip().splitlines()[-1])


def open_elsewhere():
    """Run inside the server's environment. Nobody's button leads to another town: a session is opened here."""
    from django.db import transaction

    from prevenance.domains.governance.models import Council
    from tests.factories.followup import Compartment

    with transaction.atomic():
        council = Council.objects.filter(territory__code="42187", kind="CLSPD").select_related("territory", "scope")
        there = Compartment("42187", council=council.first())
        session = session_of(there.coordinator)
        return json.dumps({"session": session, "body": there.body.pk, "council": there.council.name})


def session_of(who):
    """The key of a session where somebody has entered, under the mandate that they act with."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from prevenance.domains.accounts.acting import CHOSEN, DEMONSTRATED
    from prevenance.domains.accounts.sessions import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(who.person_id)
    session[BACKEND_SESSION_KEY] = "prevenance.domains.accounts.backends.Mandated"
    session[HASH_SESSION_KEY] = who.person.get_session_auth_hash()
    session[CHOSEN], session[DEMONSTRATED] = who.mandate_id, True
    session.save()
    return session.session_key


def enter_with(page, server, session):
    """Be who has that session, from the next page on."""
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": server.address}])


def family_council(server):
    """A CDDF of Saint-Chamond where the demonstration's mayor sits and signed: sessions of its coordination and of a
    member: {coordinator, member, body}."""
    code = "from tests.browser.followups import open_family_council; print(open_family_council())"
    return json.loads(server.prevenance("shell", "--no-imports", "-c", code).strip().splitlines()[-1])


def open_family_council():
    """Run inside the server's environment."""
    from django.db import transaction

    from prevenance.domains.accounts.acting import actor_of
    from prevenance.domains.accounts.rules import invented_people
    from tests.factories import MembershipFactory
    from tests.factories.followup import Compartment

    with transaction.atomic():
        families = Compartment("42207", kind="CDDF")
        mandate = invented_people()["mayor"]
        mayor = actor_of(mandate.person, mandate.pk)
        families.seats[mayor.person_id] = MembershipFactory(body=families.body, person=mayor.person)
        families.sign(mayor)
        sessions = {"coordinator": session_of(families.coordinator), "member": session_of(families.members[0])}
        return json.dumps({**sessions, "body": families.body.pk})
