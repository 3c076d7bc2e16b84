"""Pure Python: data, clock and seed come in as arguments, frozen results come out; nothing is opened here."""
