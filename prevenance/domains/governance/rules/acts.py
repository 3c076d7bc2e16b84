"""Who prepares, submits, signs and ends an act, and what its document says."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.core.text import sort_key
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person, Scope
from prevenance.domains.accounts.rules import check_can_delegate
from prevenance.domains.governance.analysis.law import facts_of
from prevenance.domains.governance.models import Act, ActConsultation, ActSignature, Council, Membership
from prevenance.domains.governance.rules.act_forms import ITEM, Form, forms_on
from prevenance.domains.governance.rules.controllers import check_has_not_left
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.territories.models import Territory

ORDER = [
    (Membership.Quality.CHAIR, "Présidence"),
    (Membership.Quality.OF_RIGHT, "Membres de droit"),
    (Membership.Quality.DESIGNATED, "Membres désignés"),
    (Membership.Quality.INVITED, "Invités permanents"),
]


# ------------------------------------------------------------------------------------------------ preparing


def forms_for(actor: Actor, scope: Scope, council: Council | None, on: date) -> list[Form]:
    """The forms that the actor may prepare for a council, or for the scope itself."""
    if not actor.can("hold_council"):
        return []
    return [form for form in forms_on(on).values() if scope.kind in form.holders and _suits(form, council)]


def _suits(form: Form, council: Council | None) -> bool:
    return form.council != "required" if council is None else council.kind in form.councils


def check_can_prepare(form: Form, scope: Scope, council: Council | None, actor: Actor) -> None:
    """Whoever holds the council; without a council, whoever chairs the commune, EPCI or département."""
    if council is not None:
        check_can_hold(council, actor)
    elif not (actor.can("hold_council") and actor.scope_id == scope.pk):
        raise Refused(_("Cet acte se prépare sous un mandat de qui le signera."))
    check_has_not_left(scope.pk)
    if scope.kind not in form.holders or not _suits(form, council):
        raise Refused(_("Ce modèle d’acte ne s’emploie pas ici."))


def check_can_change(act: Act, actor: Actor) -> None:
    """Prepare it again, transmit it, note an opinion, remove it: those who prepare, until somebody has signed."""
    if act.council is not None:
        check_can_hold(act.council, actor)
    elif not (actor.can("hold_council") and actor.scope_id == act.scope_id):
        raise Refused(_("Seul l’auteur de cet acte peut le modifier."))
    if act.signed_on is not None:
        raise Stale(_("Cet acte est déjà signé : il ne change plus. Préparez-en un autre."))


def check_can_rewrite(act: Act, actor: Actor) -> None:
    """Change its text: no longer once a party has signed it."""
    check_can_change(act, actor)
    if act.signatures.filter(signed_on__isnull=False).exists():
        raise Refused(_("Une partie a déjà signé ce texte : il ne change plus."))


def check_territories(form: Form, scope: Scope, communes: Sequence[Territory], on: date) -> None:
    """Whether the text applies to the communes of an act, the author's own included when it is a commune.

    A population that is not known refuses nothing: the screen says that it could not be told.
    """
    needed = form.requires
    if needed is None:
        return
    holder = scope.territory
    own = [holder] if scope.kind == Scope.Kind.COMMUNE and holder is not None else []
    if any(commune.pk == scope.territory_id for commune in communes):
        raise Refused(_("Votre commune est déjà partie à cet acte : citez les autres."))
    places = {commune.pk: commune for commune in [*own, *communes]}
    if needed.members:
        inside = set(Territory.objects.filter(containers__container_id=scope.territory_id).values_list("pk", flat=True))
        outside = [commune.name for pk, commune in places.items() if pk not in inside]
        if outside:
            raise Refused(
                _("Hors de l’intercommunalité (%(article)s) : %(names)s.")
                % {"article": needed.article, "names": ", ".join(outside)}
            )
    if needed.population_under is None and not needed.without_council:
        return
    for facts in facts_of(Territory.objects.filter(pk__in=places), on):
        figure = facts.populations.get("total")
        if needed.population_under is not None and figure is not None and figure.value >= needed.population_under:
            raise Refused(
                _("%(name)s compte %(count)d habitants : cet acte est fait pour moins de %(limit)d (%(article)s).")
                % {"name": facts.name, "count": figure.value, "limit": needed.population_under,
                   "article": needed.article}
            )  # fmt: skip
        if needed.without_council and (facts.councils or facts.intercommunal_councils):
            raise Refused(
                _("%(name)s relève déjà d’un conseil : cet acte est pour celles qui n’en ont pas (%(article)s).")
                % {"name": facts.name, "article": needed.article}
            )


def check_end(form: Form, ends_on: date | None, on: date) -> None:
    if form.ends == "required" and ends_on is None:
        raise Refused(_("Cet acte doit dire son dernier jour."))
    if ends_on is not None and ends_on < on:
        raise Refused(_("Le dernier jour de l’acte est déjà passé."))


# ------------------------------------------------------------------------------------------------ the document


def words(
    form: Form, scope: Scope, council: Council | None, person: Person | None, values: Mapping[str, Any],
    communes: Iterable[Territory], ends_on: date | None,
) -> dict[str, str]:  # fmt: skip
    """What fills the braces of a form."""
    names = sorted((commune.name for commune in communes), key=sort_key)
    if scope.kind == Scope.Kind.COMMUNE and names:
        names.insert(0, scope.label)
    said = {
        question.name: str(values.get(question.name) or "").strip()
        for question in form.questions
        if question.type in ("line", "text")
    }
    return said | {
        "council": council.name if council else "",
        "territory": scope.label,
        "person": person.name if person else "",
        "person_title": str(values.get("person_title") or "").lower(),
        "communes": ", ".join(names),
        "ends_on": date_format(ends_on, "j F Y") if ends_on else "",
    }


def member_lines(members: Iterable[Membership]) -> list[str]:
    """Members by quality, then by organisation and name: a heading line, then an item each."""
    rows = list(members)
    lines: list[str] = []
    for quality, title in ORDER:
        of_quality = [member for member in rows if member.quality == quality]
        if of_quality:
            lines += [f"{title}\u00a0:"] + [ITEM + line_of(member) for member in in_order(of_quality)]
    return lines


def in_order(members: list[Membership]) -> list[Membership]:
    return sorted(members, key=lambda member: (sort_key(str(member.organisation or "")), member.person.sort_name))


def line_of(member: Membership) -> str:
    """« Camille Exemple, directrice, Mission locale »; an order names functions, never addresses."""
    return ", ".join(part for part in (member.person.name, member.title, str(member.organisation or "")) if part)


def digest(act: Act) -> str:
    """What tells one text from another on a form."""
    return hashlib.sha256(f"{act.text}\n{act.ends_on}".encode()).hexdigest()[:20]


def check_same_text(act: Act, seen: str) -> None:
    if digest(act) != seen:
        raise Stale(
            _("Le texte a été préparé à nouveau depuis cet affichage : relisez-le avant de déclarer sa signature.")
        )


# ------------------------------------------------------------------------------------------------ signing


def missing_opinions(act: Act) -> list[ActConsultation]:
    """Those that must be consulted and have not answered."""
    return [line for line in act.consultations.all() if line.required and line.answered_on is None]


def check_can_submit(act: Act, actor: Actor) -> None:
    """Put it among the acts that await whoever signs, once those who must be consulted were."""
    check_can_change(act, actor)
    if act.submitted_at is not None:
        raise Stale(_("Cet acte est déjà transmis à la signature."))
    _check_consulted(act)


def _check_consulted(act: Act) -> None:
    missing = missing_opinions(act)
    if missing:
        raise Refused(_("Il manque avant la signature : %(who)s.") % {"who": ", ".join(line.label for line in missing)})


def check_can_declare(act: Act, signature: ActSignature, actor: Actor) -> None:
    """Declare a signature given on paper: the signatory's own scope, or the author's, which holds the paper.

    Its chair, or an elected delegate for this; never a delegate for a delegation.
    """
    if not actor.can("approve") or actor.scope_id not in (signature.scope_id, act.scope_id):
        raise Refused(_("Seule la présidence, ou qui en a reçu délégation, peut déclarer cette signature."))
    if act.signed_on is not None or signature.signed_on is not None:
        raise Stale(_("Cette signature est déjà déclarée : elle ne change plus."))
    if signature.personal and actor.is_delegate:
        raise Refused(_("Cet acte ne se signe pas par délégation : il revient au titulaire du mandat."))
    if act.council is not None and act.council.ended_on is not None:
        raise Refused(_("Ce conseil a pris fin : ses actes se lisent, mais ne se signent plus."))
    if act.kind == Act.Kind.DELEGATION:
        check_can_delegate(actor, act.person.email if act.person else "")
    _check_consulted(act)


def check_signature_day(act: Act, signature: ActSignature, signed_on: date, in_force_from: date | None) -> None:
    """A signature is past or of today, after the opinions that it needed; an act applies once all have signed."""
    if signed_on > timezone.localdate():
        raise Refused(_("Cette date est à venir : déclarez la signature une fois donnée."))
    opinions = [line.answered_on for line in act.consultations.all() if line.required and line.answered_on]
    if opinions and signed_on < max(opinions):
        raise Refused(_("Cette signature serait antérieure à un avis qu’elle suppose."))
    if in_force_from is None:
        return
    signed = [other.signed_on for other in act.signatures.all() if other.signed_on and other.pk != signature.pk]
    if in_force_from < max([signed_on, *signed]):
        raise Refused(_("Un acte n’entre pas en vigueur avant d’être signé."))
    if act.ends_on is not None and act.ends_on < in_force_from:
        raise Refused(_("Cet acte finirait avant d’entrer en vigueur : préparez-le à nouveau avec d’autres dates."))


# ------------------------------------------------------------------------------------------------ afterwards


def check_can_keep_copy(act: Act, actor: Actor) -> None:
    """Keep the copy of what was signed, once: those who prepare."""
    if act.council is not None:
        check_can_hold(act.council, actor)
    elif not (actor.can("hold_council") and actor.scope_id == act.scope_id):
        raise Refused(_("Seul l’auteur de cet acte peut en déposer l’exemplaire signé."))
    if act.signed_on is None:
        raise Refused(_("Déclarez d’abord l’acte signé."))
    if act.scan_id is not None:
        raise Stale(_("L’exemplaire signé est déjà déposé : il ne change plus."))


def check_can_end(act: Act, actor: Actor) -> None:
    """Report or end an act: whoever chairs where it was made; a delegation, whoever gave it."""
    if act.signed_on is None:
        raise Refused(_("Un projet ne prend pas fin : il se retire."))
    if act.ended_on is not None or act.state == Act.State.ENDED:
        raise Stale(_("Cet acte a déjà pris fin."))
    if not actor.can("approve") or actor.scope_id != act.scope_id:
        raise Refused(_("Seule la présidence qui l’a signé peut mettre fin à cet acte."))
    if act.kind == Act.Kind.DELEGATION and actor.is_delegate:
        raise Refused(_("Une délégation est rapportée par qui l’a donnée."))


def check_last_day(act: Act, on: date) -> None:
    if act.signed_on is not None and on < act.signed_on:
        raise Refused(_("Un acte ne finit pas avant d’avoir été signé."))
    if act.ends_on is not None and on > act.ends_on:
        raise Refused(_("Cet acte finit déjà le %(day)s.") % {"day": date_format(act.ends_on, "j F Y")})
