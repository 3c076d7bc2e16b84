"""What may be done with a file, and by whom."""
