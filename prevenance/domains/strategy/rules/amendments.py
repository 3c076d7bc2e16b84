"""Who writes an amendment, and when it takes effect."""

import hashlib
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.governance.models import Act
from prevenance.domains.governance.rules.act_forms import Form
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.strategy.models import Amendment, Change, Plan
from prevenance.domains.strategy.rules.plan_kinds import act_form, kind_of
from prevenance.domains.strategy.rules.plans import check_can_change_plan, check_one_in_force

State = Amendment.State
ACT_TITLE = 160  # as long as the form of an act asks (governance.forms.acts)


def label_of(amendment: Amendment) -> str:
    """« Texte initial », « Avenant n° 2 »."""
    if amendment.number == 0:
        return _("Texte initial")
    return _("Avenant n°\u00a0%(number)d") % {"number": amendment.number}


def act_words(amendment: Amendment) -> str:
    """What the act says that it approves: « Stratégie…, avenant n° 2 : écoles »."""
    plan = amendment.plan
    if amendment.number == 0:
        return plan.title[:ACT_TITLE]
    end = f", {label_of(amendment).lower()}\u00a0: {amendment.title}"[: ACT_TITLE // 2]
    return plan.title[: ACT_TITLE - len(end)] + end


def form_of(plan: Plan, on: date | None = None) -> Form | None:
    """The form of the act that gives effect to the plan and its amendments; None where it is a publication."""
    return act_form(kind_of(plan), plan.scope.kind, on or timezone.localdate())


# ------------------------------------------------------------------------------------------------ writing


def check_can_open_amendment(plan: Plan, actor: Actor) -> None:
    """A plan in force is amended; one in preparation is written in its first text."""
    check_can_change_plan(plan, actor)
    if plan.in_force_from is None:
        raise Refused(_("Ce plan n’est pas encore en vigueur : écrivez son texte initial, sans avenant."))


def check_is_draft(amendment: Amendment) -> None:
    if amendment.state == State.IN_FORCE and amendment.in_force_from is not None:
        raise Stale(
            _("Entré en vigueur le %(day)s, il ne change plus : préparez un avenant.")
            % {"day": date_format(amendment.in_force_from, "j F Y")}
        )
    if amendment.state == State.DROPPED:
        raise Stale(_("Cet avenant est abandonné : il ne change plus."))


def check_can_write(amendment: Amendment, actor: Actor) -> None:
    """Change its text or its sheets: those who hold the plan, until its act is on its way to be signed."""
    check_can_change_plan(amendment.plan, actor)
    check_is_draft(amendment)
    check_act_is_open(amendment)


def check_act_is_open(amendment: Amendment) -> None:
    """What is on its way to be signed does not change: neither its text, nor the sheets that it brings or withdraws."""
    act = amendment.act
    if act is None:
        return
    if _is_signed(act):
        raise Refused(_("L’acte qui lui donne effet est signé : son texte ne change plus."))
    if act.submitted_at is not None:
        raise Refused(
            _("Son acte est transmis à la signature : reprenez d’abord l’acte en préparation pour changer le texte.")
        )


def _is_signed(act: Act) -> bool:
    """By one party at least."""
    return act.signed_on is not None or any(line.signed_on for line in act.signatures.all())


def check_part(amendment: Amendment, part: str) -> None:
    """A part of the outline, or the words of a sheet that the plan has once the amendment is in force."""
    plan = amendment.plan
    if part in {one.key for one in kind_of(plan).outline}:
        return
    kind, _colon, rest = part.partition(":")
    number, _colon, words = rest.partition(":")
    ours = kind == "sheet" and words in ("problem", "objective") and number.isdecimal()
    kept = Q(withdrawn_by=None) | ~Q(withdrawn_by__state=State.IN_FORCE) & ~Q(withdrawn_by=amendment)
    standing = plan.sheets.filter(kept, Q(brought_by__state=State.IN_FORCE) | Q(brought_by=amendment))
    if not ours or not standing.filter(number=int(number)).exists():
        raise Refused(_("Cette partie n’existe pas dans ce plan."))


def digest(text: str) -> str:
    """What tells one state of a part from another on a form."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def check_same_text(text: str, seen: str) -> None:
    if digest(text) != seen:
        raise Stale(_("Cette partie a été modifiée ailleurs : comparez, puis enregistrez à nouveau."))


def check_can_drop(amendment: Amendment, actor: Actor) -> None:
    check_can_change_plan(amendment.plan, actor)
    check_is_draft(amendment)
    act = amendment.act
    if act is not None and _is_signed(act):
        raise Refused(_("L’acte qui lui donne effet est signé : constatez son entrée en vigueur."))


# ------------------------------------------------------------------------------------------------ taking effect


def changes_something(amendment: Amendment) -> bool:
    return bool(amendment.changes.all()) or amendment.sheets.exists() or amendment.withdrawn.exists()


def outdated(amendment: Amendment) -> list[Change]:
    """Its changes of paragraphs that another amendment has changed since they were written."""
    return [one for one in amendment.changes.all() if one.base is not None and one.base.until is not None]


def _check_ready(amendment: Amendment) -> None:
    if not changes_something(amendment):
        raise Refused(_("Rien n’est encore écrit : il n’y a rien à mettre en vigueur."))
    parts = {change.part for change in outdated(amendment)}
    if parts:
        raise Refused(
            _("Un autre avenant a changé depuis les mêmes paragraphes : relisez et enregistrez à nouveau ces parties.")
        )


def check_can_prepare_act(amendment: Amendment, actor: Actor) -> None:
    """Prepare the act of its kind, once, when there is something to approve."""
    check_can_change_plan(amendment.plan, actor)
    check_is_draft(amendment)
    if form_of(amendment.plan) is None:
        raise Refused(_("Ce plan prend effet par la publication que vous nommez : aucun acte ne se prépare ici."))
    if amendment.act is not None:
        raise Stale(_("L’acte est déjà préparé."))
    _check_ready(amendment)


def check_can_take_effect(amendment: Amendment, actor: Actor) -> None:
    """Once its act is signed and its day has come, or once it is published where no act of ours makes it."""
    check_can_change_plan(amendment.plan, actor)
    check_is_draft(amendment)
    if amendment.number > 0 and amendment.plan.in_force_from is None:
        raise Refused(_("Le texte initial du plan n’est pas encore en vigueur."))
    if form_of(amendment.plan) is not None:
        _check_act(amendment.act)
    _check_ready(amendment)


def _check_act(act: Act | None) -> None:
    if act is None:
        raise Refused(_("Préparez d’abord l’acte qui lui donnera effet."))
    if act.signed_on is None or act.in_force_from is None:
        raise Refused(_("L’acte n’est pas encore signé."))
    if act.state == Act.State.ENDED:
        raise Refused(_("L’acte a pris fin : il ne donne plus effet à rien."))
    if act.in_force_from > timezone.localdate():
        raise Refused(
            _("L’acte entre en vigueur le %(day)s : revenez ce jour-là.")
            % {"day": date_format(act.in_force_from, "j F Y")}
        )


def check_effect_day(amendment: Amendment, on: date, published_as: str) -> None:
    """Not before its act, nor before the last amendment; not in the days to come; one plan of a kind at a time."""
    act, plan = amendment.act, amendment.plan
    if act is None and not published_as.strip():
        raise Refused(_("Nommez la publication qui lui donne effet : recueil, date, numéro."))
    if on > timezone.localdate():
        raise Refused(_("Cette date est à venir : constatez l’entrée en vigueur le jour venu."))
    if act is not None and act.in_force_from is not None and on < act.in_force_from:
        raise Refused(_("Cette date précède l’entrée en vigueur de l’acte."))
    last = plan.amendments.filter(state=State.IN_FORCE).order_by("-in_force_from", "-number").first()
    if last is not None and last.in_force_from is not None:
        if on < last.in_force_from:
            raise Refused(
                _("%(label)s est en vigueur depuis le %(day)s : celui-ci ne peut l’être avant.")
                % {"label": label_of(last), "day": date_format(last.in_force_from, "j F Y")}
            )
        # Amendments of one day are read in the order of their numbers.
        if on == last.in_force_from and amendment.number < last.number:
            raise Refused(
                _("%(label)s est entré en vigueur ce jour-là : choisissez le jour suivant.") % {"label": label_of(last)}
            )
    if amendment.number == 0:
        check_one_in_force(plan, on)
