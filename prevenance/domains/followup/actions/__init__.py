"""Every write to a file, its row of audit with it. What is sealed never goes into the audit."""

from prevenance.domains.followup.actions.announcing import record_end_notice
from prevenance.domains.followup.actions.attachments import add_attachment, remove_attachment
from prevenance.domains.followup.actions.calls import (
    ask_prosecutor,
    convene_call,
    drop_call,
    end_call,
    hold_call,
    inform_prosecutor,
    open_call,
    record_answer,
)
from prevenance.domains.followup.actions.clock import purge_files, sweep_keys
from prevenance.domains.followup.actions.contacts import add_contact, correct_contact, record_alert
from prevenance.domains.followup.actions.copying import copy_file
from prevenance.domains.followup.actions.endings import end_file, lift_hold, open_archive, set_hold, tell_later
from prevenance.domains.followup.actions.families import begin_path, move_path
from prevenance.domains.followup.actions.files import open_file
from prevenance.domains.followup.actions.handovers import (
    accept_handover,
    decline_handover,
    finish_handover,
    propose_handover,
    withdraw_handover,
)
from prevenance.domains.followup.actions.orientations import answer_orientation, conclude_orientation, send_orientation
from prevenance.domains.followup.actions.people import (
    accept_part,
    add_concerned,
    decline_part,
    end_part,
    propose_cover,
    propose_referent,
    withdraw_proposal,
)
from prevenance.domains.followup.actions.plan import add_goal, add_step, do_step, edit_goal, edit_step
from prevenance.domains.followup.actions.readings import record_list, record_reading
from prevenance.domains.followup.actions.registers import (
    correct_entry,
    declare_protocol,
    erase_entries,
    hold_entry,
    record_entry_reading,
    release_entry,
)
from prevenance.domains.followup.actions.reporting import (
    accept_report,
    add_reporter,
    close_channel,
    decline_report,
    erase_reports,
    open_channel,
    record_report_reading,
    remove_reporter,
    send_report,
)
from prevenance.domains.followup.actions.resealing import reseal_rows
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
from prevenance.domains.followup.actions.situation import add_fact, correct_identity, end_fact, keep_representatives
from prevenance.domains.followup.actions.tallies import count_quarter, count_registers
from prevenance.domains.followup.actions.terms import declare_terms
from prevenance.domains.followup.actions.transactions import (
    answer_transaction,
    decide_transaction,
    drop_transaction,
    execute_transaction,
    fail_transaction,
    offer_transaction,
    open_transaction,
    receive_offer,
    refer_transaction,
    report_transaction,
    submit_transaction,
)

__all__ = [
    "accept_handover",
    "accept_part",
    "accept_report",
    "add_attachment",
    "add_concerned",
    "add_contact",
    "add_fact",
    "add_goal",
    "add_reporter",
    "add_step",
    "answer_orientation",
    "answer_request",
    "answer_transaction",
    "ask_prosecutor",
    "begin_path",
    "close_channel",
    "conclude_orientation",
    "convene_call",
    "copy_file",
    "correct_contact",
    "correct_entry",
    "correct_identity",
    "correct_review",
    "count_quarter",
    "count_registers",
    "decide_transaction",
    "declare_protocol",
    "declare_terms",
    "decline_handover",
    "decline_part",
    "decline_report",
    "do_step",
    "drop_call",
    "drop_transaction",
    "edit_goal",
    "edit_step",
    "end_call",
    "end_fact",
    "end_file",
    "end_part",
    "erase_entries",
    "erase_reports",
    "execute_transaction",
    "fail_transaction",
    "finish_handover",
    "hand_notice",
    "hold_call",
    "hold_entry",
    "inform_prosecutor",
    "keep_representatives",
    "lift_hold",
    "list_files",
    "move_path",
    "note_objection",
    "offer_transaction",
    "open_archive",
    "open_call",
    "open_channel",
    "open_file",
    "open_transaction",
    "print_notice",
    "propose_cover",
    "propose_file",
    "propose_handover",
    "propose_referent",
    "purge_files",
    "receive_offer",
    "record_alert",
    "record_answer",
    "record_end_notice",
    "record_entry_reading",
    "record_list",
    "record_reading",
    "record_report_reading",
    "record_request",
    "record_review",
    "rectify_identity",
    "refer_transaction",
    "release_entry",
    "remove_attachment",
    "remove_reporter",
    "report_transaction",
    "reseal_rows",
    "send_orientation",
    "send_report",
    "set_hold",
    "share_parts",
    "submit_transaction",
    "sweep_keys",
    "tell_later",
    "withdraw_handover",
    "withdraw_proposal",
    "withdraw_share",
]
