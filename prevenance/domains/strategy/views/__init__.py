"""Screens of the strategy, plans, sheets, indicators and the toolbox."""
