"""Numbers as people type them, checked: a wrong one sends somebody in difficulty nowhere."""

import re

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused

LA_POSTE = "356000000"
# National numbers of two, three, four and six figures: 17, 115, 3919, 116 006.
SHORT = re.compile(r"1[578]|1\d{2}|(?:3\d|10)\d{2}|11[68]\d{3}")
FRENCH = re.compile(r"0[1-9]\d{8}")
ABROAD = re.compile(r"\+[1-9]\d{6,14}")


def phone_number(typed: str) -> str:
    """A number as it is kept: figures alone, « +33 » said « 0 ». Empty for nothing; raises Refused when it is none."""
    digits = re.sub(r"[\s.\-/()\u00a0\u202f]", "", typed.replace("(0)", ""))
    digits = re.sub(r"^(?:\+33|0033)", "0", digits)
    if digits and not any(shape.fullmatch(digits) for shape in (SHORT, FRENCH, ABROAD)):
        raise Refused(_("Ce numéro n’est pas celui d’un téléphone : écrivez-en dix chiffres, ou un numéro national."))
    return digits


def siret_number(typed: str) -> str:
    """A SIRET as it is kept: fourteen figures. Empty for nothing; raises Refused when its key is wrong.

    The key is Luhn's (Insee, documentation of the Sirene register); places of La Poste follow another: the sum of
    their figures is a multiple of five.
    """
    digits = re.sub(r"\s", "", typed)
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{14}", digits):
        raise Refused(_("Un SIRET a quatorze chiffres."))
    posts = digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0
    if not posts and _luhn(digits) % 10 != 0:
        raise Refused(_("Ce SIRET n’existe pas : vérifiez ses chiffres, l’un d’eux est faux."))
    return digits


def _luhn(digits: str) -> int:
    doubled = [int(figure) * (2 if place % 2 else 1) for place, figure in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled)
