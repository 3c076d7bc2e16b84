"""Every write of the strategy domain."""
