"""What is asked of a report before a file opens: who is named beside the person, and when things were seen."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.followup.rules import lists
from prevenance.domains.followup.rules.clocks import is_minor


def check_representatives(birth: date, representatives: Collection[dict[str, str]], on: date) -> None:
    """Legal representatives are a minor's: nobody else's name is held."""
    if representatives and not is_minor(birth, on):
        raise Refused(_("La personne est majeure : ne saisissez aucun représentant légal."))
    for one in representatives:
        lists.check_code("links", one.get("link", ""))


def check_situations(situations: Collection[tuple[str, date]], category: str, birth: date, on: date) -> None:
    """Facts of the list of the category, each once, observed in the person's life and not to come."""
    codes = [code for code, _day in situations]
    for code in codes:
        lists.check_code("situations", code, category)
    if len(codes) != len(set(codes)):
        raise Refused(_("La même situation est choisie deux fois : gardez-la une fois, à sa date."))
    for _code, day in situations:
        check_observed(day, birth, on)


def check_observed(day: date, birth: date, on: date) -> None:
    if day > on:
        raise Refused(_("Une situation s’observe avant d’être saisie : corrigez sa date."))
    if day < birth:
        raise Refused(_("Cette situation est datée d’avant la naissance de la personne : corrigez sa date."))


def check_received(day: date, on: date) -> None:
    if day > on:
        raise Refused(_("Un signalement se saisit une fois reçu : corrigez sa date."))
