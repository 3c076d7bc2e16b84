"""What may not be written where many read: names and initials of persons helped. File numbers stand for them.

A guard, not a proof: it refuses the forms in which names slip in (« K. Z. », « Kévin B. », « M. Dupont »), and says
what to write instead. A bare family name cannot be told from any other word.
"""

import re

from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused

CAPITAL = "A-ZÀ-ÖØ-Þ"
SMALL = "a-zà-öø-ÿ"
# Two initials, with or without a space or a hyphen; three letters or more are an acronym (C.C.A.S.).
INITIALS = re.compile(
    rf"(?<![\w.])[{CAPITAL}]\.[\s\u00a0\u202f-]?(?:[{CAPITAL}]\.[\s\u00a0\u202f-]?)?[{CAPITAL}]\.(?!\w)"
)
ACRONYM = re.compile(rf"(?<![\w.])(?:[{CAPITAL}]\.){{3,}}(?!\w)")
# A given name and an initial; « article L. 132-5 », « bâtiment B. » are not names.
GIVEN = re.compile(rf"(?<!\w)([{CAPITAL}][{SMALL}’'-]+)[\s\u00a0\u202f]([{CAPITAL}])\.(?![\s\u00a0\u202f]?\d)")
NOT_GIVEN = {
    "Article", "Articles", "Art", "Bâtiment", "Bât", "Hall", "Tour", "Entrée", "Escalier", "Bloc", "Parking", "Ligne",
    "Zone", "Secteur", "Quai", "Place", "Rue", "Avenue", "Annexe", "Point", "Lot", "Salle", "Groupe", "Vitamine",
}  # fmt: skip
TITLE = re.compile(rf"(?<!\w)(?:M\.|MM\.|Mr|Mme|Mmes|Mlle|Monsieur|Madame|Mademoiselle)[\s\u00a0\u202f][{CAPITAL}]")


def names_somebody(text: str, titles: bool = False) -> str:
    """The first passage that looks like a name or initials, "" when there is none. `titles`: « M. Dupont » too."""
    without = ACRONYM.sub("", text)
    if found := INITIALS.search(without):
        return found.group()
    for found in GIVEN.finditer(without):
        if found.group(1) not in NOT_GIVEN:
            return found.group()
    if titles and (found := TITLE.search(without)):
        return without[found.start() : found.end() + 12].split("\n")[0].strip()
    return ""


def check_names_nobody(*texts: str, titles: bool = False) -> None:
    """Raises Refused when one of the texts looks as if it named somebody, and says what to write instead."""
    for text in texts:
        if passage := names_somebody(text, titles=titles):
            raise Refused(
                _("« %(passage)s » semble désigner une personne. Écrivez le numéro du dossier, ou ôtez ce passage.")
                % {"passage": passage}
            )
