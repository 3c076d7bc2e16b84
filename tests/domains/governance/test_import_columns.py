"""French headings as people write them."""

import datetime as dt

import pytest

from prevenance.domains.governance.rules.import_columns import (
    date_of,
    guess,
    names_of,
    organisation_kind_of,
    quality_of,
    state_of,
)

MEMBERS = [
    (["NOM", "PRENOM", "FONCTION", "ORGANISME", "MAIL", "TEL"],
     "family_name given_name title organisation email phone"),
    (["Civilité", "Nom", "Prénom", "Structure", "Adresse mail", "Portable"],
     "- family_name given_name organisation email phone"),
    (["Nom et prénom", "Qualité", "Institution", "E-mail", "Téléphone fixe"],
     "full_name title organisation email phone"),
    (["N°", "Structure représentée", "Représentant", "Courriel professionnel", "Membre de droit / désigné"],
     "- organisation full_name email full_name?"),
    (["Nom", "Fonction", "Courriel"], "full_name title email"),
    (["Prénom NOM", "Service", "Mél", "Statut"], "full_name organisation email quality"),
    (["Partenaire", "Contact", "Adresse électronique", "Observations"], "- full_name email -"),
]  # fmt: skip


@pytest.mark.parametrize("headers, expected", MEMBERS)
def test_headings_of_members(headers, expected):
    row = ["" for _ in headers]
    if "Qualité" in headers:
        row[headers.index("Qualité")] = "Adjoint au maire"  # as real tables do
    mapping = guess("members", headers, [row])
    for place, field in enumerate(expected.split()):
        if not field.endswith("?"):
            assert mapping.get(str(place), "-") == field, headers[place]
    assert len(set(mapping.values())) == len(mapping)


@pytest.mark.parametrize(
    "headers, expected",
    [
        (["Décision", "Responsable", "Échéance", "État"], "text owner due_on state"),
        (["N°", "Date", "Action décidée", "Pilote", "Délai", "Suivi"], "- decided_on text owner due_on state"),
        (
            ["Plénière du", "Relevé de décisions", "Qui ?", "Pour le", "Avancement"],
            "decided_on text owner due_on state",
        ),
    ],
)
def test_headings_of_decisions(headers, expected):
    mapping = guess("decisions", headers, [["" for _ in headers]])
    assert [mapping.get(str(place), "-") for place in range(len(headers))] == expected.split()


def test_a_column_of_addresses_is_known_by_its_cells():
    assert guess("members", ["Nom", "Prénom", "Écrire à"], [["A", "B", "a@b.fr"], ["C", "D", "c@d.fr"]])["2"] == "email"


@pytest.mark.parametrize(
    "whole, expected",
    [
        ("EXEMPLE Anne", ("Anne", "EXEMPLE")),
        ("Anne EXEMPLE-INVENTÉ", ("Anne", "EXEMPLE-INVENTÉ")),
        ("Mme Anne Exemple", ("Anne", "Exemple")),
        ("M. Jean-Luc D’EXEMPLE", ("Jean-Luc", "D’EXEMPLE")),
        ("Exemple", ("", "Exemple")),
        ("", ("", "")),
    ],
)
def test_whole_names(whole, expected):
    assert names_of(whole) == expected


@pytest.mark.parametrize(
    "typed",
    ["2026-12-31", "31/12/2026", "31.12.26", "31 décembre 2026", "le jeudi 31 décembre 2026", "2026-12-31 00:00:00"],
)
def test_days_as_people_write_them(typed):
    assert date_of(typed) == dt.date(2026, 12, 31)


@pytest.mark.parametrize("typed", ["courant 2026", "31/02/2026", "T4", "dès que possible", "31/12"])
def test_what_is_no_day_is_said(typed):
    with pytest.raises(ValueError):  # noqa: PT011
        date_of(typed)


def test_closed_words():
    assert [quality_of(word) for word in ("", "De droit", "Présidente", "invité permanent", "chef")] == [
        "designated", "of_right", "chair", "invited", None,
    ]  # fmt: skip
    assert [state_of(word) for word in ("", "À faire", "Engagée", "Terminé", "peut-être")] == [
        "open", "open", "started", "done", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name, kind",
    [
        ("Mairie d’Ici", "commune"),
        ("Communauté d’agglomération du Val", "epci"),
        ("Préfecture de la Loire", "state"),
        ("Collège Jean-Inventé", "school"),
        ("Mission locale", "integration"),
        ("Police municipale", "police"),
        ("Truc", "other"),
    ],
)
def test_kinds_of_organisations(name, kind):
    assert organisation_kind_of(name) == kind
