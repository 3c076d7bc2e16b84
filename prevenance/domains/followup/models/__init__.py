"""Files of people followed, behind the wall (migration 0002) and under a key each (core.vault)."""

from prevenance.domains.followup.models.compartments import (
    Duration,
    FileKey,
    NumberSeries,
    Terms,
    opened,
    read_whole,
)
from prevenance.domains.followup.models.families import FamilyPath
from prevenance.domains.followup.models.files import (
    Fact,
    FollowUp,
    Identity,
    Involvement,
    Report,
    Representative,
)
from prevenance.domains.followup.models.lines import Line
from prevenance.domains.followup.models.register_keeping import (
    COUNTED,
    RegisterCount,
    RegisterHold,
    RegisterTally,
)
from prevenance.domains.followup.models.registers import (
    CallProtocol,
    CallToOrder,
    RegisterEntry,
    RegisterSeries,
    RegisterTerm,
    Transaction,
)
from prevenance.domains.followup.models.reporting import Channel, Reporter, SentReport
from prevenance.domains.followup.models.rights import ArchiveAccess, EndNotice, Hold, Notice, RightsRequest
from prevenance.domains.followup.models.sharing import Handover, Orientation, Share
from prevenance.domains.followup.models.tallies import Tally
from prevenance.domains.followup.models.work import Alert, Attachment, Contact, Goal, Review, Step

__all__ = [
    "COUNTED",
    "Alert",
    "ArchiveAccess",
    "Attachment",
    "CallProtocol",
    "CallToOrder",
    "Channel",
    "Contact",
    "Duration",
    "EndNotice",
    "Fact",
    "FamilyPath",
    "FileKey",
    "FollowUp",
    "Goal",
    "Handover",
    "Hold",
    "Identity",
    "Involvement",
    "Line",
    "Notice",
    "NumberSeries",
    "Orientation",
    "RegisterCount",
    "RegisterEntry",
    "RegisterHold",
    "RegisterSeries",
    "RegisterTally",
    "RegisterTerm",
    "Report",
    "Reporter",
    "Representative",
    "Review",
    "RightsRequest",
    "SentReport",
    "Share",
    "Step",
    "Tally",
    "Terms",
    "Transaction",
    "opened",
    "read_whole",
]
