"""Every act leaves a row, in the transaction of the act (design.md, habit 4)."""

from prevenance.core.audit.actions import (
    ACTIONS,
    MACHINE,
    Identity,
    NothingRecorded,
    action,
    record,
    record_each,
    record_outside,
    record_refusal,
)

__all__ = [
    "ACTIONS",
    "MACHINE",
    "Identity",
    "NothingRecorded",
    "action",
    "record",
    "record_each",
    "record_outside",
    "record_refusal",
]
