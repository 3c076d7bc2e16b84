"""Reporting in to a group. What is sealed never goes into the audit, and who reported learns nothing of a file."""

from collections.abc import Collection
from datetime import date
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit, vault
from prevenance.core.audit import action
from prevenance.core.audit.actions import Identity
from prevenance.core.row_security import CLOCK, as_role
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.actions.files import open_file
from prevenance.domains.followup.analysis.reading import opened_values, sealed
from prevenance.domains.followup.analysis.reporting import born, dated, written
from prevenance.domains.followup.models import Channel, FileKey, FollowUp, Reporter, SentReport
from prevenance.domains.followup.rules import clocks, lists
from prevenance.domains.followup.rules import reporting as rules
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.rules.councils import Stale

State = SentReport.State


@action(_("Circuit de signalement ouvert"))
def open_channel(*, body: Body, name: str, purpose: str, agreed_on: date, until: date, by: Actor) -> Channel:
    """Let a drop-out prevention group report in to a nominative group, for one purpose, until a day. Raises Refused."""
    today = timezone.localdate()
    rules.check_can_hold(body, by)
    rules.check_channel(body, purpose, agreed_on, until, today)
    channel = Channel.objects.create(
        body=body, name=name, purpose=purpose, agreed_on=agreed_on, until=until, opened_by=by.person, opened_on=today
    )
    audit.record(by=by, scope=channel.trail, subject=channel, purpose=purpose, until=until)
    return channel


@action(_("Circuit de signalement fermé"))
def close_channel(*, channel: Channel, by: Actor) -> None:
    """From now on nobody reports by it; what was received is still to be answered. Raises Refused, Stale."""
    row = _channel(channel)
    rules.check_can_hold(row.body, by)
    rules.check_is_open(row)
    row.closed_on = timezone.localdate()
    row.save(update_fields=["closed_on"])
    audit.record(by=by, scope=row.trail, subject=row)


@action(_("Personne ajoutée à un circuit de signalement"))
def add_reporter(*, channel: Channel, email: str, by: Actor) -> Reporter:
    """Name somebody by the address of their account. Raises Refused, Stale."""
    row = _channel(channel)
    person = Person.objects.filter(email__iexact=email).first()
    rules.check_can_hold(row.body, by)
    rules.check_reporter(row, person)
    reporter = Reporter.objects.create(channel=row, body=row.body, person=person, added_by=by.person)
    audit.record(by=by, scope=row.trail, subject=reporter, channel=row.pk)
    return reporter


@action(_("Personne retirée d’un circuit de signalement"))
def remove_reporter(*, reporter: Reporter, by: Actor) -> None:
    """Raises Refused, Stale."""
    row = _channel(reporter.channel)
    rules.check_can_hold(row.body, by)
    if not Reporter.objects.filter(pk=reporter.pk, removed_on=None).update(removed_on=timezone.localdate()):
        raise Stale(_now("Cette personne est déjà retirée du circuit."))
    audit.record(by=by, scope=row.trail, subject=reporter, channel=row.pk)


@action(_("Situation signalée à un groupe"))
def send_report(
    *, channel: Channel, identity: dict[str, str], birth_date: date, told: str, situations: list[tuple[str, date]],
    asked: UUID, by: Actor,
) -> SentReport:  # fmt: skip
    """Seal a situation for the coordination of a group. `identity`: family_name, given_name, sex, schooling.

    Raises Refused, Stale for a form already sent, vault.MasterLost.
    """
    today = timezone.localdate()
    channel = Channel.objects.select_related("body__council").get(pk=channel.pk)
    rules.check_can_report(channel, by)
    rules.check_report(channel, birth_date, told, situations, today)
    if identity.get("schooling"):
        lists.check_code("schooling", identity["schooling"])
    if SentReport.objects.filter(asked=asked).exists():
        raise Stale(_now("Ce signalement est déjà envoyé : l’envoi a été fait deux fois."))
    report = SentReport(
        channel=channel, body=channel.body, sent_by=by.person, sent_on=today, purge_on=rules.answered_before(today),
        key=vault.new(), asked=asked,
    )  # fmt: skip
    FileKey.objects.create(key=report.key)
    sealed(
        report, vault.open(report.key), birth_date=birth_date.isoformat(), told=told, situations=written(situations),
        **identity,
    ).save()  # fmt: skip
    audit.record(by=by, scope=report.trail, subject=report, channel=channel.pk)
    return report


@action(_("Signalement reçu lu"))
def record_report_reading(*, report: SentReport, by: Actor) -> None:
    audit.record(by=by, scope=report.trail, subject=report, acting=by.role)


@action(_("Signalement reçu retenu"))
def accept_report(*, report: SentReport, by: Actor) -> FollowUp:
    """Open a file from a report, under a key of its own; the report goes as soon as one set aside would: its
    end tells who sent it that it was examined, and not what came of it. Raises Refused, Stale."""
    row = _locked(report)
    rules.check_can_answer(row, by)
    said = opened_values(row, vault.open(row.key))
    file = open_file(
        body=row.body, category=rules.category_in(row.body), sex=said["sex"],
        birth_date=born(said), origin="school", situations=dated(said["situations"]),
        received_on=row.sent_on, observed_by=row.sent_by, by=by,
        identity={name: said[name] for name in ("family_name", "given_name", "schooling")},
    )  # fmt: skip
    _answered(row, State.ACCEPTED, _ends(row), by)
    return file


@action(_("Signalement reçu écarté"))
def decline_report(*, report: SentReport, reason: str, by: Actor) -> None:
    """No file opens; the report goes some days later, a mistake may still be seen until then. Raises Refused, Stale."""
    row = _locked(report)
    rules.check_can_answer(row, by)
    lists.check_code("report_refusals", reason)
    sealed(row, vault.open(row.key), refusal=reason)
    _answered(row, State.DECLINED, _ends(row), by, "refusal")


@action(_("Signalements échus effacés"))
def erase_reports(*, reports: Collection[int], by: Identity) -> int:
    """Delete as the clock's role, which deletes only what is due; then, after the commit, destroy each key.

    Returns how many went.
    """
    with as_role(CLOCK), connection.cursor() as cursor:
        cursor.execute("DELETE FROM followup_sentreport WHERE id = ANY (%s) RETURNING id, body_id, key",
                       [sorted(reports)])  # fmt: skip
        gone: list[tuple[int, int, UUID]] = cursor.fetchall()
        FileKey.objects.filter(key__in=[key for _pk, _body, key in gone])._raw_delete("default")
    for pk, body, key in gone:
        audit.record(by=by, scope=f"followup:{body}", subject=f"{SentReport._meta.label_lower}:{pk}")
        transaction.on_commit(partial(vault.destroy, key))
    if not gone:
        audit.record(by=by, subject="followup.sentreport", erased=0)
    return len(gone)


def _channel(channel: Channel) -> Channel:
    return Channel.objects.select_for_update(of=("self",)).select_related("body__council").get(pk=channel.pk)


def _locked(report: SentReport) -> SentReport:
    rows = SentReport.objects.select_for_update(of=("self",)).select_related("body__council", "sent_by")
    return rows.get(pk=report.pk)


def _ends(row: SentReport) -> date:
    """The day when an examined report goes, the same whatever was answered."""
    today = timezone.localdate()
    return min(row.purge_on, clocks.after(today, "report_refused", today))


def _answered(row: SentReport, state: str, purge_on: date, by: Actor, *fields: str) -> None:
    row.state, row.answered_by, row.answered_on, row.purge_on = state, by.person, timezone.localdate(), purge_on
    row.save(update_fields=["state", "answered_by", "answered_on", "purge_on", *fields])
    audit.record(by=by, scope=row.trail, subject=row, state=str(state))
