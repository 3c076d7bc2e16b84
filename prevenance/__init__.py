"""Prévenance: the working system of the French strategy for preventing delinquency."""

__version__ = "0.1.0"
