"""Ages and dates of a file: dated durations applied to a birth date, an end, an archive."""

import calendar
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

import yaml
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.followup.models import Duration, FollowUp

BANDS = ((13, "0-12"), (16, "13-15"), (18, "16-17"), (21, "18-20"))  # first age above each; 21 to 24 beyond


def months_after(day: date, months: int) -> date:
    """The same day of the month, `months` later, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def after(day: date, what: str, on: date) -> date:
    """`day` and the duration `what` in force on `on`. Raises Duration.DoesNotExist."""
    length = Duration.of(what, on)
    if length.unit == Duration.Unit.DAYS:
        return day + timedelta(days=length.amount)
    return months_after(day, length.amount * (12 if length.unit == Duration.Unit.YEARS else 1))


def age_on(birth: date, day: date) -> int:
    """Full years; someone born on 29 February is a year older on 1 March of a common year."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def band_on(birth: date, day: date) -> str:
    """The band kept in clear, as FollowUp.AgeBand."""
    age = age_on(birth, day)
    return next((band for above, band in BANDS if age < above), FollowUp.AgeBand.ADULT.value)


@cache
def age_limits() -> list[dict[str, Any]]:
    """The file that `migrate` loads as Duration: a list of files asks no query for it."""
    text = (settings.DATA / "followup" / "durations.yaml").read_text(encoding="utf-8")
    limits: list[dict[str, Any]] = yaml.safe_load(text)["age_limit"]
    return limits


def band_today(followup: FollowUp) -> str:
    """The band of the person today, to the month, as FollowUp.AgeBand; of one that ended, what its column says.

    The column says the band of the day when the file was opened, or the identity last corrected: nobody comes at a
    birthday to write the next one, and a column that changed on that very day would tell the birth date, which is
    sealed. What a file that goes on is erased by is in clear, and is a month: that of the age limit (`last_month`).
    """
    if followup.closed_on is not None:
        return followup.age_band
    return band_at_limit(followup.purge_on, age_limit_on(followup.opened_on), timezone.localdate())


@lru_cache(maxsize=4096)
def band_at_limit(month: date, years: int, day: date) -> str:
    """The band, on a day, of those who reach so many years in a month: few months, and lists tell them over again."""
    return band_on(months_after(month, -12 * years), day)


@lru_cache(maxsize=4096)
def age_limit_on(day: date) -> int:
    """Years, for what was opened on a day."""
    applying = [
        one for one in age_limits() if one["valid_from"] <= day and not (one["valid_to"] and one["valid_to"] <= day)
    ]
    years: int = max(applying, key=lambda one: one["valid_from"])["amount"]
    return years


def band_label(followup: FollowUp) -> str:
    return str(FollowUp.AgeBand(band_today(followup)).label)


def is_minor(birth: date, on: date, majority: int | None = None) -> bool:
    """Whether the person has legal representatives on a day, by the age of majority in force, `majority` when it is in
    hand."""
    return age_on(birth, on) < (Duration.of("majority", on).amount if majority is None else majority)


def last_month(birth: date, on: date) -> date:
    """The first day of the month in which the person reaches the age limit in force on `on`.

    The birthday itself would tell the birth date, which is sealed; and nothing may be held beyond it.
    """
    return after(birth, "age_limit", on).replace(day=1)


def check_age(birth: date, today: date) -> None:
    """Raises Refused for a birth to come, or for who is past the age limit or reaches it this month."""
    if birth > today:
        raise Refused(_("Cette date de naissance est à venir : corrigez-la."))
    if last_month(birth, today) <= today:
        raise Refused(
            _(
                "La personne atteint la limite d’âge ce mois-ci ou l’a passée : aucun dossier ne peut être tenu. "
                "Orientez-la vers un service, sans l’inscrire ici."
            )
        )


def purged_after(closed_on: date, age_limit: date, archive_months: int) -> tuple[date | None, date]:
    """When a file that ends is archived (None: never) and erased, from what its rulebook keeps and the age limit."""
    erased = after(closed_on, "purge_after_end", closed_on)
    if not archive_months:
        return None, min(erased, age_limit)
    longest = Duration.of("archive_longest", closed_on).amount
    return min(erased, age_limit), min(months_after(erased, min(archive_months, longest)), age_limit)
