"""Bodies of a council: which it may have, who opens and closes them, where names may be exchanged."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Body, Controller, Council, ExchangeText, Meeting
from prevenance.domains.governance.rules.controllers import missing_in
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.governance.rules.kinds import latest


def kinds_to_open(council: Council) -> list[str]:
    """Kinds of body that may still be opened in a council: groups, and the restricted body once."""
    allowed = [kind for kind in latest()[council.kind].bodies if kind not in Body.MAIN]
    if Body.Kind.RESTRICTED in allowed and council.bodies.filter(kind=Body.Kind.RESTRICTED).exists():
        allowed.remove(Body.Kind.RESTRICTED)
    return sorted(allowed)  # groups first: they are what is opened every day


def check_can_open_body(council: Council, actor: Actor, kind: str = Body.Kind.GROUP) -> None:
    check_can_hold(council, actor)
    record = latest()[council.kind]
    if kind not in record.bodies or kind in Body.MAIN:
        raise Refused(_("Un %(kind)s n’a pas d’autre formation.") % {"kind": record.short})
    if kind == Body.Kind.RESTRICTED and kind not in kinds_to_open(council):
        raise Stale(_("Ce conseil a déjà sa formation restreinte."))


def check_can_change_body(body: Body, actor: Actor) -> None:
    check_can_hold(body.council, actor)
    if body.closed_on is not None:
        raise Stale(
            _("Ce groupe est fermé depuis le %(day)s : il se lit, mais ne change plus.")
            % {"day": date_format(body.closed_on, "j F Y")}
        )


def check_is_of(body: Body, council: Council) -> None:
    if body.council_id != council.pk:
        raise Refused(_("Cette formation est celle d’un autre conseil."))


def check_can_close_body(body: Body, actor: Actor) -> None:
    """A group closes once nothing is convened in it; a council's own formations end with the council."""
    check_can_change_body(body, actor)
    if body.kind != Body.Kind.GROUP:
        raise Refused(_("Cette formation est celle du conseil lui-même : elle finit avec lui."))
    if body.meetings.filter(state=Meeting.State.CONVENED).exists():
        raise Refused(_("Une réunion de ce groupe est convoquée : tenez-la ou annulez-la avant de le fermer."))


def check_closing_day(body: Body, on: date) -> None:
    if on > timezone.localdate():
        raise Refused(_("Cette date est à venir : fermez le groupe une fois qu’il ne se réunit plus."))
    if body.opened_on and on < body.opened_on:
        raise Refused(_("Un groupe ne peut fermer avant d’avoir ouvert."))


def exchange_text(body: Body, on: date | None = None) -> ExchangeText | None:
    """The dated text that allows this body to exchange facts about named persons, if there is one."""
    day = on or timezone.localdate()
    council = body.council
    texts = ExchangeText.objects.filter(
        council_kind=council.kind, body_kind=body.kind, valid_from__lte=day, zones__contains=[council.territory.zone]
    )
    return next((text for text in texts if text.valid_to is None or text.valid_to >= day), None)


def check_can_open_exchange(body: Body, actor: Actor, controller: Controller | None) -> None:
    """Whoever chairs opens it, where a text allows it and once the controller's record is complete."""
    check_can_change_body(body, actor)
    if body.nominative:
        raise Stale(_("L’échange nominatif est déjà ouvert dans ce groupe."))
    if body.kind in (Body.Kind.PLENARY, Body.Kind.RESTRICTED):
        raise Refused(
            _("Aucune situation individuelle n’est traitée en formation plénière ni restreinte : ouvrez un groupe.")
        )
    if exchange_text(body) is None:
        raise Refused(_("Aucun texte vérifié ne permet l’échange nominatif dans cette formation."))
    if not actor.can("approve"):
        raise Refused(_("Seule la présidence de ce conseil peut ouvrir l’échange nominatif."))
    missing = missing_in(controller)
    if missing:
        raise Refused(
            _("La fiche du responsable de traitement est incomplète. Il manque : %(fields)s.")
            % {"fields": ", ".join(missing)}
        )


def check_can_close_exchange(body: Body, actor: Actor) -> None:
    check_can_change_body(body, actor)
    if not body.nominative:
        raise Stale(_("L’échange nominatif n’est pas ouvert dans ce groupe."))
    if not actor.can("approve"):
        raise Refused(_("Seule la présidence de ce conseil peut fermer l’échange nominatif."))
