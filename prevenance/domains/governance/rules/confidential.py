"""What may not be written where many read: names and initials of persons helped. File numbers stand for them.

A guard, not a proof: it refuses the forms in which names slip in (« K. Z. », « Kévin B. », « M. Dupont »), and says
what to write instead. A bare family name cannot be told from any other word.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache

import yaml
from django.conf import settings
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.governance.models import Body, Decision, Membership
from prevenance.domains.governance.rules.bodies import exchange_text

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
# « Kévin Inventé »: a common given name, then a capital. « Collège Jean Moulin », « rue Victor Hugo » are places.
FULL = re.compile(rf"(?<![\w’'-])([{CAPITAL}][{CAPITAL}{SMALL}’'-]+)(?=[\s\u00a0\u202f]([{CAPITAL}][\w’'-]+))")
PLACES = re.compile(
    r"(?:rue|place|avenue|boulevard|cours|quai|allée|impasse|square|parc|stade|gymnase|piscine|collège|lycée|école|"
    r"université|campus|centre|espace|maison|mjc|foyer|hôpital|clinique|résidence|cité|quartier|tour|bâtiment|salle|"
    r"médiathèque|bibliothèque|théâtre|fondation|association|saint|sainte|esplanade|pont|gare|station)s?[\s\u00a0]"
    r"(?:de[\s\u00a0]|du[\s\u00a0]|la[\s\u00a0]|général[\s\u00a0])*$",
    re.IGNORECASE,
)
TITLE = re.compile(rf"(?<!\w)(?:M\.|MM\.|Mr|Mme|Mmes|Mlle|Monsieur|Madame|Mademoiselle)[\s\u00a0\u202f][{CAPITAL}]")


@cache
def given_names() -> frozenset[str]:
    text = (settings.DATA / "governance" / "given_names.yaml").read_text(encoding="utf-8")
    return frozenset(name for line in yaml.safe_load(text)["names"] for name in line.split())


class NamesSomebody(Refused):
    """A text looks as if it named somebody: a form shows it again, with what to write instead."""


def names_somebody(text: str, titles: bool = False, known: Collection[str] = ()) -> str:
    """The first passage that looks like a name or initials, "" when there is none.

    `titles`: « M. Dupont » and « Kévin Inventé » too, but for the family names `known` (folded): those of the members,
    who may be named.
    """
    without = ACRONYM.sub("", text)
    if found := INITIALS.search(without):
        return found.group()
    for found in GIVEN.finditer(without):
        if found.group(1) not in NOT_GIVEN:
            return found.group()
    for found in FULL.finditer(without) if titles else ():
        place = PLACES.search(without[: found.start()])
        if found.group(1) in given_names() and not place and folded(found.group(2)) not in known:
            return f"{found.group(1)} {found.group(2)}"
    for found in TITLE.finditer(without) if titles else ():
        passage = without[found.start() : found.end() + 40].split("\n")[0]
        if not any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded(passage)) for name in known):
            return passage[:24].strip()
    return ""


def check_names_nobody(*texts: str, titles: bool = False, known: Collection[str] = ()) -> None:
    """Raises NamesSomebody when one of the texts looks as if it named somebody, and says what to write instead."""
    for text in texts:
        if passage := names_somebody(text, titles=titles, known=known):
            raise NamesSomebody(
                _("« %(passage)s » semble désigner une personne. Écrivez le numéro du dossier, ou ôtez ce passage.")
                % {"passage": passage}
            )


def check_body_names_nobody(body: Body, *texts: str) -> None:
    """In a nominative body, what goes into agendas, mails, calendars and minutes names its members at most.

    Raises NamesSomebody. So too once the exchange is closed: minutes of then are still written, and corrected. In
    another group, initials and given names with an initial are refused, nobody being spoken of there. Elsewhere nothing
    is asked: a plenary names whom it thanks.
    """
    if body.exchanged:
        members = Membership.objects.filter(body=body)
        known = {folded(name) for name in members.values_list("person__family_name", flat=True)}
        check_names_nobody(*texts, titles=True, known=known)
    elif body.kind == Body.Kind.GROUP:
        check_names_nobody(*texts)


def folded(text: str) -> str:
    """Without accents nor capitals."""
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


NUMBERED = re.compile(r"^Dossier[\s\u00a0]([0-9]{4}-[0-9]{3,6})(?: – )?")


def number_in(title: str) -> str:
    """The number of the file that a point is about, "" when it is about none."""
    found = NUMBERED.match(title)
    return found.group(1) if found else ""


def titled(title: str, file_number: str) -> str:
    """« Dossier 2026-014 – point d’étape »: a point about a file says its number, and the same one only once."""
    rest = NUMBERED.sub("", title).strip()
    if not file_number:
        return rest or title
    number = _("Dossier\u00a0%(number)s") % {"number": file_number}
    return f"{number} – {rest}"[:200] if rest else number


def check_can_speak_of_files(body: Body, file_number: str) -> None:
    """Raises Refused where nothing about a named person may be exchanged, even by number: the exchange is not open,
    or the text that opened it has ended. The database checks the same (migration 0019)."""
    if not file_number:
        return
    if not body.nominative:
        raise Refused(
            _("Aucune situation individuelle ne s’examine ici : cette formation n’échange rien de nominatif.")
        )
    if exchange_text(body) is None:
        raise Refused(_("Le texte qui permettait l’échange nominatif ici n’est plus en vigueur : rien ne s’y ajoute."))


def check_only_members(body: Body) -> None:
    """Raises Refused where whoever comes must have signed: nobody sits there by a name written at the door."""
    if body.nominative:
        raise Refused(
            _("Dans un groupe à échange nominatif, seuls ses membres siègent : désignez d’abord cette personne.")
        )


def check_stays_inside(decision: Decision, body: Body) -> None:
    """What a nominative body decided comes back before it and nobody else. Raises Refused."""
    of = decision.minutes.meeting.body if decision.minutes else None
    if of is not None and of.exchanged and of.pk != body.pk:
        raise Refused(_("Une décision d’un groupe à échange nominatif ne revient que devant ce groupe."))
