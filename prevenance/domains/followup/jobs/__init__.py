"""What followup does by the clock. A job carries identifiers, and asks again who acts when it runs."""

from prevenance.domains.followup.jobs import registers

__all__ = ["registers"]
