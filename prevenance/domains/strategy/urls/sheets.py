from django.urls import path

from prevenance.domains.strategy.views import sheet_boards, sheet_imports, sheet_parts, sheets

SHEETS = "plans/<int:plan>/fiches/"
SHEET = SHEETS + "<int:sheet>/"
TABLE = SHEETS + "importer/<int:draft>/"


def part(folder, kind):
    """Addresses of a kind of line that hangs on a sheet."""
    one, named = f"{SHEET}{folder}/<int:{kind}>/", {"kind": kind}
    return [
        path(f"{SHEET}{folder}/ajouter/", sheet_parts.part_add, named, name=f"{kind}_add"),
        path(one, sheet_parts.part_edit, named, name=f"{kind}_edit"),
        path(f"{one}retirer/", sheet_parts.part_remove, named, name=f"{kind}_remove"),
    ]


def step(act, folder):
    return path(f"{SHEET}etapes/<int:step>/{folder}/", sheet_parts.step_change, {"act": act}, name=f"step_{act}")


urlpatterns = [
    path("plans/mes-fiches/", sheet_boards.my_sheets, name="my_sheets"),
    path(SHEETS, sheets.sheets, name="sheets"),
    path(SHEETS + "ajouter/", sheets.sheet_add, name="sheet_add"),
    path(SHEETS + "par-etat/", sheet_boards.sheets_board, name="sheets_board"),
    path(SHEETS + "calendrier/", sheet_boards.sheets_calendar, name="sheets_calendar"),
    path(SHEETS + "frise/", sheet_boards.sheets_timeline, name="sheets_timeline"),
    path(SHEETS + "decaler/", sheet_boards.sheets_shift, name="sheets_shift"),
    path(SHEETS + "seances/", sheet_boards.sessions, name="sessions"),
    path(SHEETS + "importer/", sheet_imports.sheets_import, name="sheets_import"),
    path(TABLE + "colonnes/", sheet_imports.sheets_import_columns, name="sheets_import_columns"),
    path(TABLE, sheet_imports.sheets_import_preview, name="sheets_import_preview"),
    path(TABLE + "lignes/", sheet_imports.sheets_import_left, name="sheets_import_left"),
    path(TABLE + "supprimer/", sheet_imports.sheets_import_discard, name="sheets_import_discard"),
    path(SHEET, sheets.sheet, name="sheet"),
    path(SHEET + "modifier/", sheets.sheet_edit, name="sheet_edit"),
    path(SHEET + "retirer/", sheets.sheet_withdraw, name="sheet_withdraw"),
    path(SHEET + "reprendre/", sheets.sheet_keep, name="sheet_keep"),
    path(SHEET + "etat/", sheets.sheet_move, name="sheet_move"),
    path(SHEET + "notes/ajouter/", sheets.note_add, name="note_add"),
    path(SHEET + "carte.json", sheets.sheet_map, name="sheet_map"),
    path(SHEET + "documents/", sheet_parts.sheet_documents, name="sheet_documents"),
    *part("etapes", "step"),
    step("finish", "faite"),
    step("reopen", "a-refaire"),
    step("move", "deplacer"),
    *part("lieux", "site"),
    *part("moyens", "resource"),
    *part("budget", "line"),
    *part("seances", "session"),
]
