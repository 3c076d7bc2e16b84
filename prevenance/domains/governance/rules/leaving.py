"""A controller leaves with all that is theirs: what must be settled before, and when what stays is erased."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate, Scope
from prevenance.domains.governance.analysis.everything import owned
from prevenance.domains.governance.models import Controller, ControllerExport, Meeting
from prevenance.domains.governance.rules.controllers import erased_from, holder_of, leaving_days, left, left_sentence
from prevenance.domains.governance.rules.councils import Stale

# What is recorded of an export changes nothing of what it holds.
EXPORTING = (
    "governance.ask_export", "governance.note_progress", "governance.finish_export", "governance.fail_export",
    "governance.note_download", "governance.erase_export",
)  # fmt: skip


def held_scopes(scope: Scope) -> models.QuerySet[Scope]:
    """Scopes of the controller's councils and of their groups: those whose mandates end with it."""
    return Scope.objects.filter(models.Q(holder=scope) | models.Q(holder__holder=scope))


def all_scopes(scope: Scope) -> models.QuerySet[Scope]:
    """These and the controller's own."""
    return Scope.objects.filter(models.Q(pk=scope.pk) | models.Q(holder=scope) | models.Q(holder__holder=scope))


def mandates_ending(scope: Scope) -> int:
    """How many mandates end with the councils and their groups."""
    lasting = models.Q(valid_to=None) | models.Q(valid_to__gte=timezone.localdate())
    return int(Mandate.objects.filter(lasting, scope__in=held_scopes(scope), withdrawn_at=None).count())


def changed_since(scope: Scope, moment: datetime) -> bool:
    """Whether anything was done in governance there since `moment`, as the trail says."""
    chains = [f"scope:{pk}" for pk in all_scopes(scope).values_list("pk", flat=True)]
    rows = AuditRow.objects.filter(scope__in=chains, at__gt=moment, action__startswith="governance.")
    return rows.exclude(action__in=EXPORTING).exists()


def kept_elsewhere(scope: Scope) -> list[tuple[str, int]]:
    """(what, how many) of the rows of other domains that lean on these councils, their acts or decisions.

    A plan of prevention does: it is not in the export, and does not end with the councils. Found by the keys of every
    table, so that a domain written later counts too.
    """
    found: dict[type[models.Model], set[int]] = {}
    everything: list[tuple[type[models.Model], models.QuerySet[Any]]] = [*owned(scope), (Scope, all_scopes(scope))]
    for model, rows in everything:
        for relation in model._meta.get_fields(include_hidden=True):
            if not isinstance(relation, models.ManyToOneRel):
                continue
            table = relation.related_model
            if table._meta.app_label in ("accounts", "governance"):
                continue
            leaning = table._base_manager.filter(**{f"{relation.field.name}__in": rows.order_by().values("pk")})
            found.setdefault(table, set()).update(leaning.values_list("pk", flat=True))
    return [(str(table._meta.verbose_name_plural), len(ids)) for table, ids in found.items() if ids]


def check_nothing_leans(scope: Scope) -> None:
    """Raises Refused while another part of the platform leans on what would go: it would be lost with it."""
    if kept := kept_elsewhere(scope):
        said = ", ".join(f"{count} {what}" for what, count in kept)
        raise Refused(
            _("D’autres données s’appuient sur ces conseils et ne sont pas dans l’export (%(kept)s) : écrivez-nous.")
            % {"kept": said}
        )


def fresh_export(scope: Scope, on: date) -> ControllerExport | None:
    """An export downloaded not long before a day, asked for after everything that was done."""
    since = on - timedelta(days=leaving_days("downloaded", on))
    exports = ControllerExport.objects.filter(controller__scope=scope, downloaded_at__date__gte=since)
    last = exports.order_by("-requested_at").first()
    return None if last is None or changed_since(scope, last.requested_at) else last


def check_decides_to_leave(scope: Scope, actor: Actor) -> None:
    """Whoever chairs, in person: it is not delegated."""
    if holder_of(actor) != scope or not actor.can("approve") or actor.is_delegate:
        raise Refused(_("Seule la présidence, en personne, peut décider de quitter la plateforme."))


def check_can_leave(scope: Scope, actor: Actor) -> None:
    """Whoever chairs, with a recent export in hand, and nothing left that others would come to."""
    check_decides_to_leave(scope, actor)
    if record := left(scope.pk):
        raise Stale(left_sentence(record))
    check_nothing_leans(scope)
    convened = Meeting.objects.filter(council__scope__holder=scope, state=Meeting.State.CONVENED)
    if meeting := convened.order_by("starts_at").first():
        raise Refused(
            _("La réunion du %(day)s est convoquée : tenez-la ou annulez-la avant de partir.")
            % {"day": date_format(timezone.localdate(meeting.starts_at), "j F Y")}
        )
    if fresh_export(scope, timezone.localdate()) is None:
        raise Refused(
            _("Préparez d’abord l’export et téléchargez-le : rien ne doit changer ensuite (%(days)s jours au plus).")
            % {"days": leaving_days("downloaded", timezone.localdate())}
        )


def check_can_forget(scope: Scope, on: date) -> None:
    """The operator erases what was a controller's once it has left long enough, and nothing leans on it."""
    record = left(scope.pk)
    if record is None:
        raise Refused(_("Ce responsable n’a pas quitté la plateforme, ou tout ce qui était à lui est déjà effacé."))
    if on < erased_from(record):
        raise Refused(left_sentence(record))
    check_nothing_leans(scope)


def due_to_forget(on: date) -> list[Controller]:
    """Records of controllers who left long enough ago, first those who left first."""
    gone = Controller.objects.filter(left_on__isnull=False).select_related("scope__territory").order_by("left_on", "pk")
    return [record for record in gone if erased_from(record) <= on]
