"""Members of a council: who may change them, and whose contact details they are."""

import hashlib
from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate, Person
from prevenance.domains.governance.models import Body, Council, Membership
from prevenance.domains.governance.rules.bodies import check_can_change_body
from prevenance.domains.governance.rules.councils import Stale


def check_can_add_member(body: Body, actor: Actor) -> None:
    """Whoever holds the council seats people, in a body that is open."""
    check_can_change_body(body, actor)


def already_member(body: Body) -> str:
    if body.kind in Body.MAIN:
        return _("Cette personne est déjà membre de ce conseil.")
    return _("Cette personne est déjà membre de cette formation.")


def check_alternate(body: Body, titular: Membership | None, member: Membership | None = None) -> None:
    """An alternate stands in for a full member, in office, of the same body; who has alternates is not one."""
    if titular is None:
        return
    if titular.body_id != body.pk or titular.alternate_of_id is not None or titular == member:
        raise Refused(_("Un suppléant supplée un membre titulaire de la même formation."))
    if member is not None and member.alternates.exists():
        raise Refused(_("Ce membre a lui-même un suppléant : il ne peut être suppléant à son tour."))


def check_replaced_on(membership: Membership, on: date) -> None:
    if on <= membership.valid_from:
        raise Refused(
            _("Le remplacement vient après l’arrivée du membre, le %(day)s.")
            % {"day": date_format(membership.valid_from, "j F Y")}
        )


def check_another_person(membership: Membership, person: Person) -> None:
    if membership.person_id == person.pk:
        raise Refused(_("C’est la même personne : corrigez plutôt sa fiche."))


def check_can_change_member(membership: Membership, actor: Actor) -> None:
    check_can_change_body(membership.body, actor)
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
        membership.purpose, membership.alternate_of_id,
    )  # fmt: skip
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:20]
