"""Action sheets: who writes them, from which state to which, what is late, which amendment a new one goes into."""

from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.governance.models import Body, Membership
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Amendment, Plan, Sheet, SheetStep
from prevenance.domains.strategy.rules.amendments import check_act_is_open
from prevenance.domains.strategy.rules.plans import holds_plan

State = Sheet.State

# From a state to those that it may become, and whether a reason is asked. What stopped may start again, with a reason.
TRANSITIONS: dict[str, dict[str, bool]] = {
    State.IDEA: {State.PLANNED: False, State.UNDER_WAY: False, State.DROPPED: True},
    State.PLANNED: {State.UNDER_WAY: False, State.IDEA: False, State.DROPPED: True},
    State.UNDER_WAY: {State.DONE: False, State.PAUSED: True, State.DROPPED: True},
    State.PAUSED: {State.UNDER_WAY: False, State.DROPPED: True},
    State.DONE: {State.UNDER_WAY: True},
    State.DROPPED: {State.IDEA: True},
}
CLOSED = (State.DONE, State.DROPPED)
NOT_BEGUN = (State.IDEA, State.PLANNED)
TEXTS = ("problem", "objective")


def part(number: int, which: str) -> str:
    """The part of the plan's text that holds a sheet's problem or objective."""
    return f"sheet:{number}:{which}"


# ------------------------------------------------------------------------------------------------------- late


def is_late(sheet: Sheet, steps: list[SheetStep] | None = None, on: date | None = None) -> bool:
    """Whether a sheet that is neither done nor dropped has passed its end, or one of its steps its day."""
    today = on or timezone.localdate()
    if sheet.state in CLOSED:
        return False
    ended = sheet.ends is not None and sheet.ends < today
    return ended or any(step_is_late(step, today) for step in steps or ())


def step_is_late(step: SheetStep, on: date | None = None) -> bool:
    today = on or timezone.localdate()
    return step.done_on is None and step.due_on is not None and step.due_on < today


def late_sheets(on: date | None = None) -> Q:
    """`is_late`, as a condition on sheets."""
    today = on or timezone.localdate()
    # Asked of each sheet that is read, by the index of its steps: a list would be all that is late in the country.
    steps = SheetStep.objects.filter(sheet=OuterRef("pk"), done_on=None, due_on__lt=today)
    return ~Q(state__in=CLOSED) & (Q(ends__lt=today) | Q(Exists(steps)))


# ------------------------------------------------------------------------------------------------------- who writes


def check_can_write(plan: Plan, actor: Actor) -> None:
    if not holds_plan(plan, actor):
        raise Refused(_("Seuls ceux qui tiennent ce plan écrivent ses fiches : sa coordination ou sa présidence."))
    if plan.ended_on is not None and plan.ended_on < timezone.localdate():
        raise Refused(_("Ce plan est terminé : ses fiches ne changent plus."))


def withdrawal(sheet: Sheet) -> Amendment | None:
    """The amendment that withdraws a sheet, in force or in preparation: one that was dropped withdraws nothing."""
    found = sheet.withdrawn_by
    return None if found is None or found.state == Amendment.State.DROPPED else found


def check_can_change(sheet: Sheet, actor: Actor) -> None:
    """Follow a sheet from day to day."""
    check_can_write(sheet.plan, actor)
    if sheet.brought_by.state == Amendment.State.DROPPED:
        raise Refused(_("L’avenant qui apportait cette fiche est abandonné : elle ne change plus."))
    if withdrawn := withdrawal(sheet):
        if withdrawn.state == Amendment.State.IN_FORCE:
            raise Refused(_("Cette fiche a été retirée du plan : elle ne change plus."))
        if withdrawn.pk == sheet.brought_by_id:
            raise Refused(_("Cette fiche est retirée du projet : reprenez-la pour la modifier."))


def draft_of(plan: Plan) -> Amendment | None:
    """The amendment being prepared, where new sheets go: the plan's first text while it is one."""
    drafts = Amendment.objects.filter(plan=plan, state=Amendment.State.DRAFT)
    return drafts.order_by("-number").first()


NO_DRAFT = object()


def check_can_add(plan: Plan, actor: Actor, draft: Amendment | object | None = NO_DRAFT) -> None:
    """Adding or withdrawing a sheet amends the plan. `draft`: when it is known already, no query is made."""
    check_can_write(plan, actor)
    draft = draft_of(plan) if draft is NO_DRAFT else draft
    if not isinstance(draft, Amendment):
        raise Refused(_("Ce plan est en vigueur : ouvrez d’abord un avenant pour ajouter ou retirer une fiche."))
    check_act_is_open(draft)


def check_can_withdraw(sheet: Sheet, actor: Actor, draft: Amendment | object | None = NO_DRAFT) -> None:
    check_can_write(sheet.plan, actor)
    if withdrawal(sheet):
        raise Stale(_("Cette fiche est déjà retirée."))
    check_can_add(sheet.plan, actor, draft)


def check_can_keep(sheet: Sheet, actor: Actor) -> None:
    """Take back a withdrawal that has not taken effect."""
    check_can_write(sheet.plan, actor)
    withdrawn = withdrawal(sheet)
    if withdrawn is None:
        raise Stale(_("Cette fiche n’est plus retirée."))
    if withdrawn.state != Amendment.State.DRAFT:
        raise Refused(_("Le retrait de cette fiche est en vigueur : ajoutez une nouvelle fiche par un avenant."))
    check_act_is_open(withdrawn)


def check_texts_are_open(sheet: Sheet) -> None:
    """The problem and the objective are written here while the amendment that brings the sheet is a draft."""
    if sheet.brought_by.state != Amendment.State.DRAFT:
        raise Refused(_("Le problème et l’objectif de cette fiche sont en vigueur : un avenant les change."))
    check_act_is_open(sheet.brought_by)


def check_can_move(sheet: Sheet, state: str, reason: str, actor: Actor) -> None:
    check_can_change(sheet, actor)
    if state not in TRANSITIONS[sheet.state]:
        raise Stale(_("Cette fiche a changé d’état entre-temps : vérifiez où elle en est."))
    if TRANSITIONS[sheet.state][state] and not reason.strip():
        raise Refused(_("Dites pourquoi : le motif reste dans l’histoire de la fiche."))


def check_fresh(sheet: Sheet, seen: int) -> None:
    if sheet.edit != seen:
        raise Stale(_("Cette fiche a été modifiée ailleurs : vérifiez, puis enregistrez à nouveau."))


# ------------------------------------------------------------------------------------------------------- who is asked


def people_of(plan: Plan, actor: Actor) -> list[Person]:
    """Who may be asked to follow a sheet or a step: members of the plan's council, and people of one's own scopes."""
    asked = Q(pk__in=Person.objects.visible_to(actor).values("pk")) | Q(pk=actor.person_id)
    if plan.council_id is not None:
        seats = Membership.objects.current().filter(body__council=plan.council_id, body__kind__in=Body.MAIN)
        asked |= Q(pk__in=seats.values("person"))
    return list(Person.objects.filter(asked, is_active=True).order_by("sort_name", "pk"))


def check_can_ask(plan: Plan, person: Person | None, actor: Actor, before: int | None = None) -> None:
    """`before` is who was asked until now: a person who left may stay on an old sheet."""
    if person is not None and person.pk != before and person not in people_of(plan, actor):
        raise Refused(_("Choisissez une personne qui siège au conseil ou qui travaille avec vous."))


def organisations_of(plan: Plan) -> list[Organisation]:
    """Known here by their names: those that sit in the council, and those of the plan's sheets."""
    known = Q(pk__in=Sheet.objects.filter(plan=plan).values("lead"))
    known |= Q(pk__in=Sheet.partners.through.objects.filter(sheet__plan=plan).values("organisation"))
    if plan.council_id is not None:
        known |= Q(pk__in=Membership.objects.filter(body__council=plan.council_id).values("organisation"))
    return list(Organisation.objects.filter(known).order_by("sort_name", "pk"))


# ------------------------------------------------------------------------------------------------------- dates


def check_can_shift(plan: Plan, sheets: list[Sheet], days: int, reason: str, actor: Actor) -> None:
    check_can_write(plan, actor)
    if not days:
        raise Refused(_("Dites de combien de jours les dates changent."))
    if not sheets:
        raise Refused(_("Choisissez au moins une fiche qui n’est ni terminée ni abandonnée."))
    if not reason.strip():
        raise Refused(_("Dites pourquoi : le motif reste dans l’histoire de chaque fiche."))


def movable(plan: Plan) -> Q:
    """Sheets whose dates a slip of the plan moves."""
    standing = (Q(withdrawn_by=None) | ~Q(withdrawn_by__state="in_force")) & ~Q(brought_by__state="dropped")
    return Q(plan=plan) & ~Q(state__in=CLOSED) & standing


def stamp(sheets: list[Sheet]) -> str:
    """Says which states of which sheets a preview showed."""
    return "-".join(f"{sheet.pk}.{sheet.edit}" for sheet in sheets)
