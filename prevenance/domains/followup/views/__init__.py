"""Views of the followup domain."""
