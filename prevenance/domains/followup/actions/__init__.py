"""Every write to a file, its row of audit with it. What is sealed never goes into the audit."""

from prevenance.domains.followup.actions.announcing import record_end_notice
from prevenance.domains.followup.actions.clock import purge_files, sweep_keys
from prevenance.domains.followup.actions.endings import end_file, lift_hold, open_archive, set_hold, tell_later
from prevenance.domains.followup.actions.files import open_file
from prevenance.domains.followup.actions.people import (
    accept_part,
    add_concerned,
    decline_part,
    end_part,
    propose_cover,
    propose_referent,
    withdraw_proposal,
)
from prevenance.domains.followup.actions.readings import record_list, record_reading
from prevenance.domains.followup.actions.situation import add_fact, correct_identity, end_fact, keep_representatives
from prevenance.domains.followup.actions.terms import declare_terms

__all__ = [
    "accept_part",
    "add_concerned",
    "add_fact",
    "correct_identity",
    "declare_terms",
    "decline_part",
    "end_fact",
    "end_file",
    "end_part",
    "keep_representatives",
    "lift_hold",
    "open_archive",
    "open_file",
    "propose_cover",
    "propose_referent",
    "purge_files",
    "record_end_notice",
    "record_list",
    "record_reading",
    "set_hold",
    "sweep_keys",
    "tell_later",
    "withdraw_proposal",
]
