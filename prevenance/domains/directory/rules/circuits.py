"""Who writes a reporting circuit, who puts it in force, what a step may say, when a version begins and ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.directory.models import Circuit, CircuitStep, Service, Structure, numbers_on
from prevenance.domains.directory.models.circuits import bases_on, circuit_list, departements_of
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory

MOST_STEPS = 20  # past which a drawing is read by nobody


@dataclass(frozen=True)
class Step:
    """What is said of a step. `who` or `after`; one of service, structure, number, institution."""

    means: str
    delay: str
    who: str = ""
    after: CircuitStep | None = None
    service: Service | None = None
    structure: Structure | None = None
    number: str = ""
    institution: str = ""
    basis: str = ""


def check_can_write_somewhere(actor: Actor) -> None:
    if not actor.can("write_circuits"):
        raise Refused(_("Les circuits sont écrits par la coordination, la préfecture et le parquet."))


def check_can_write(departement: Territory, actor: Actor) -> None:
    check_can_write_somewhere(actor)
    reached = Territory.objects.filter(pk__in=departements_of(actor.territory_id)).values_list("pk", flat=True)
    if departement.pk not in set(reached):
        raise Refused(_("Ce département n’est pas le vôtre : ses circuits sont écrits par d’autres."))


def check_can_change(circuit: Circuit, actor: Actor) -> None:
    check_can_write(circuit.departement, actor)
    if not circuit.is_draft:
        raise Refused(_("Cette version ne change plus : préparez-en une nouvelle."))


def check_can_renew(circuit: Circuit, actor: Actor) -> None:
    check_can_write(circuit.departement, actor)
    if circuit.is_draft:
        raise Refused(_("Cette version est encore en préparation : modifiez-la."))
    if Circuit.objects.alike(circuit).filter(valid_from=None).exists():
        raise Stale(_("Une nouvelle version est déjà en préparation."))


def check_words(situation: str, people: str) -> None:
    if situation not in circuit_list("situations") or people not in circuit_list("people"):
        raise Refused(_("Choisissez la situation et la personne concernée dans les listes."))


def check_step(circuit: Circuit, told: Step, today: date, *, besides: CircuitStep | None = None) -> None:
    """Words of the lists; what follows an earlier step of the same circuit; one who is told, and not by themselves."""
    lists = (("means", told.means), ("delays", told.delay))
    if any(value not in circuit_list(name) for name, value in lists):
        raise Refused(_("Choisissez le moyen et le délai dans les listes."))
    if told.basis and told.basis not in {one.key for one in bases_on(today)}:
        raise Refused(_("Ce texte n’est pas, ou n’est plus, dans la liste."))
    if bool(told.who) == (told.after is not None) or (told.who and told.who not in circuit_list("professionals")):
        raise Refused(_("Dites qui signale : un professionnel, ou qui a été prévenu à une étape précédente."))
    if told.after is not None and (
        told.after.circuit_id != circuit.pk or (besides is not None and told.after.rank >= besides.rank)
    ):
        raise Refused(_("La suite d’une étape se dit d’une étape précédente du même circuit."))
    _check_told(told, today)


def _check_told(told: Step, today: date) -> None:
    if sum(map(bool, (told.service, told.structure, told.number, told.institution))) != 1:
        raise Refused(_("Dites qui est prévenu : une institution, un numéro, ou un service de l’annuaire."))
    if told.number and told.number not in {one.key for one in numbers_on(today)}:
        raise Refused(_("Ce numéro national n’est plus dans la liste."))
    if told.institution and told.institution not in circuit_list("institutions"):
        raise Refused(_("Choisissez l’institution dans la liste."))
    place = told.service or told.structure
    if place is not None and not place.is_open:
        raise Refused(_("Ce service est fermé : personne n’y répondrait."))
    if told.after is not None and told.after.told == CircuitStep(**_whom(told)).told:
        raise Refused(_("Cette étape ferait se prévenir soi-même : choisissez quelqu’un d’autre."))


def _whom(told: Step) -> dict[str, object]:
    return {
        "service": told.service,
        "structure": told.structure,
        "number": told.number,
        "institution": told.institution,
    }


def check_room(circuit: Circuit) -> None:
    if circuit.steps.count() >= MOST_STEPS:
        raise Refused(_("Un circuit a au plus %(most)d étapes.") % {"most": MOST_STEPS})


def check_can_remove_step(step: CircuitStep, actor: Actor) -> None:
    check_can_change(step.circuit, actor)
    if step.following.exists():
        raise Refused(_("Une autre étape fait suite à celle-ci : retirez ou changez l’autre d’abord."))


def check_can_decide(circuit: Circuit, actor: Actor) -> None:
    if not actor.can("decide_circuits") or actor.territory_id != circuit.departement_id:
        raise Refused(_("La préfecture ou le parquet du département met les circuits en vigueur et y met fin."))


def check_can_publish(circuit: Circuit, actor: Actor) -> None:
    check_can_decide(circuit, actor)
    if not circuit.is_draft:
        raise Stale(_("Cette version est déjà mise en vigueur."))
    if not circuit.steps.exists():
        raise Refused(_("Ce circuit n’a pas d’étape : ajoutez au moins la première."))


def check_first_day(on: date, today: date, versions: Sequence[Circuit]) -> None:
    """Neither in the past nor before what another version already says."""
    if on < today:
        raise Refused(_("Ce jour est passé : un circuit ne s’applique qu’à partir d’aujourd’hui."))
    for other in versions:
        if other.valid_from is None:
            continue
        taken = other.valid_from if other.valid_to is None else other.valid_to
        if on < taken:
            raise Refused(
                _("Une autre version s’applique ce jour-là : choisissez le %(day)s ou un jour suivant.")
                % {"day": date_format(taken, "j F Y")}
            )


def check_can_end(circuit: Circuit, actor: Actor) -> None:
    check_can_decide(circuit, actor)
    if circuit.is_draft:
        raise Refused(_("Cette version n’est pas en vigueur : supprimez-la si elle ne sert pas."))
    if circuit.valid_to is not None:
        raise Stale(_("La fin de cette version est déjà dite."))


def check_last_day(circuit: Circuit, on: date, today: date) -> None:
    if on < today or (circuit.valid_from is not None and on < circuit.valid_from):
        raise Refused(_("Ce jour est passé, ou précède l’entrée en vigueur : choisissez-en un autre."))
