"""Every write of the domain."""
