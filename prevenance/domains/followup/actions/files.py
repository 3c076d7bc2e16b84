"""Opening a file from a report."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from prevenance.core import audit, vault
from prevenance.core.audit import action
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.analysis.reading import sealed
from prevenance.domains.followup.models import (
    Fact,
    FileKey,
    FollowUp,
    Identity,
    Involvement,
    Line,
    NumberSeries,
    Report,
    Representative,
)
from prevenance.domains.followup.rules import clocks, files, lists, opening
from prevenance.domains.governance.models import Body
from prevenance.domains.governance.rules.councils import Stale


@action(_("Dossier de suivi ouvert"))
def open_file(
    *,
    body: Body,
    category: str,
    sex: str,
    birth_date: date,
    origin: str,
    situations: list[tuple[str, date]],
    received_on: date,
    identity: dict[str, str],
    by: Actor,
    representatives: Sequence[dict[str, str]] = (),
    reported_by: int | None = None,
    asked: UUID | None = None,
    observed_by: Person | None = None,
) -> FollowUp:
    """Open a file in a group, from a report. `identity` holds family_name, given_name, and what else is known;
    `asked` is of the form: sent twice, it gives the same file. `representatives` are a minor's, two at most.
    `observed_by` saw the situations, when it is not who opens the file.

    Raises Refused, Stale for a form already sent, vault.MasterLost. The key is made before the transaction ends: a
    rollback leaves a key without a file, which the nightly sweep destroys.
    """
    today = timezone.localdate()
    files.check_can_open_here(body, by)
    files.check_category(body, category)
    clocks.check_age(birth_date, today)
    lists.check_code("origins", origin)
    opening.check_received(received_on, today)
    opening.check_situations(situations, category, birth_date, today)
    opening.check_representatives(birth_date, representatives, today)
    files.check_reporter(body, reported_by)
    number = NumberSeries.next_for(body, today)  # those who open a file in the group wait here for one another
    if asked and FollowUp.objects.filter(body=body, asked=asked).exists():
        raise Stale(_now("Ce dossier est déjà ouvert : l’envoi a été fait deux fois."))
    key_id = vault.new()
    key = vault.open(key_id)
    FileKey.objects.create(key=key_id)
    band = clocks.band_on(birth_date, today)
    followup = FollowUp.objects.create(
        body=body, number=number, category=category, sex=sex, age_band=band, opened_on=today, opened_by=by.person,
        purge_on=clocks.last_month(birth_date, today), key=key_id, asked=asked,
    )  # fmt: skip
    of = {"followup": followup, "body": body}
    sealed(Identity(**of), key, birth_date=birth_date.isoformat(), **identity).save()
    for rank, values in enumerate(representatives, start=1):
        sealed(Representative(**of, rank=rank), key, **values).save()
    sealed(
        Report(**of, received_on=received_on, reported_by_id=reported_by, recorded_by=by.person), key, origin=origin
    ).save()
    for situation, day in situations:
        sealed(Fact(**of, observed_on=day, observed_by=observed_by or by.person), key, situation=situation).save()
    Involvement.objects.create(
        **of, person_id=reported_by or by.person_id, kind=Involvement.Kind.REPORTER, proposed_by=by.person,
        accepted_at=timezone.now(), valid_from=today,
    )  # fmt: skip
    Line.objects.create(
        followup=followup, body=body, category=category, sex=sex, age_band=band, entered_month=today.replace(day=1)
    )
    audit.record(by=by, scope=followup.trail, subject=followup, category=category)
    return followup
