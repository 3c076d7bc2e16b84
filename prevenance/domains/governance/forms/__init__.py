"""What is typed, parsed; nothing is saved here."""
