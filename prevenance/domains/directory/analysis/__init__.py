"""The directory read in bulk."""
