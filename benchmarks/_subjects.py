"""What the measured pages are about, in the demonstration and in the nation: identifiers, days that addresses name."""

from typing import Any

from prevenance.domains.accounts.acting import Actor


def actor(role: str) -> Actor:
    from prevenance.domains.accounts.acting import actor_of
    from prevenance.domains.accounts.models import Person

    return actor_of(Person.objects.get(email=f"{role}@demonstration.invalid"))


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
