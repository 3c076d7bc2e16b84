"""Who runs a restorative-justice programme, and what the law asks of each stage (CPP, article 10-1)."""

import calendar
import secrets
from datetime import date, timedelta

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.core.retention import months_kept
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Participant, Programme, Service, YearlyCount
from prevenance.domains.directory.models.circuits import departements_of
from prevenance.domains.directory.models.restorative import restorative_list, restorative_terms, stage_before
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LETTERS_DRAWN = 3  # twice
KIND = "restorative_justice"  # of services, in data/directory/kinds.yaml
MOST_PEOPLE = 60


def drawn_code() -> str:
    """« K7P-2MX »: drawn, so that nobody can put initials or a date into it."""
    half = ["".join(secrets.choice(LETTERS) for _turn in range(LETTERS_DRAWN)) for _half in range(2)]
    return "-".join(half)


def purged_on(ends_on: date, today: date) -> date:
    """When what is of a programme goes: after its end, by data/retention.yaml."""
    return _months_after(ends_on, months_kept("restorative_programmes", today))


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def year_to_count(today: date) -> int | None:
    """The last year, once its days to be noted have passed and until it is counted."""
    year = today.year - 1
    begun = date(today.year, 1, 1) + timedelta(days=restorative_terms(today)["counted_after_days"])
    return None if today < begun or YearlyCount.objects.filter(year=year).exists() else year


def check_to_count(year: int) -> None:
    if YearlyCount.objects.filter(year=year).exists():
        raise Stale(_("Cette année est déjà comptée."))


def check_can_run(actor: Actor) -> None:
    """Whoever may run one; the organisation that does is the mandate's."""
    if not actor.can("hold_programmes") or actor.mandate is None:
        raise Refused(_("Les programmes de justice restaurative sont tenus par l’aide aux victimes."))
    if actor.mandate.organisation_id is None:
        raise Refused(_("Votre mandat ne dit pas pour quel organisme vous agissez : demandez qu’il soit complété."))


def check_can_open(
    service: Service, kind: str, court: Territory, starts_on: date, ends_on: date, today: date, actor: Actor
) -> Territory:
    """The département of the court, which must be one where the actor acts."""
    check_can_run(actor)
    if service.kind != KIND or not service.is_open:
        raise Refused(_("Choisissez un service de justice restaurative ouvert dans l’annuaire."))
    if kind not in restorative_list("kinds"):
        raise Refused(_("Choisissez la mesure dans la liste."))
    if ends_on < starts_on:
        raise Refused(_("Le programme finit avant de commencer : échangez ses deux dates."))
    if ends_on < today:
        raise Refused(_("Ce programme est déjà fini : rien ne serait à y inscrire."))
    _check_not_too_long(ends_on, today)
    own = {row["container_id"] for row in departements_of(actor.territory_id)}
    found = Territory.objects.filter(kind=Territory.Kind.DEPARTEMENT, contents__contained=court, pk__in=own).first()
    if court.kind != Territory.Kind.COMMUNE or found is None:
        raise Refused(_("Ce tribunal n’est pas dans votre département."))
    return found


def check_not_twice(actor: Actor, **told: object) -> None:
    """A second click opens nothing more."""
    if Programme.objects.filter(scope=actor.scope_id, **told).exists():
        raise Stale(_("Ce programme est déjà ouvert."))


def check_seen(programme: Programme, seen: int) -> None:
    if programme.edit != seen:
        raise Stale(_("Ce programme a été modifié entre-temps : relisez-le avant de continuer."))


def check_can_write(programme: Programme, today: date, actor: Actor) -> None:
    check_can_run(actor)
    if today > programme.ends_on:
        raise Refused(_("Ce programme est fini : prolongez-le pour y inscrire quelque chose."))


def check_can_extend(programme: Programme, ends_on: date, today: date, actor: Actor) -> None:
    check_can_run(actor)
    if ends_on < max(programme.starts_on, today):
        raise Refused(_("Ce jour est passé : un programme se termine aujourd’hui ou plus tard."))
    _check_not_too_long(ends_on, today)


def _check_not_too_long(ends_on: date, today: date) -> None:
    """What is of a programme is erased some time after its end: an end that is too far would keep it for ever."""
    months = restorative_terms(today)["longest_months"]
    if ends_on > _months_after(today, months):
        raise Refused(
            _("Cette fin est trop lointaine : choisissez un jour dans moins de %(months)d mois. Le programme pourra "
              "être prolongé.") % {"months": months}
        )  # fmt: skip


def check_room(programme: Programme, role: str) -> None:
    if role not in restorative_list("roles"):
        raise Refused(_("Choisissez la qualité dans la liste."))
    if programme.participants.count() >= MOST_PEOPLE:
        raise Refused(_("Un programme a au plus %(most)d participants.") % {"most": MOST_PEOPLE})


def check_there(participant: Participant | None) -> None:
    """Whether a code is still there. Of one who withdrew, nothing is left that could tell them from nobody."""
    if participant is None:
        raise Stale(_("Ce code n’est plus dans le programme : rien n’y est inscrit."))


def check_consent(participant: Participant, stage: str, form: str, given_on: date, today: date) -> None:
    if stage not in restorative_list("stages") or form not in restorative_list("forms"):
        raise Refused(_("Choisissez l’étape et la forme dans les listes."))
    _check_day(participant.programme, given_on, today)
    if participant.consents.filter(stage=stage).exists():
        raise Stale(_("Ce consentement est déjà noté."))
    before = stage_before(stage)
    if before and not participant.stages.filter(stage=before, held_on__lte=given_on).exists():
        raise Refused(
            _("Avant de consentir à cette étape, la personne doit avoir suivi celle-ci : %(stage)s.")
            % {"stage": restorative_list("stages")[before].lower()}
        )


def check_stage(participant: Participant, stage: str, held_on: date, today: date) -> None:
    if stage not in restorative_list("stages"):
        raise Refused(_("Choisissez l’étape dans la liste."))
    _check_day(participant.programme, held_on, today)
    if not participant.consents.filter(stage=stage, given_on__lte=held_on).exists():
        raise Refused(_("La personne n’avait pas consenti à cette étape ce jour-là : notez d’abord son consentement."))
    if participant.stages.filter(stage=stage, held_on=held_on).exists():
        raise Stale(_("Cette étape est déjà notée ce jour-là."))


def _check_day(programme: Programme, day: date, today: date) -> None:
    if not programme.starts_on <= day <= min(today, programme.ends_on):
        raise Refused(_("Ce jour est hors du programme, ou à venir."))
