"""Every write to a file, its row of audit with it. What is sealed never goes into the audit."""

from prevenance.domains.followup.actions.announcing import record_end_notice
from prevenance.domains.followup.actions.clock import purge_files, sweep_keys
from prevenance.domains.followup.actions.endings import end_file, lift_hold, open_archive, set_hold, tell_later
from prevenance.domains.followup.actions.files import open_file
from prevenance.domains.followup.actions.readings import record_list, record_reading
from prevenance.domains.followup.actions.tallies import count_quarter

__all__ = [
    "count_quarter",
    "end_file",
    "lift_hold",
    "open_archive",
    "open_file",
    "purge_files",
    "record_end_notice",
    "record_list",
    "record_reading",
    "set_hold",
    "sweep_keys",
    "tell_later",
]
