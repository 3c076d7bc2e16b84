"""Every write to a file, its row of audit with it. What is sealed never goes into the audit."""

from prevenance.domains.followup.actions.files import open_file
from prevenance.domains.followup.actions.readings import record_list, record_reading

__all__ = ["open_file", "record_list", "record_reading"]
