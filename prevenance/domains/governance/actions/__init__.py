"""Every write of the domain. What upper domains call is named here."""

from prevenance.domains.governance.actions.proposals import propose_item

__all__ = ["propose_item"]
