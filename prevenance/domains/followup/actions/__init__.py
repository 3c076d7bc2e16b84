"""Every write to a file, its row of audit with it. What is sealed never goes into the audit."""

from prevenance.domains.followup.actions.announcing import record_end_notice
from prevenance.domains.followup.actions.attachments import add_attachment, remove_attachment
from prevenance.domains.followup.actions.clock import purge_files, sweep_keys
from prevenance.domains.followup.actions.contacts import add_contact, correct_contact, record_alert
from prevenance.domains.followup.actions.endings import end_file, lift_hold, open_archive, set_hold, tell_later
from prevenance.domains.followup.actions.files import open_file
from prevenance.domains.followup.actions.orientations import (
    answer_orientation,
    conclude_orientation,
    send_orientation,
)
from prevenance.domains.followup.actions.plan import add_goal, add_step, do_step, edit_goal, edit_step
from prevenance.domains.followup.actions.readings import record_list, record_reading
from prevenance.domains.followup.actions.reviews import correct_review, list_files, propose_file, record_review
from prevenance.domains.followup.actions.tallies import count_quarter

__all__ = [
    "add_attachment",
    "add_contact",
    "add_goal",
    "add_step",
    "answer_orientation",
    "conclude_orientation",
    "correct_contact",
    "correct_review",
    "count_quarter",
    "do_step",
    "edit_goal",
    "edit_step",
    "end_file",
    "lift_hold",
    "list_files",
    "open_archive",
    "open_file",
    "propose_file",
    "purge_files",
    "record_alert",
    "record_end_notice",
    "record_list",
    "record_reading",
    "record_review",
    "remove_attachment",
    "send_orientation",
    "set_hold",
    "sweep_keys",
    "tell_later",
]
