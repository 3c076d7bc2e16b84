"""What a report says, as text in one sealed column and as facts; what the coordination reads of it."""

from collections.abc import Iterable
from datetime import date

from django.db import models

from prevenance.core import vault
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.followup.analysis.reading import opened_values
from prevenance.domains.followup.models import Channel, FollowUp, SentReport
from prevenance.domains.followup.rules import lists


def written(situations: Iterable[tuple[str, date]]) -> str:
    """« absent:2026-11-02 lost_from_sight:2026-11-20 »."""
    return " ".join(f"{code}:{day.isoformat()}" for code, day in situations)


def dated(text: str) -> list[tuple[str, date]]:
    """What `written` wrote."""
    pairs = (one.split(":") for one in text.split())
    return [(code, date.fromisoformat(day)) for code, day in pairs]


def open_to(actor: Actor) -> models.QuerySet[Channel]:
    """The channels by which one may report today."""
    return Channel.objects.reported_in(actor).select_related("body__council")


def sent_by(actor: Actor) -> models.QuerySet[SentReport]:
    """That one reported, and when: nothing of what is sealed is read."""
    rows: models.QuerySet[SentReport] = SentReport.objects.sent_by(actor)
    return rows.select_related("channel").only("sent_on", "channel__name").order_by("-sent_on", "-pk")


def said_of(report: SentReport) -> dict[str, str]:
    """Raises vault.KeyLost, vault.MasterLost, vault.Tampered."""
    return opened_values(report, vault.open(report.key))


def born(said: dict[str, str]) -> date:
    return date.fromisoformat(said["birth_date"])


def facts(said: dict[str, str]) -> list[tuple[str, date]]:
    """(what was observed, when), in words."""
    return [(lists.label("situations", code), day) for code, day in dated(said["situations"])]


def sex(said: dict[str, str]) -> str:
    return str(dict(FollowUp.Sex.choices).get(said["sex"], ""))
