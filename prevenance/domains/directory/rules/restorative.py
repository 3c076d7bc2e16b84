"""Who runs a restorative-justice programme, and what the law asks of each stage (CPP, article 10-1)."""

import calendar
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.core.retention import months_kept
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Consent, Participant, Programme, Service, StageHeld, YearlyCount
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
    """When what is of a programme goes: after its end, by data/retention.yaml, and never before the last of its years
    is counted: one that ends in the first days of January is erased some days later than the others."""
    return max(
        _months_after(ends_on, months_kept("restorative_programmes", today)), _counted_from(ends_on.year, ends_on)
    )


def erased_until(today: date) -> date:
    """What fell due by that day is erased. Until the last year is counted, what fell due since its end waits: it has
    stages of that year. Not for ever: a count that fails keeps nobody's data beyond as many days again."""
    year = today.year - 1
    latest = _counted_from(year, today) + timedelta(days=restorative_terms(today)["counted_after_days"])
    waits = today <= latest and not YearlyCount.objects.filter(year=year).exists()
    return date(year, 12, 31) if waits else today


def _counted_from(year: int, on: date) -> date:
    return date(year + 1, 1, 1) + timedelta(days=restorative_terms(on)["counted_after_days"])


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def year_to_count(today: date) -> int | None:
    """The last year, once its days to be noted have passed and until it is counted."""
    year = today.year - 1
    return None if today < _counted_from(year, today) or YearlyCount.objects.filter(year=year).exists() else year


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
    _check_after_the_one_before(participant, stage, given_on)


def _check_after_the_one_before(participant: Participant, stage: str, given_on: date) -> None:
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
    _check_consented(participant, stage, held_on)


def _check_consented(participant: Participant, stage: str, held_on: date) -> None:
    if not participant.consents.filter(stage=stage, given_on__lte=held_on).exists():
        raise Refused(_("La personne n’avait pas consenti à cette étape ce jour-là : notez d’abord son consentement."))
    if participant.stages.filter(stage=stage, held_on=held_on).exists():
        raise Stale(_("Cette étape est déjà notée ce jour-là."))


@dataclass(frozen=True)
class Noted:
    """A date of the last stage that somebody consented to: of the consent or, `is_held`, of its last day held. Those
    of the stages before stand: what came after was agreed to in the light of them."""

    code: str
    stage: str
    day: date
    is_held: bool

    @property
    def key(self) -> str:
        return f"{self.code} {self.stage} {self.day} {int(self.is_held)}"


def correctable(people: Iterable[Participant], consents: Iterable[Consent], held: Collection[StageHeld]) -> list[Noted]:
    """Dates that may be corrected, in the order of `people`."""
    stages = list(restorative_list("stages"))
    last: dict[int, Consent] = {}
    for consent in sorted(consents, key=lambda one: stages.index(one.stage)):
        last[consent.participant_id] = consent
    found = []
    for person in people:
        if person.pk in last:
            stage = last[person.pk].stage
            found.append(Noted(person.code, stage, last[person.pk].given_on, is_held=False))
            days = [one.held_on for one in held if one.participant_id == person.pk and one.stage == stage]
            found += [Noted(person.code, stage, max(days), is_held=True)] if days else []
    return found


def check_correction(participant: Participant, noted: Noted, on: date, today: date) -> None:
    """The same that a date is asked when it is noted; a consent comes no later than the days held by it."""
    if noted not in correctable([participant], participant.consents.all(), participant.stages.all()):
        raise Stale(_("Cette date a changé entre-temps, ou n’est plus la dernière : relisez le programme."))
    if on == noted.day:
        raise Refused(_("Cette date est déjà celle qui est notée : donnez la vraie."))
    _check_day(participant.programme, on, today)
    if noted.is_held:
        _check_consented(participant, noted.stage, on)
        return
    _check_after_the_one_before(participant, noted.stage, on)
    if participant.stages.filter(stage=noted.stage, held_on__lt=on).exists():
        raise Refused(_("L’étape a été tenue avant ce jour : on n’y consent pas après. Corrigez d’abord son jour."))


def _check_day(programme: Programme, day: date, today: date) -> None:
    if not programme.starts_on <= day <= min(today, programme.ends_on):
        raise Refused(_("Ce jour est hors du programme, ou à venir."))
