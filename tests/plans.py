"""Read the plan of a query: does it go through a large table from end to end?"""

import json

# Tables that grow with the country or with the years. The others (councils, bodies, composition acts, reference lists
# of a few hundred rows) are read whole in less time than an index takes.
LARGE = {
    "accounts_mandate",
    "accounts_organisation",
    "accounts_person",
    "accounts_scope",
    "accounts_session",
    "directory_orientationanswer",
    "directory_orientationlink",
    "directory_service",
    "directory_service_zones",
    "directory_structure",
    "followup_archiveaccess",
    "followup_contact",
    "followup_fact",
    "followup_filekey",
    "followup_followup",
    "followup_goal",
    "followup_identity",
    "followup_involvement",
    "followup_line",
    "followup_report",
    "followup_representative",
    "followup_step",
    "governance_agendaitem",
    "governance_agendaitem_documents",
    "governance_attendance",
    "governance_councilreach",
    "governance_decision",
    "governance_decisionprogress",
    "governance_meeting",
    "governance_membership",
    "governance_minutes",
    "governance_minutessection",
    "governance_upload",
    "strategy_indicatortotal",
    "strategy_indicatorvalue",
    "strategy_measureprogress",
    "strategy_planindicator",
    "strategy_provision",
    "strategy_sheet",
    "strategy_sheet_serves",
    "strategy_sheetstep",
    "territories_containment",
    "territories_contour",
    "territories_population",
    "territories_postalcode",
    "territories_territory",
}


FEW_PAGES = 32  # of 8 kB: a table that fits in them is rightly read whole, and says nothing of what it will be


def whole_reads(cursor, sql, parameters, unless_index=False):
    """« table: query » for each sequential scan of a large table in the plan of one statement.

    `cursor` is Django's, on the database and under the role whose plans are wanted; nothing is executed. With
    `unless_index`, a scan counts only where no index could serve: in a base smaller than the nation, where a table
    fits in a few pages, the planner rightly reads it whole, and its choice says nothing of the nation. So it is, at any
    size, of a table that has few rows yet.
    """
    if not sql.lstrip("( ").upper().startswith(("SELECT", "WITH")):
        return []
    inevitable = _large(cursor, sql, parameters, index=True)
    if unless_index:
        return [f"{table}: {sql}" for table in inevitable]
    chosen = _large(cursor, sql, parameters, index=False)
    cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relpages <= %s", [chosen, FEW_PAGES])
    small = {name for (name,) in cursor.fetchall()}
    return [f"{table}: {sql}" for table in chosen if table not in small or table in inevitable]


def _large(cursor, sql, parameters, *, index):
    """Large tables that the plan reads whole; `index`: where any index is taken rather."""
    if index:
        cursor.execute("SET enable_seqscan = off")
    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
    plan = cursor.fetchone()[0]
    if index:
        cursor.execute("RESET enable_seqscan")
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return [table for table in _scanned(plan[0]["Plan"]) if table in LARGE or table.startswith("core_auditrow")]


def _scanned(node):
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", []):
        yield from _scanned(child)
