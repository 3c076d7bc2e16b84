"""The way of an act, for tests: opinions noted, transmitted, signed by whoever chairs."""

import datetime as dt

from prevenance.domains.governance.actions import acts as governance
from prevenance.domains.governance.rules.acts import digest
from prevenance.domains.strategy.actions import amendments as actions


def sign(act, by, on=None, in_force_from=None):
    """Note the opinions that the act needs, then declare its signature by `by`, on a day (today)."""
    day = on or dt.date.today()
    for line in act.consultations.filter(required=True):
        governance.record_opinion(
            line=line, asked_on=day, answered_on=day, opinion="favourable", reference="Avis inventé", by=by
        )
    signature = act.signatures.get()
    return governance.declare_signature(
        signature=signature, seen=digest(act), name="Dominique Modèle", signed_on=day, by=by, reference="2026-1",
        in_force_from=in_force_from,
    )  # fmt: skip


def put_in_force(amendment, by, on=None):
    """Prepare its act, have it signed, note that it took effect; the amendment says so."""
    sign(actions.prepare_act(amendment=amendment, by=by), by, on)
    amendment.refresh_from_db()
    actions.take_effect(amendment=amendment, by=by)
    amendment.refresh_from_db()
