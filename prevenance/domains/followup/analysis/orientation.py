"""What is sent to a service: composed from what was ticked, the same on screen, on the paper to sign, and when sent."""

import hashlib
from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.models import FollowUp, Goal, Identity, Representative
from prevenance.domains.followup.rules import lists

# Fields of the identity that may be ticked, with how they read; nothing of the situations observed can be.
IDENTITY = {
    "name": gettext_lazy("Prénom et nom"),
    "birth_date": gettext_lazy("Date de naissance"),
    "address": gettext_lazy("Adresse"),
    "phone": gettext_lazy("Téléphone"),
    "email": gettext_lazy("Courriel"),
    "schooling": gettext_lazy("Niveau scolaire ou situation professionnelle"),
}
REPRESENTATIVES = ("representatives", gettext_lazy("Représentants légaux et leurs téléphones"))
SENDER = ("sender", gettext_lazy("Qui oriente, et comment le joindre"))
LONGEST = 1000  # characters of what is sent: more would be a file


def offered(followup: FollowUp, actor: Actor) -> list[tuple[str, str]]:
    """(code, label with its value) of all that may be ticked for a file."""
    return [(code, f"{label}\u00a0: {value}") for code, label, value in _known(followup, actor)]


def composed(followup: FollowUp, fields: Collection[str], actor: Actor) -> str:
    """The lines ticked, in the order of the screen."""
    return "\n".join(f"{label}\u00a0: {value}" for code, label, value in _known(followup, actor) if code in fields)


def digest(service: int, text: str) -> str:
    """What a paper was signed for: the same service, the same words."""
    return hashlib.sha256(f"{service}\n{text}".encode()).hexdigest()[:16]


def _known(followup: FollowUp, actor: Actor) -> list[tuple[str, str, str]]:
    key = key_of(followup)
    identity = opened_values(Identity.objects.visible_to(actor, of=followup).get(), key)
    values = identity | {
        "name": f"{identity['given_name']} {identity['family_name']}".strip(),
        "schooling": lists.label("schooling", identity["schooling"]),
    }
    found = [(code, str(label), values[code]) for code, label in IDENTITY.items() if values[code]]
    people = [opened_values(row, key) for row in Representative.objects.visible_to(actor, of=followup)]
    if people:
        words = " ; ".join(
            " ".join(filter(None, [one["given_name"], one["family_name"], f"({lists.label('links', one['link'])})"]))
            + (f", {one['phone']}" if one["phone"] else "")
            for one in people
        )
        found.append((REPRESENTATIVES[0], str(REPRESENTATIVES[1]), words))
    for goal in Goal.objects.visible_to(actor, of=followup).filter(ended_on=None):
        said = opened_values(goal, key, ("theme", "words"))
        label = _("Objectif, %(theme)s") % {"theme": lists.label("themes", said["theme"]).lower()}
        found.append((f"goal-{goal.pk}", label, said["words"] or lists.label("themes", said["theme"])))
    if actor.person is not None:
        reached = ", ".join(filter(None, [actor.person.name, actor.person.email]))
        found.append((SENDER[0], str(SENDER[1]), reached))
    return found
