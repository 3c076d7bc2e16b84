"""Who may open a file, and what is asked of a file to be written in."""

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.models import FollowUp, opened
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.rules.councils import Stale


def opens(body: Body, actor: Actor) -> bool:
    """Whether the actor's mandate opens that group: a seat, every text in force signed (the wall's own answer)."""
    return actor.can("see_files") and Body.objects.filter(opened(actor, "pk"), pk=body.pk).exists()


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


def check_is_open(followup: FollowUp) -> None:
    """Raises Stale once the follow-up has ended: nothing more is written."""
    if not followup.is_open:
        raise Stale(_("Ce suivi est terminé : son dossier ne change plus."))


def check_seen(row: object, edit: int) -> None:
    """Raises Stale when somebody wrote since the form was shown."""
    if getattr(row, "edit", None) != edit:
        raise Stale(_("Quelqu’un a modifié ceci entre-temps : relisez-le, puis reprenez votre saisie."))
