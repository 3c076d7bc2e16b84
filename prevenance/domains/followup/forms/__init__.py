"""Forms of the followup domain."""
