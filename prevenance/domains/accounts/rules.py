"""Who may grant what, where; what a link, a code or a demonstration button is worth."""

import base64
import math
import secrets
import time
from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import yaml
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.core.retention import still_referenced
from prevenance.core.text import plain
from prevenance.domains.accounts.acting import INVENTED, Actor
from prevenance.domains.accounts.models import Invitation, Mandate, Organisation, Person, Scope
from prevenance.domains.accounts.roles import DELEGATED, GRANTS, ROLES, TERRITORIAL
from prevenance.domains.territories.models import Territory

# ------------------------------------------------------------------------------------------------ delays


@cache
def _delays() -> dict[str, list[dict[str, Any]]]:
    delays: dict[str, list[dict[str, Any]]] = yaml.safe_load((settings.DATA / "accounts" / "delays.yaml").read_text())
    return delays


def delay(name: str, on: date | None = None) -> int:
    """The value of a delay of data/accounts/delays.yaml on a day. Raises KeyError when none applied yet."""
    day = on or timezone.localdate()
    values = [line["value"] for line in sorted(_delays()[name], key=lambda line: line["from"]) if line["from"] <= day]
    if not values:
        raise KeyError(f"no {name} on {day}")
    return int(values[-1])


# ------------------------------------------------------------------------------------------------ people


def check_can_see_people(actor: Actor) -> None:
    if not (actor.can("see_people") or actor.can("manage_people")):
        raise Refused(_("Votre rôle ne donne pas accès à la liste des personnes."))


def name_key(words: str) -> str:
    """What the sort key of a family name begins with when its bearer is looked for by `words`."""
    return plain(words)


def check_can_manage_people(actor: Actor) -> None:
    if not actor.can("manage_people") or actor.role not in GRANTS:
        raise Refused(_("Votre rôle ne permet pas d’accorder ni de retirer des rôles."))


def check_can_keep_contacts(actor: Actor) -> None:
    """Who may inscribe a professional who has no account: whoever holds a council, or manages people."""
    if not (actor.can("hold_council") or actor.can("manage_people")):
        raise Refused(_("Votre rôle ne permet pas d’inscrire des personnes."))


def check_can_correct(actor: Actor, person: Person) -> None:
    """One's own names and telephone; another's only while they have no account to do it themselves."""
    if person.pk == actor.person_id:
        return
    check_can_keep_contacts(actor)
    if person.has_usable_password():
        raise Refused(_("Cette personne a un compte : elle seule corrige ses coordonnées."))


def check_can_open_scope(actor: Actor, territory: Territory) -> None:
    check_can_grant_anywhere(actor)
    if territory.kind not in TERRITORIAL or territory.until is not None:
        raise Refused(_("Aucun rôle ne s’exerce dans ce territoire."))


def grantable_roles(actor: Actor, kinds: Collection[str]) -> list[str]:
    """Roles that the actor may grant in scopes of these kinds, in the order of the table."""
    if not actor.can("manage_people") or actor.role not in GRANTS:
        return []
    return [key for key, role in ROLES.items() if key in GRANTS[actor.role].roles and role.scopes & set(kinds)]


def grants_anywhere(actor: Actor) -> bool:
    return actor.role in GRANTS and GRANTS[actor.role].where == "anywhere"


def check_can_grant_anywhere(actor: Actor) -> None:
    check_can_manage_people(actor)
    if not grants_anywhere(actor):
        raise Refused(_("Vous accordez des rôles dans votre périmètre seulement."))


def scopes_to_grant(actor: Actor) -> dict[str, Any]:
    """Conditions on scopes where the actor may grant roles, to be put in a filter."""
    where = GRANTS[actor.role].where
    if where == "anywhere":
        return {}
    if where == "own":
        return {"pk": actor.scope_id}
    return {"pk__in": [pk for pk in actor.reach if pk != actor.scope_id]}


def check_in_reach(actor: Actor, scope: Scope) -> None:
    where = GRANTS[actor.role].where
    if where == "anywhere":
        return
    inside = scope.pk == actor.scope_id if where == "own" else scope.pk in actor.reach and scope.pk != actor.scope_id
    if not inside:
        raise Refused(_("Ce périmètre n’est pas de votre ressort."))


def check_can_grant(actor: Actor, role: str, scope: Scope, email: str = "") -> None:
    """Whether the actor may grant `role` in `scope` to the holder of an address (empty: to anybody).

    The table of roles says which roles and where; nobody grants to themselves, whatever the address's case.
    """
    check_can_manage_people(actor)
    if role not in GRANTS[actor.role].roles:
        raise Refused(_("Votre rôle ne permet pas d’accorder le rôle « {role} ».").format(role=ROLES[role].label))
    check_in_reach(actor, scope)
    if scope.kind not in ROLES[role].scopes:
        raise Refused(_("Le rôle « {role} » ne s’exerce pas dans ce périmètre.").format(role=ROLES[role].label))
    if actor.person is not None and email.strip().lower() == actor.person.email:
        raise Refused(_("Nul ne peut s’accorder un rôle à soi-même."))


def check_can_delegate(actor: Actor, email: str = "") -> None:
    """Delegating a part of one's own mandate: an elected head, to somebody else, and never what was delegated."""
    if actor.role not in DELEGATED:
        raise Refused(_("Seul un maire ou un président d’intercommunalité délègue une partie de ses fonctions."))
    if actor.is_delegate:
        raise Refused(_("Une délégation ne se délègue pas : seul le titulaire du mandat peut déléguer."))
    if actor.person is not None and email.strip().lower() == actor.person.email:
        raise Refused(_("Nul ne peut se déléguer ses propres fonctions."))


def delegation_end(mandate: Mandate, wanted: date | None) -> date | None:
    """Last day of a delegation: the one wanted, never past that of the mandate that it comes from."""
    if mandate.valid_to is None or wanted is None:
        return wanted or mandate.valid_to
    return min(wanted, mandate.valid_to)


def check_can_end(actor: Actor, mandate: Mandate) -> None:
    """Whoever may grant a role somewhere may end it there; one's own mandate is ended by somebody else.

    A delegation is ended by whoever gave it.
    """
    if mandate.delegated_from_id is None or mandate.delegated_from_id != actor.mandate_id:
        check_can_manage_people(actor)
        if mandate.role not in GRANTS[actor.role].roles:
            raise Refused(
                _("Votre rôle ne permet pas de retirer le rôle « {role} ».").format(role=ROLES[mandate.role].label)
            )
        check_in_reach(actor, mandate.scope)
    if mandate.person_id == actor.person_id:
        raise Refused(_("Nul ne peut mettre fin à son propre mandat : demandez à une autre personne."))
    if mandate.state == Mandate.State.ENDED:
        raise Refused(_("Ce mandat est déjà terminé."))


def check_can_handle(actor: Actor, invitation: Invitation) -> None:
    """Whether the actor may send an invitation again or cancel it."""
    if actor.mandate_id is None or invitation.mandate.delegated_from_id != actor.mandate_id:
        check_can_grant(actor, invitation.mandate.role, invitation.mandate.scope, invitation.email)
    if invitation.accepted_at:
        raise Refused(_("Cette invitation a déjà été acceptée."))
    if invitation.cancelled_at:
        raise Refused(_("Cette invitation a été annulée."))


def check_is_administrator(actor: Actor) -> None:
    if not (actor.can("manage_people") and actor.scope_kind == Scope.Kind.PLATFORM):
        raise Refused(_("Seule l’administration technique peut faire cela."))


def check_can_administer(actor: Actor, person: Person) -> None:
    """Closing an account, or taking a lost second factor away: the administrator, and never for themselves."""
    check_is_administrator(actor)
    if person.pk == actor.person_id:
        raise Refused(_("Demandez à une autre personne de l’administration technique."))


# ------------------------------------------------------------------------------------------------ second factor


def check_may_set_up_second_factor(person: Person, proved: bool) -> None:
    """A first second factor needs the password alone; replacing one needs the one that is there."""
    if not proved and has_second_factor(person):
        raise Refused(_("Un second facteur protège déjà ce compte : donnez d’abord son code."))


def has_second_factor(person: Person) -> bool:
    return bool(TOTPDevice.objects.filter(user=person, confirmed=True).exists())


def second_factor_opens(person: Person) -> datetime:
    """When the next code may be tried, after failures."""
    device = TOTPDevice.objects.filter(user=person, confirmed=True).order_by("pk").first()
    allowed, why = device.verify_is_allowed() if device else (True, None)
    opens: datetime = timezone.now() if allowed or why is None else why["locked_until"]
    return opens


def recovery_codes_left(person: Person) -> int:
    return person.recovery_codes.count()


def matching_step(key: str, code: str) -> int | None:
    """Time step (of 30 s) at which a six-digit code belongs to `key` (hexadecimal), one step before or after now.

    None when it does not. RFC 6238.
    """
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time()
    return int(totp.t()) if totp.verify(int(code), tolerance=1) else None


RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without the letters and digits that read alike


def new_recovery_code() -> str:
    """Twelve characters out of 31, in three groups: about 59 bits."""
    letters = "".join(secrets.choice(RECOVERY_ALPHABET) for _place in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def recovery_digest(person: Person, code: str) -> str:
    """Digest under the site's key, of one person: a copy of the table alone does not let anybody guess a code."""
    letters = "".join(letter for letter in code.lower() if letter in RECOVERY_ALPHABET)
    return salted_hmac("prevenance.recovery", f"{person.pk}:{letters}", algorithm="sha256").hexdigest()


def secret_for_typing(key: str) -> str:
    """The key (hexadecimal) as people type it in an application: base 32 in groups of four."""
    text = base64.b32encode(bytes.fromhex(key)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


# ------------------------------------------------------------------------------------------------ entering


def check_is_invented(person: Person) -> None:
    """Demonstration buttons open the accounts of invented people only, and only in a demonstration."""
    if not settings.DEMONSTRATION or not person.email.endswith(INVENTED):
        raise Refused(_("Ce compte n’est pas celui d’une personne de démonstration."))


def invented_people() -> dict[str, Mandate]:
    """For each role, the first mandate in force of its invented person, whose address says the role.

    By address and not by ending: at national size every person is invented, and the index on addresses serves.
    """
    addresses = [f"{role}@demonstration{INVENTED}" for role in ROLES]
    mandates = Mandate.objects.current().filter(person__email__in=addresses, person__is_active=True)
    found = mandates.select_related("person", "scope").order_by("role", "pk").distinct("role")
    by_role = {mandate.role: mandate for mandate in found}
    return {key: by_role[key] for key in ROLES if key in by_role}


def failed_attempts(person: Person) -> int:
    """Failed sign-ins kept under a person's address."""
    return int(AccessAttempt.objects.filter(username=person.email).count())


def lockout_ends(username: str, address: str | None) -> datetime:
    """When the last failed attempt for this address, from this network address, is forgotten."""
    last = AccessAttempt.objects.filter(username=username, ip_address=address).order_by("-attempt_time").first()
    begun: datetime = last.attempt_time if last else timezone.now()
    return begun + (get_cool_off() or timedelta(0))


def reset_link(person: Person) -> tuple[str, str]:
    """(identifier, token) of a link that sets a new password, once, for PASSWORD_RESET_TIMEOUT seconds."""
    return urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)


def person_of_reset_link(uid: str, token: str) -> Person | None:
    """Whom the link was made for, or None when it was used, has expired or was never made."""
    try:
        pk = int(urlsafe_base64_decode(uid).decode())
    except (ValueError, UnicodeDecodeError):
        return None
    if not 0 < pk < 2**63:
        return None
    person = Person.objects.filter(pk=pk, is_active=True).first()
    return person if person and default_token_generator.check_token(person, token) else None


def reset_minutes() -> int:
    """How long a link for a new password serves."""
    return int(settings.PASSWORD_RESET_TIMEOUT) // 60


def seconds_until(moment: datetime) -> int:
    """Whole seconds from now to `moment`, at least one: what a person who must wait is told."""
    return max(1, math.ceil((moment - timezone.now()).total_seconds()))


# ------------------------------------------------------------------------------------------------ retention


def people_due(before: date) -> set[int]:
    """Ids of people who left before a day and of whom no act is kept: no row of the trail is theirs, none names them.

    What only ties together people who are all due keeps none of them: the mandate that one gave to another.
    """
    due = set(Person.objects.left_before(before).values_list("pk", flat=True))
    own = {Mandate: ("person", "granted_by"), Invitation: ("invited_by",)}
    due -= still_referenced(Person, due, besides=own)
    if due:
        due -= set(AuditRow.objects.filter(person__in=due).values_list("person", flat=True).distinct())
    while due:
        given = Mandate.objects.filter(granted_by__in=due).exclude(person__in=due)
        called = Invitation.objects.filter(invited_by__in=due).exclude(mandate__person__in=due)
        held = set(given.values_list("granted_by", flat=True)) | set(called.values_list("invited_by", flat=True))
        if not held:
            break
        due -= held
    return due


def organisations_due() -> set[int]:
    """Ids of the organisations to which no mandate and no member is tied."""
    every = set(Organisation.objects.values_list("pk", flat=True))
    return every - still_referenced(Organisation, every)
