"""Reporting in to a group: which channels may be opened, who reports by them, who answers."""

from collections.abc import Collection
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from prevenance.core.refusals import Refused
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Mandate, Person
from prevenance.domains.followup.models import Channel, FollowUp, Reporter, SentReport
from prevenance.domains.followup.rules import clocks, lists
from prevenance.domains.followup.rules.files import opens
from prevenance.domains.followup.rules.opening import check_observed
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.rules.councils import Stale

PURPOSES = "report_purposes"


def purposes(body: Body) -> tuple[tuple[str, str], ...]:
    """What a channel of that group may be for: support of parents is a CDDF's."""
    return lists.choices(PURPOSES, category_in(body))


def category_in(body: Body) -> str:
    """The category of a file that opens from a report: a school tells of a young person exposed, or of a family."""
    return str(FollowUp.Category.FAMILY if body.council.kind == "CDDF" else FollowUp.Category.EXPOSED)


def situations(purpose: str, body: Body) -> tuple[tuple[str, str], ...]:
    """The observed facts that a report for that purpose may say."""
    allowed = lists.loaded()[PURPOSES]["entries"].get(purpose, {}).get("situations", [])
    return tuple(pair for pair in lists.choices("situations", category_in(body)) if pair[0] in allowed)


def longest(on: date) -> date:
    """The last day that a channel opened on `on` may have."""
    return clocks.after(on, "channel_longest", on)


def check_can_hold(body: Body, actor: Actor) -> None:
    if not (actor.can("hold_files") and opens(body, actor)):
        raise Refused(_("Seule la coordination du groupe tient ses circuits et examine les signalements reçus."))


def check_channel(body: Body, purpose: str, agreed_on: date, until: date, on: date) -> None:
    """A written agreement, one purpose of the list, an end."""
    if purpose not in dict(purposes(body)):
        raise Refused(_("Ce choix n’est pas dans la liste : reprenez-le."))
    if agreed_on > on:
        raise Refused(_("La convention se signe avant d’ouvrir le circuit : corrigez sa date."))
    if not on < until <= longest(on):
        raise Refused(
            _("Un circuit finit un jour à venir, et le %(day)s au plus tard.") % {"day": f"{longest(on):%d/%m/%Y}"}
        )


def check_is_open(channel: Channel) -> None:
    if not channel.is_open:
        raise Stale(_("Ce circuit est fermé : ouvrez-en un autre."))


def check_reporter(channel: Channel, person: Person | None) -> None:
    """Somebody who has an account and a mandate in force, once a channel."""
    check_is_open(channel)
    if person is None or not person.is_active or not Mandate.objects.current().filter(person=person).exists():
        raise Refused(_("Cette adresse n’ouvre aucun mandat en cours ici : invitez d’abord cette personne."))
    if Reporter.objects.filter(channel=channel, person=person, removed_on=None).exists():
        raise Stale(_("Cette personne signale déjà par ce circuit."))


def check_can_report(channel: Channel, actor: Actor) -> None:
    """Whoever is named in a channel that is open, under a mandate in force: the wall's own answer."""
    if not Channel.objects.reported_in(actor).filter(pk=channel.pk).exists():
        raise Refused(_("Ce circuit ne vous permet pas de signaler : demandez à la coordination du groupe."))


def check_report(channel: Channel, birth: date, told: str, observed: Collection[tuple[str, date]], on: date) -> None:
    """Facts of the list of the channel's purpose, each once, dated; a person whom a file may be about."""
    clocks.check_age(birth, on)
    lists.check_code("report_told", told)
    codes = [code for code, _day in observed]
    if not codes:
        raise Refused(_("Choisissez au moins une situation observée."))
    if len(codes) != len(set(codes)):
        raise Refused(_("La même situation est choisie deux fois : gardez-la une fois, à sa date."))
    for code, day in observed:
        if code not in dict(situations(channel.purpose, channel.body)):
            raise Refused(_("Ce choix n’est pas dans la liste : reprenez-le."))
        check_observed(day, birth, on)


def answered_before(sent_on: date) -> date:
    """The day when a report that nobody answered is erased."""
    return clocks.after(sent_on, "report_answer", sent_on)


def check_can_answer(report: SentReport, actor: Actor) -> None:
    check_can_hold(report.body, actor)
    if report.state != SentReport.State.WAITING:
        raise Stale(_("Ce signalement est déjà examiné."))
    if report.purge_on <= timezone.localdate():
        raise Stale(_("Le délai pour examiner ce signalement est passé : il s’efface."))
