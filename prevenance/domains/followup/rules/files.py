"""Who may open a file, and what is asked of a file to be written in."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Func
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.followup.models import FollowUp, Involvement, opened
from prevenance.domains.governance.models import Body, Membership
from prevenance.domains.governance.rules.councils import Stale


def opens(body: Body, actor: Actor) -> bool:
    """Whether the actor's mandate opens that group: a seat, every text in force signed (the wall's own answer).

    The database is asked once for the body in hand: a page asks several rules.
    """
    if not actor.can("see_files"):
        return False
    known: dict[int | None, bool] = body.__dict__.setdefault("opened_by", {})
    if actor.mandate_id not in known:
        known[actor.mandate_id] = Body.objects.filter(opened(actor, "pk"), pk=body.pk).exists()
    return known[actor.mandate_id]


def parts_today(followup: FollowUp) -> list[Involvement]:
    """Who takes part in the file today; a view that came to the file has them in hand (views.reading)."""
    known: list[Involvement] | None = followup.__dict__.get("people")
    if known is not None:
        return known
    return list(Involvement.objects.filter(followup=followup).current())


def mandates_opening(body: int, people: Any) -> models.QuerySet[Mandate]:
    """Mandates in force of `people` that open a group: a seat there, every text in force signed (the wall's answer)."""
    opens = Func(
        models.Value(body, models.BigIntegerField()), models.F("pk"), output_field=models.BooleanField(),
        arg_joiner=" = ANY (followup_bodies(", template="(%(expressions)s)))",
    )  # fmt: skip
    found: models.QuerySet[Mandate] = Mandate.objects.current().filter(opens, person__in=people)
    return found


def opening(body: int, people: Collection[int]) -> set[int]:
    """Who among `people` opens the files of the group under one of their mandates."""
    return set(mandates_opening(body, people).order_by().values_list("person_id", flat=True))


def check_can_open_here(body: Body, actor: Actor) -> None:
    """Any member who signed reports a situation; the group holds it."""
    if not opens(body, actor):
        raise Refused(
            _("Signez d’abord le règlement et la charte en vigueur de ce groupe, sous le mandat que vous y exercez.")
        )


def check_category(body: Body, category: str) -> None:
    """Support of a family is the CDDF's; the three others are a group's of the council."""
    family = category == FollowUp.Category.FAMILY
    if family != (body.council.kind == "CDDF"):
        raise Refused(
            _("L’accompagnement de la famille se suit dans un CDDF, et lui seul.")
            if family
            else _("Un CDDF accompagne des familles : choisissez cette catégorie.")
        )


def check_reporter(body: Body, person: int | None) -> None:
    """Who reported sits in the group; somebody else's report is said by its origin, and recorded by a member."""
    if person is not None and not Membership.objects.filter(body=body, person=person).current().exists():
        raise Refused(_("Choisissez un membre actuel du groupe, ou vous-même."))


def check_is_open(followup: FollowUp) -> None:
    """Raises Stale once the follow-up has ended: nothing more is written."""
    if not followup.is_open:
        raise Stale(_("Ce suivi est terminé : son dossier ne change plus."))


def check_seen(row: object, edit: int) -> None:
    """Raises Stale when somebody wrote since the form was shown."""
    if getattr(row, "edit", None) != edit:
        raise Stale(_("Quelqu’un a modifié ceci entre-temps : relisez-le, puis reprenez votre saisie."))
