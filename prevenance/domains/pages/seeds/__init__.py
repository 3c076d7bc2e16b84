"""Invented data for demonstrations and measures: the one place that goes round both doors (design.md, The house).

Rows are written by COPY, as the owner, and only into a database marked as demonstration: reading through `visible_to`
and writing through actions would take hours at national size. In exchange one row in a thousand is checked again by
the rules of its own model, and the application's own doors must find it (`recheck`).
"""
