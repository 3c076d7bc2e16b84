"""Members of a council: who may change them, and whose contact details they are."""

import hashlib
from collections.abc import Collection

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate, Person
from prevenance.domains.governance.models import Council, Membership
from prevenance.domains.governance.rules.councils import Stale, check_can_hold


def check_can_change_member(membership: Membership, actor: Actor) -> None:
    check_can_hold(membership.body.council, actor)
    if membership.valid_to is not None:
        raise Stale(
            _("Cette personne quitte le conseil le %(day)s : sa fiche ne change plus.")
            % {"day": date_format(membership.valid_to, "j F Y")}
        )


def contacts_that_are_ours(people: Collection[Person], council: Council) -> set[int]:
    """Which of `people` have their name and address in the council's care: no account, and no seat elsewhere."""
    keys = [person.pk for person in people if not person.has_usable_password()]
    mandated = Mandate.objects.filter(person__in=keys).values_list("person_id", flat=True)
    elsewhere = Membership.objects.filter(person__in=keys).exclude(body__council=council)
    return set(keys) - set(mandated) - set(elsewhere.values_list("person_id", flat=True))


def contact_is_ours(person: Person, council: Council) -> bool:
    return person.pk in contacts_that_are_ours([person], council)


def stamp(membership: Membership) -> str:
    """Digest of what the member's form shows, so that a form opened before a change elsewhere is told apart."""
    person, organisation = membership.person, membership.organisation
    shown = (
        person.email, person.given_name, person.family_name, person.phone, organisation.name if organisation else "",
        membership.title, membership.quality, membership.of_right_as, membership.valid_from, membership.valid_to,
    )  # fmt: skip
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:20]
