"""Councils, their bodies and members; meetings, minutes and decisions."""

from prevenance.domains.governance.models.acts import Act, ActConsultation, ActSignature
from prevenance.domains.governance.models.commitments import Commitment
from prevenance.domains.governance.models.controllers import Controller, ControllerExport, ExchangeText
from prevenance.domains.governance.models.councils import (
    Body,
    Council,
    CouncilReach,
    Membership,
    Upload,
)
from prevenance.domains.governance.models.feeds import CalendarFeed
from prevenance.domains.governance.models.imports import Import
from prevenance.domains.governance.models.letters import Letter, LetterRecipient
from prevenance.domains.governance.models.meetings import AgendaItem, Attendance, Meeting, Postponement
from prevenance.domains.governance.models.minutes import (
    Decision,
    DecisionProgress,
    DecisionReminder,
    Minutes,
    MinutesSection,
)
from prevenance.domains.governance.models.problems import HandOver, Problem
from prevenance.domains.governance.models.proposals import AgendaProposal
from prevenance.domains.governance.models.rulebooks import Rulebook, Signature, SignatureReminder

__all__ = [
    "Act",
    "ActConsultation",
    "ActSignature",
    "AgendaItem",
    "AgendaProposal",
    "Attendance",
    "Body",
    "CalendarFeed",
    "Commitment",
    "Controller",
    "ControllerExport",
    "Council",
    "CouncilReach",
    "Decision",
    "DecisionProgress",
    "DecisionReminder",
    "ExchangeText",
    "HandOver",
    "Import",
    "Letter",
    "LetterRecipient",
    "Meeting",
    "Membership",
    "Minutes",
    "MinutesSection",
    "Postponement",
    "Problem",
    "Rulebook",
    "Signature",
    "SignatureReminder",
    "Upload",
]
