"""Every write to a file, its row of audit with it. What is sealed never goes into the audit."""

from prevenance.domains.followup.actions.announcing import record_end_notice
from prevenance.domains.followup.actions.attachments import add_attachment, remove_attachment
from prevenance.domains.followup.actions.clock import purge_files, sweep_keys
from prevenance.domains.followup.actions.contacts import add_contact, correct_contact, record_alert
from prevenance.domains.followup.actions.endings import end_file, lift_hold, open_archive, set_hold, tell_later
from prevenance.domains.followup.actions.files import open_file
from prevenance.domains.followup.actions.handovers import (
    accept_handover,
    decline_handover,
    finish_handover,
    propose_handover,
    withdraw_handover,
)
from prevenance.domains.followup.actions.orientations import (
    answer_orientation,
    conclude_orientation,
    send_orientation,
)
from prevenance.domains.followup.actions.plan import add_goal, add_step, do_step, edit_goal, edit_step
from prevenance.domains.followup.actions.readings import record_list, record_reading
from prevenance.domains.followup.actions.reviews import correct_review, list_files, propose_file, record_review
from prevenance.domains.followup.actions.rights import (
    answer_request,
    hand_notice,
    note_objection,
    print_notice,
    record_request,
    rectify_identity,
)
from prevenance.domains.followup.actions.sharing import share_parts, withdraw_share
from prevenance.domains.followup.actions.tallies import count_quarter

__all__ = [
    "accept_handover",
    "add_attachment",
    "add_contact",
    "add_goal",
    "add_step",
    "answer_orientation",
    "answer_request",
    "conclude_orientation",
    "correct_contact",
    "correct_review",
    "count_quarter",
    "decline_handover",
    "do_step",
    "edit_goal",
    "edit_step",
    "end_file",
    "finish_handover",
    "hand_notice",
    "lift_hold",
    "list_files",
    "note_objection",
    "open_archive",
    "open_file",
    "print_notice",
    "propose_file",
    "propose_handover",
    "purge_files",
    "record_alert",
    "record_end_notice",
    "record_list",
    "record_reading",
    "record_request",
    "record_review",
    "rectify_identity",
    "remove_attachment",
    "send_orientation",
    "set_hold",
    "share_parts",
    "sweep_keys",
    "tell_later",
    "withdraw_handover",
    "withdraw_share",
]
