"""What plans, sheets, indicators and the toolbox allow, refuse and mean."""
