"""Screens of the directory."""

from prevenance.domains.directory.views.doubles import double_distinct, double_merge, doubles
from prevenance.domains.directory.views.exchanges import (
    exchange,
    exchange_export,
    exchange_file,
    exchange_import,
    exchange_stop,
    exchanges,
)
from prevenance.domains.directory.views.reports import service_report
from prevenance.domains.directory.views.services import (
    service,
    service_add,
    service_close,
    service_edit,
    service_reopen,
    service_verify,
    services,
)
from prevenance.domains.directory.views.structures import (
    structure,
    structure_add,
    structure_close,
    structure_edit,
    structures,
)

__all__ = [
    "double_distinct",
    "double_merge",
    "doubles",
    "exchange",
    "exchange_export",
    "exchange_file",
    "exchange_import",
    "exchange_stop",
    "exchanges",
    "service",
    "service_add",
    "service_close",
    "service_edit",
    "service_reopen",
    "service_report",
    "service_verify",
    "services",
    "structure",
    "structure_add",
    "structure_close",
    "structure_edit",
    "structures",
]
