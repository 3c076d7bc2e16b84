"""Members of a council and its groups: who sits, for whom, in whose place, from when to when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit
from prevenance.core.audit import action
from prevenance.core.refusals import Refused
from prevenance.core.text import sort_key
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.governance.models import Body, Council, Membership
from prevenance.domains.governance.rules import councils
from prevenance.domains.governance.rules import members as rules


@dataclass(frozen=True)
class Member:
    """What is typed about a member. An organisation is its name and, when it is new, its kind."""

    email: str
    given_name: str
    family_name: str
    phone: str = ""
    organisation: str = ""
    organisation_kind: str = Organisation.Kind.OTHER
    title: str = ""
    quality: str = Membership.Quality.DESIGNATED
    of_right_as: str = ""
    valid_from: date | None = None
    purpose: str = ""
    alternate_of: Membership | None = None


@action(_("Membre ajouté"))
def add_member(*, council: Council, member: Member, by: Actor, body: Body | None = None) -> Membership:
    """A member of a body; of the council's own without one. A known address leads to the person who has it, whose
    name is left as it is.

    Raises Refused when that person already sits there.
    """
    body = _body(council, body)
    rules.check_can_add_member(body, by)
    rules.check_alternate(body, member.alternate_of)
    person = Person.objects.filter(email=member.email.strip().lower()).first() or _new_contact(member)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                body=body,
                person=person,
                organisation=_organisation_of(council, member),
                title=member.title,
                quality=member.quality,
                of_right_as=member.of_right_as,
                purpose=member.purpose,
                alternate_of=member.alternate_of,
                valid_from=member.valid_from or timezone.localdate(),
            )
    except IntegrityError as error:
        raise Refused(rules.already_member(body)) from error
    audit.record(by=by, scope=council.scope_id, subject=membership, quality=member.quality)
    return membership


def _body(council: Council, body: Body | None) -> Body:
    """The body as it is now, held so that two hands do not seat the same person; the council's own when None."""
    rows = Body.objects.select_for_update(of=("self",)).select_related("council__scope").filter(council=council)
    return rows.get(pk=body.pk) if body else rows.get(kind__in=Body.MAIN)


@action(_("Membres du conseil désignés dans un groupe"))
def take_members(*, body: Body, members: Sequence[Membership], on: date, by: Actor) -> int:
    """Members of the council's own body sit in one of its groups too, for the same organisation. How many came.

    Those who sit there already are left as they are: a second click adds nobody.
    """
    body = _body(body.council, body)
    rules.check_can_add_member(body, by)
    there = set(Membership.objects.filter(body=body).current(on).values_list("person_id", flat=True))
    main = Membership.objects.filter(body__council=body.council_id, body__kind__in=Body.MAIN).current(on)
    chosen = main.filter(pk__in=[member.pk for member in members]).exclude(person__in=there).order_by("pk")
    # A seat still to end some day is not open to the same person twice.
    kept = set(Membership.objects.filter(body=body, valid_to=None).values_list("person_id", flat=True))
    seated = Membership.objects.bulk_create(
        Membership(
            body=body, person_id=member.person_id, organisation_id=member.organisation_id, title=member.title,
            quality=Membership.Quality.DESIGNATED, valid_from=on,
        )
        for member in chosen
        if member.person_id not in kept
    )  # fmt: skip
    audit.record(by=by, scope=body.council.scope_id, subject=body, members=len(seated))
    return len(seated)


@action(_("Membre remplacé"))
def replace_member(*, membership: Membership, member: Member, on: date, by: Actor) -> Membership:
    """Another person takes the seat of an organisation from the day `on`; the former one's stays as history.

    Organisation, quality and alternates follow the seat. Raises councils.Stale when the former person already left.
    """
    membership = _locked(membership)
    council, body = membership.body.council, membership.body
    rules.check_can_change_member(membership, by)
    rules.check_replaced_on(membership, on)
    person = Person.objects.filter(email=member.email.strip().lower()).first() or _new_contact(member)
    rules.check_another_person(membership, person)
    membership.valid_to = on - timedelta(days=1)
    membership.save(update_fields=["valid_to"])
    try:
        with transaction.atomic():
            follower = Membership.objects.create(
                body=body, person=person, organisation=membership.organisation, title=member.title,
                quality=membership.quality, of_right_as=membership.of_right_as, valid_from=on, follows=membership,
                purpose=member.purpose or membership.purpose, alternate_of=membership.alternate_of,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused(rules.already_member(body)) from error
    for alternate in Membership.objects.filter(alternate_of=membership).current(on):
        alternate.alternate_of = follower
        alternate.save(update_fields=["alternate_of"])
    audit.record(by=by, scope=council.scope_id, subject=follower, follows=membership.pk, on=on)
    return follower


def _new_contact(member: Member) -> Person:
    """A person who may be written to but has no account: signing in takes an invitation."""
    person = Person(
        email=member.email, given_name=member.given_name, family_name=member.family_name, phone=member.phone
    )
    person.set_unusable_password()
    person.save()
    return person


def _organisation_of(council: Council, member: Member) -> Organisation | None:
    """The organisation of that name among those of the council's members, else a new one.

    Names are not unique in France (every town has its « Mission locale »), so none is looked for elsewhere.
    """
    if not member.organisation:
        return None
    known = Organisation.objects.filter(
        pk__in=Membership.objects.filter(body__council=council).values("organisation"),
        sort_name=sort_key(member.organisation),
    ).first()
    return known or Organisation.objects.create(name=member.organisation, kind=member.organisation_kind)


@action(_("Membre modifié"))
def edit_member(*, membership: Membership, member: Member, seen: str, by: Actor) -> Membership:
    """Correct a member. `seen` is the stamp of what the form had shown.

    Raises councils.Stale when the member changed since. Name and contact details of a person who has an account, or
    sits elsewhere, are left as they are: they belong to that person.
    """
    membership = _locked(membership)
    council = membership.body.council
    rules.check_can_change_member(membership, by)
    rules.check_alternate(membership.body, member.alternate_of, membership)
    if rules.stamp(membership) != seen:
        raise councils.Stale(
            _now("Cette fiche a été modifiée entre-temps. Vérifiez les valeurs, puis enregistrez à nouveau.")
        )
    _apply(membership, member)
    audit.record(by=by, scope=council.scope_id, subject=membership, quality=member.quality)
    return membership


def _locked(membership: Membership) -> Membership:
    """The member as it is now, kept for this transaction."""
    rows = Membership.objects.select_for_update(of=("self",))
    return rows.select_related("body__council__scope", "person", "organisation", "alternate_of").get(pk=membership.pk)


def _apply(membership: Membership, member: Member) -> None:
    """Write `member` on a locked membership, and on its person where the contact is the council's own."""
    person, council = membership.person, membership.body.council
    typed = (member.email.strip().lower(), member.given_name, member.family_name, member.phone)
    if typed != (person.email, person.given_name, person.family_name, person.phone) and rules.contact_is_ours(
        person, council
    ):
        person.email, person.given_name, person.family_name, person.phone = typed
        try:
            with transaction.atomic():
                person.save()
        except IntegrityError as error:
            raise Refused(_now("Cette adresse électronique est déjà celle d’une autre personne.")) from error
    membership.organisation = _organisation_of(council, member)
    membership.title, membership.quality, membership.of_right_as = member.title, member.quality, member.of_right_as
    membership.purpose, membership.alternate_of = member.purpose, member.alternate_of
    membership.valid_from = member.valid_from or membership.valid_from
    membership.save()


@action(_("Départ d’un membre"))
def end_member(*, membership: Membership, on: date, by: Actor) -> Membership:
    """The member no longer sits after the day `on`; what they attended stays. Raises councils.Stale if already gone."""
    membership = _locked(membership)
    rules.check_can_change_member(membership, by)
    if on < membership.valid_from:
        raise Refused(_now("Un membre ne peut partir avant d’être arrivé."))
    membership.valid_to = on
    membership.save(update_fields=["valid_to"])
    audit.record(by=by, scope=membership.body.council.scope_id, subject=membership, on=on)
    return membership
