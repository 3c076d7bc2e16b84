"""What the measured pages are about, in the demonstration and in the nation: identifiers, days that addresses name."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # scripts name subjects before any site is set up
    from prevenance.domains.accounts.acting import Actor


# Not roles of the demonstration: who coordinates the group that holds most files, who turned most people to services.
LARGE_GROUP, HELPER = "large_group", "helper"


def actor(role: str) -> "Actor":
    """The demonstration's person of a role, or one of those above."""
    from prevenance.domains.accounts.acting import actor_of
    from prevenance.domains.accounts.models import Mandate, Person

    if role == LARGE_GROUP:
        keeper = Mandate.objects.filter(role="coordinator", scope_id=large_group().council.scope_id)
        mandate = keeper.current().select_related("person").latest("pk")
        return actor_of(mandate.person, mandate.pk)
    if role == HELPER:
        person, scope = most_turned()
        mandate = Mandate.objects.filter(person=person, scope=scope).current().select_related("person").latest("pk")
        return actor_of(mandate.person, mandate.pk)
    return actor_of(Person.objects.get(email=f"{role}@demonstration.invalid"))


def most_turned() -> tuple[int, int]:
    from django.db.models import Count

    from prevenance.domains.directory.models import OrientationLink

    sent = OrientationLink.objects.values("sender", "scope").annotate(count=Count("pk")).order_by("-count", "sender")
    found: tuple[int, int] = sent.values_list("sender", "scope")[0]
    return found


def large_group() -> Any:
    """By the last numbers given, which are counted outside the wall of files."""
    from django.db.models import Sum

    from prevenance.domains.followup.models import NumberSeries
    from prevenance.domains.governance.models import Body

    given = NumberSeries.objects.values("body").annotate(files=Sum("last")).order_by("-files", "body")
    return Body.objects.get(pk=given.values_list("body", flat=True)[0])


def of_councils() -> dict[str, Any]:
    """The coordinator's last plenary whose minutes are approved, the next one being prepared, their council, its first
    group, and a rulebook that its group signs; the police group of the préfet's office."""
    from prevenance.domains.governance.models import Body, Council, Meeting, Rulebook

    coordinator = actor("coordinator")
    meetings = Meeting.objects.visible_to(coordinator).filter(state="approved", body__kind="plenary")
    drafts = Meeting.objects.visible_to(coordinator).filter(state="draft", body__kind="plenary")
    books = Rulebook.objects.visible_to(coordinator).filter(state="adopted", body__kind="group")
    groups = Body.objects.visible_to(coordinator).filter(kind="group").order_by("pk")
    policed = Council.objects.visible_to(actor("prefect_office")).filter(kind="GPO")
    return {
        "": 0,
        "meeting": meetings.order_by("-starts_at").values_list("pk", flat=True)[0],
        "council": Council.objects.visible_to(coordinator).get().pk,
        "draft": drafts.order_by("starts_at", "pk").values_list("pk", flat=True)[0],
        "rulebook": books.order_by("pk").values_list("pk", flat=True)[0],
        "group": groups.values_list("pk", flat=True)[0],
        "police": policed.values_list("pk", flat=True)[0],
    }


def of_plans() -> dict[str, Any]:
    """The plan that the coordinator keeps, a sheet of it, the last quarter that it entered and a day of its first text;
    a plan of the nation's size and an indicator reported by the whole of it, where there are some: else these."""
    from prevenance.domains.strategy.models import Indicator, IndicatorValue, Plan, Sheet, held_plan

    plan = Plan.objects.filter(held_plan(actor("coordinator"), path="")).exclude(in_force_from=None).earliest("pk")
    sheet = Sheet.objects.filter(plan=plan).standing().earliest("number")
    entered = IndicatorValue.objects.filter(plan=plan, state="accepted").order_by("-starts_on")
    big = Plan.objects.filter(kind="local_plan", title__startswith="Plan d’actions").order_by("pk").first() or plan
    national = Indicator.objects.filter(plan__kind="national").order_by("pk")
    indicator = national.filter(label__startswith="Suivi national").first() or national.earliest("pk")
    return {
        "plan": plan.pk,
        "sheet": sheet.pk,
        "sheet_number": sheet.number,
        "quarter": entered.values_list("starts_on", flat=True)[0].isoformat(),
        "first_day": plan.in_force_from.isoformat(),
        "big_plan": big.pk,
        "indicator": indicator.pk,
    }


def of_files() -> dict[str, Any]:
    """A file that the demonstration's referent follows, the first group of its coordinator, and the group that holds
    most files with the beginning of the given name that most of its files share."""
    from collections import Counter

    from django.db import transaction

    from prevenance.core.row_security import act_as
    from prevenance.core.text import plain
    from prevenance.domains.followup.analysis.matching import opened_identities
    from prevenance.domains.followup.models import FollowUp, Involvement

    def read_as(role: str) -> Any:
        who = actor(role)
        act_as(who.mandate_id)
        return who, FollowUp.objects.visible_to(who)

    with transaction.atomic():
        referent, files = read_as("referent")
        followed = Involvement.objects.filter(kind="referent", person_id=referent.person_id).current()
        mine = files.open().filter(pk__in=followed.values("followup_id")).order_by("pk")
        file = mine.values_list("pk", flat=True)[0]
        _keeper, files = read_as("coordinator")
        group = files.order_by("body_id").values_list("body_id", flat=True)[0]
        large = large_group()
        _keeper, files = read_as(LARGE_GROUP)
        opened = opened_identities(files.filter(body=large), ("given_name",))
        given = {one.pk: plain(values["given_name"])[:4] for one, values in opened}
    names = Counter(given.values())
    name = max(names, key=lambda name: (names[name], name))
    return {
        "file": file,
        "files_group": group,
        "large_group": large.pk,
        "name": name,
        "searched": " ".join(map(str, [large.pk, *(pk for pk, said in given.items() if said == name)])),
    }
