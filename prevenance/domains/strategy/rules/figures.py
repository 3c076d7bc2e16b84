"""Figures as people type and read them, in French."""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from prevenance.domains.strategy.models import Indicator

SPACES = re.compile(r"[\s\u00a0\u202f]")
PER = re.compile(r"(?:pour|sur) ([\d \u00a0\u202f]+)")
DECIMALS = 4
SHOWN = 2


def number_of(text: str) -> Decimal | None:
    """« 1 234,5 » as a number; None for an empty text. Raises ValueError, its text the sentence to show."""
    plain = SPACES.sub("", text).replace(",", ".").replace("−", "-")
    if not plain:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not re.fullmatch(r"-?\d+(\.\d*)?|-?\.\d+", plain):
        raise ValueError(
            _("« %(text)s » n’est pas un nombre : écrivez par exemple 1 234,5.") % {"text": text.strip()[:20]}
        )
    if number != round(number, DECIMALS):
        raise ValueError(_("Quatre chiffres après la virgule, pas davantage."))
    return number


def typed(number: Decimal | None) -> str:
    """A number as a field shows it again: « 1234,5 »."""
    return "" if number is None else f"{number.normalize():f}".replace(".", ",")


def scale(unit: str) -> int:
    """What a ratio is multiplied by to be shown in its unit: « % », « ‰ », « pour 1 000 habitants »."""
    if unit.startswith("%"):
        return 100
    if unit.startswith("‰"):
        return 1000
    found = PER.search(unit)
    return int(SPACES.sub("", found[1])) if found and SPACES.sub("", found[1]) else 1


def value_of(indicator: Indicator, numerator: Decimal, denominator: Decimal | None) -> Decimal:
    """The figure itself: a ratio is divided here, and only here."""
    if indicator.nature != Indicator.Nature.RATIO or not denominator:
        return numerator
    return numerator * scale(indicator.unit) / denominator


def shown(indicator: Indicator, numerator: Decimal | None, denominator: Decimal | None = None) -> str:
    """« 1 234,5 personnes »; "" where there is none."""
    if numerator is None:
        return ""
    return f"{amount(value_of(indicator, numerator, denominator))}\u00a0{indicator.unit}"


def amount(number: Decimal) -> str:
    """At most two decimals, thousands apart."""
    return _written(number, get_language())


@lru_cache(maxsize=4096)
def _written(number: Decimal, language: str | None) -> str:
    """Figures of lists are the same ones over and over, and Django's formatting takes longer than all the rest."""
    said = formats.number_format(f"{round(number, SHOWN).normalize():f}", use_l10n=True, force_grouping=True)
    return str(said).replace("-", "−")
