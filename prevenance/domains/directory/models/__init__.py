"""The directory: structures, the services that they render, and closed lists."""

from prevenance.domains.directory.models.agreements import AgreementParty, PartnersAgreement
from prevenance.domains.directory.models.circuits import Circuit, CircuitStep
from prevenance.domains.directory.models.closures import Closure
from prevenance.domains.directory.models.devices import DeviceStatement
from prevenance.domains.directory.models.doors import Door, Round
from prevenance.domains.directory.models.exchanges import Exchange, ExchangeProblem
from prevenance.domains.directory.models.lists import (
    EXTENSION,
    Kind,
    closed_list,
    freshness,
    in_force,
    kind_choices,
    kind_label,
    kinds,
    labels,
    orientation_terms,
)
from prevenance.domains.directory.models.nation import CoverageRun, DepartementCoverage
from prevenance.domains.directory.models.numbers import Number, help_words, numbers_on
from prevenance.domains.directory.models.orientations import OrientationAnswer, OrientationKey, OrientationLink
from prevenance.domains.directory.models.restorative import (
    Consent,
    Participant,
    Programme,
    StageHeld,
    Withdrawal,
    YearlyCount,
)
from prevenance.domains.directory.models.reviews import Distinct, ErrorReport, ReviewReminder
from prevenance.domains.directory.models.scenarios import Scenario
from prevenance.domains.directory.models.services import Service, search_key
from prevenance.domains.directory.models.stations import (
    StationAgreement,
    StationFunding,
    StationPost,
    StationRegister,
)
from prevenance.domains.directory.models.structures import WHERE_A_STRUCTURE_IS, WHERE_IT_IS, Structure

__all__ = [
    "EXTENSION",
    "WHERE_A_STRUCTURE_IS",
    "WHERE_IT_IS",
    "AgreementParty",
    "Circuit",
    "CircuitStep",
    "Closure",
    "Consent",
    "CoverageRun",
    "DepartementCoverage",
    "DeviceStatement",
    "Distinct",
    "Door",
    "ErrorReport",
    "Exchange",
    "ExchangeProblem",
    "Kind",
    "Number",
    "OrientationAnswer",
    "OrientationKey",
    "OrientationLink",
    "Participant",
    "PartnersAgreement",
    "Programme",
    "ReviewReminder",
    "Round",
    "Scenario",
    "Service",
    "StageHeld",
    "StationAgreement",
    "StationFunding",
    "StationPost",
    "StationRegister",
    "Structure",
    "Withdrawal",
    "YearlyCount",
    "closed_list",
    "freshness",
    "help_words",
    "in_force",
    "kind_choices",
    "kind_label",
    "kinds",
    "labels",
    "numbers_on",
    "orientation_terms",
    "search_key",
]
