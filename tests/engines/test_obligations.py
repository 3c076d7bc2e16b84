"""What the law expects of real territories. Expected answers were written by hand from the texts, never computed.

Read a case as: territory, day, assumptions, then the answer for the council, the coordinator and the CDDF:
M met, D not declared here, R not required, T cannot be told. Figures quoted are those of data/territories.
"""

import datetime as dt
from dataclasses import replace

import pytest

from prevenance.domains.governance.analysis import load_law
from prevenance.engines.obligations import Answer, Council, Figure, members_of_right, obligations, what_if
from tests.engines.france import communes, departements, groupings
from tests.house.typography import mend

LETTERS = {"M": Answer.MET, "D": Answer.NOT_DECLARED, "R": Answer.NOT_REQUIRED, "T": Answer.CANNOT_TELL}
IN_2020, IN_2026 = dt.date(2020, 6, 30), dt.date(2026, 11, 22)

COMMUNES = [
    # --- 5,000 inhabitants, strictly more, total population (law of 25 May 2021) ---------------------------------
    # Bitche: total exactly 5,000, which is not more than 5,000; so the neighbourhoods decide.
    ("57089", IN_2026, "qpv=no", "R R R"),
    ("57089", IN_2026, "", "T R R"),
    ("57089", IN_2026, "qpv=yes", "D R R"),
    # Verdun-sur-Garonne and Vair-sur-Loire: total 4,999, one short.
    ("82190", IN_2026, "qpv=no", "R R R"),
    ("82190", IN_2026, "", "T R R"),
    ("44163", IN_2026, "qpv=yes", "D R R"),
    # Le Versoud: total 5,005, municipal 4,940. The total counts: expected, whatever the neighbourhoods.
    ("38538", IN_2026, "", "D R R"),
    ("38538", IN_2026, "qpv=no", "D R R"),
    ("38538", IN_2026, "council=CLSPD", "M R R"),
    # Sainte-Eulalie (5,006 total, 4,922 municipal) and Haillicourt (5,006, 4,974).
    ("33397", IN_2026, "qpv=no", "D R R"),
    ("62400", IN_2026, "qpv=no", "D R R"),
    # Luzarches: an unnamed figure of 5,008 exists, the total is 4,992: the unnamed one must not count.
    ("95352", IN_2026, "qpv=no", "R R R"),
    # Giberville: unnamed figure 5,077, total 4,996.
    ("14301", IN_2026, "", "T R R"),
    # Baillif in Guadeloupe: total 5,040, municipal 4,949; the code applies in overseas départements.
    ("97104", IN_2026, "qpv=no", "D R R"),
    # Beynost: total 5,051; under a declared intercommunal council the communal one is optional.
    ("01043", IN_2026, "council=CISPD", "R R R"),
    ("01043", IN_2026, "", "D R R"),
    # Bitche again, neighbourhoods unknown: the intercommunal council settles it.
    ("57089", IN_2026, "council=CISPD", "R R R"),
    # Beaumont-en-Verdunois, destroyed in 1916, 0 inhabitant: zero is a figure, not a missing one.
    ("55039", IN_2026, "qpv=no", "R R R"),
    ("55039", IN_2026, "", "T R R"),
    # --- 10,000 inhabitants, the threshold in 2020 ----------------------------------------------------------------
    # Redon: total 10,086, municipal 9,336.
    ("35236", IN_2020, "qpv=no", "D R R"),
    ("35236", IN_2026, "qpv=no", "D R R"),
    # Saint-Amand-Montrond: total 9,997: not in 2020, expected since 2021.
    ("18197", IN_2020, "qpv=no", "R R R"),
    ("18197", IN_2020, "", "T R R"),
    ("18197", IN_2020, "qpv=yes", "D R R"),
    ("18197", IN_2026, "qpv=no", "D R R"),
    # The law of 25 May 2021 is in force from 27 May.
    ("18197", dt.date(2021, 5, 26), "qpv=no", "R R R"),
    ("18197", dt.date(2021, 5, 27), "qpv=no", "D R R"),
    # Cosne-Cours-sur-Loire and Grigny (Rhône): total 10,011.
    ("58086", IN_2020, "qpv=no", "D R R"),
    ("69096", IN_2020, "council=CLSPD", "M R R"),
    ("69096", IN_2020, "council=CISPD", "R R R"),
    # --- 15,000 inhabitants, coordinator, since 27 May 2021 -------------------------------------------------------
    # Plérin: total 15,002, municipal 14,527. No text asked for a coordinator in 2020.
    ("22187", IN_2026, "", "D D R"),
    ("22187", IN_2020, "", "D R R"),
    # Saint-Brevin-les-Pins: total 15,008, municipal 14,645.
    ("44154", IN_2026, "council=CLSPD,coordinator=yes", "M M R"),
    ("44154", IN_2026, "council=CLSPD", "M D R"),
    ("44154", IN_2026, "council=CLSPD,coordinator=unknown", "M T R"),
    # Sainte-Marie in Martinique: total 15,008, municipal 14,827.
    ("97228", IN_2026, "", "D D R"),
    # Arnouville: total 14,981, unnamed figure 15,023. Montévrain: 14,927 and 15,687.
    ("95019", IN_2026, "", "D R R"),
    ("77307", IN_2026, "", "D R R"),
    # Dinan (15,542) under an intercommunal council and without its own: the text speaks of the communal council only.
    ("22050", IN_2026, "council=CISPD", "R T R"),
    # …with both, the communal council is optional but its coordinator is expected.
    ("22050", IN_2026, "council=CISPD,council=CLSPD", "R D R"),
    ("22050", IN_2026, "council=CISPD,coordinator=yes", "R M R"),
    # --- 50,000 inhabitants, CDDF (law of 14 March 2011; wording since December 2019 not found) -------------------
    # Laval: total 51,903, municipal 49,474.
    ("53130", dt.date(2019, 6, 30), "", "D R D"),
    ("53130", dt.date(2019, 6, 30), "council=CDDF", "D R M"),
    ("53130", IN_2026, "", "D D T"),
    # Les Sables-d’Olonne: total 49,991.
    ("85194", dt.date(2019, 6, 30), "", "D R R"),
    ("85194", IN_2026, "", "D D R"),
    # Optional between 2007 and 2011; the register of the CSI begins in 2015.
    ("53130", dt.date(2009, 1, 1), "", "T T R"),
    # Lyon.
    ("69123", IN_2020, "council=CLSPD", "M R T"),
    # Mamoudzou (72,974): the CSI applies in Mayotte; that of the CASF was not verified.
    ("97611", IN_2026, "", "D D T"),
    # --- Paris: L132-11, no threshold; whether the coordinator is asked there was not verified --------------------
    ("75056", IN_2020, "", "D T T"),
    ("75056", IN_2026, "council=CLSPD", "M T T"),
    # --- Overseas collectivities ----------------------------------------------------------------------------------
    # Saint-Martin, Saint-Barthélemy: L153-1 sets aside L132-1 to L132-7.
    ("97801", IN_2026, "", "R R T"),
    ("97801", IN_2020, "qpv=yes", "R R T"),
    ("97701", IN_2026, "population=10660", "R R T"),
    # Nouméa: own wording (L156-2), no coordinator; the total population is not among our figures.
    ("98818", IN_2026, "", "T R T"),
    ("98818", IN_2020, "", "T R T"),
    ("98818", IN_2026, "population=85976", "D R T"),
    ("98818", IN_2020, "population=85976", "D R T"),
    # Papeete: own wording (L155-2). An intercommunal council changes nothing: the local wording ignores it.
    ("98735", IN_2026, "", "T R T"),
    ("98735", IN_2026, "population=26654,council=CISPD", "D R T"),
    # Tahaa: 10,000 until May 2021; 5,000 since 30 September 2021 at the latest; neighbourhoods play no part.
    ("98745", IN_2020, "population=5296,qpv=yes", "R R T"),
    ("98745", dt.date(2021, 7, 1), "population=5296", "T R T"),
    ("98745", IN_2026, "population=5296", "D R T"),
    # Saint-Pierre: L132-4 applies (L154-1 sets aside L132-13 only); total population unknown here.
    ("97502", IN_2026, "", "T T T"),
    ("97502", IN_2026, "population=5194", "D R T"),
    ("97502", IN_2026, "population=5194,council=CISPD", "D R T"),
    # Uvea and Kerguelen (no population at all): L132-4 is not among the articles that apply there.
    ("98613", IN_2026, "", "R R T"),
    ("98412", IN_2026, "", "R R T"),
    # Clipperton: nothing verified.
    ("98901", IN_2026, "", "T T T"),
]  # fmt: skip


def answers(facts, on):
    return {found.rule: found for found in obligations(facts, load_law(), on)}


@pytest.mark.parametrize("code, on, assumptions, expected", COMMUNES)
def test_a_commune_is_answered_as_the_texts_say(code, on, assumptions, expected):
    found = answers(what_if(communes()[code], assumptions), on)
    got = [found[rule].answer for rule in ("council_local", "coordinator", "cddf")]
    assert got == [LETTERS[letter] for letter in expected.split()], found["council_local"].why


def test_the_cases_are_at_least_twenty_five_real_territories():
    assert len({code for code, *_ in COMMUNES}) >= 25


def test_the_answer_does_not_follow_the_municipal_population():
    """The three definitions of Luzarches and Le Versoud lie on both sides of 5,000: only the total is read."""
    for code, expected in (("95352", Answer.NOT_REQUIRED), ("38538", Answer.NOT_DECLARED)):
        facts = replace(communes()[code], qpv=False)
        without = replace(facts, populations={"total": facts.populations["total"]})
        assert answers(facts, IN_2026)["council_local"].answer is expected
        assert answers(without, IN_2026)["council_local"].answer is expected


@pytest.mark.parametrize(
    "assumptions, expected",
    [
        ("", "T"),  # neither the competence nor an opposition is known
        ("competence=yes", "T"),  # an opposition of half the population could prevent it
        ("competence=yes,opposition=no", "D"),
        ("competence=yes,opposition=yes", "R"),
        ("competence=no", "R"),
        ("council=CISPD", "M"),  # it exists, so the competence is held and nobody prevented it
    ],
)
def test_an_epci_across_three_departements_has_one_answer(assumptions, expected):
    facts, crossed = groupings()["243500741"]  # CA Redon Agglomération
    assert crossed == {"35", "44", "56"}
    found = answers(what_if(facts, assumptions), IN_2026)
    assert found["council_intercommunal"].answer is LETTERS[expected]
    assert "coordinator" not in found  # L132-4 speaks of communes


def test_an_ept_of_greater_paris_holds_the_competence_by_the_text():
    facts, _ = groupings()["200057867"]  # Plaine Commune
    assert facts.kind == "ept"
    assert answers(facts, IN_2026)["council_intercommunal"].answer is Answer.CANNOT_TELL
    assert answers(what_if(facts, "opposition=no"), IN_2026)["council_intercommunal"].answer is Answer.NOT_DECLARED
    assert answers(facts, IN_2026)["council_intercommunal"].article == "CSI L132-12-1 et L132-13"


@pytest.mark.parametrize(
    "code, expected",
    [
        ("35", "D"),  # D132-5: a council beside each préfet
        ("974", "D"),
        ("75", "R"),  # D132-14: the Paris council stands for it
        ("987", "R"),  # D155-3 does not list D132-5
        ("978", "T"),  # not verified
        ("988", "T"),
    ],
)
def test_a_departement_is_answered_for_its_own_council(code, expected):
    found = answers(departements()[code], IN_2026)
    assert list(found) == ["council_departmental"]
    assert found["council_departmental"].answer is LETTERS[expected]


def test_a_region_has_no_obligation_here():
    assert obligations(replace(departements()["35"], kind="region"), load_law(), IN_2026) == []


def held(code, since, last):
    return replace(communes()[code], councils=(Council("CLSPD", since),), last_plenary=last)


@pytest.mark.parametrize(
    "since, last, on, expected",
    [
        (None, None, IN_2026, "D"),
        (dt.date(2019, 1, 1), dt.date(2025, 11, 22), IN_2026, "M"),  # twelve months ago to the day
        (dt.date(2019, 1, 1), dt.date(2025, 11, 21), IN_2026, "D"),
        (dt.date(2019, 1, 1), dt.date(2026, 11, 22), IN_2026, "M"),
        (dt.date(2019, 1, 1), dt.date(2026, 12, 1), IN_2026, "D"),  # to come: not held on that day
        (dt.date(2026, 3, 1), None, IN_2026, "R"),  # created nine months ago
        (dt.date(2026, 3, 1), dt.date(2026, 5, 1), IN_2026, "M"),
        (dt.date(2025, 11, 22), None, IN_2026, "D"),
        (dt.date(2015, 1, 1), dt.date(2019, 2, 28), dt.date(2020, 2, 29), "M"),  # 29 February looks back to the 28th
    ],
)
def test_the_plenary_is_yearly(since, last, on, expected):
    assert answers(held("38538", since, last), on)["plenary"].answer is LETTERS[expected]


def test_without_a_declared_council_no_plenary_is_expected():
    found = answers(communes()["38538"], IN_2026)
    assert found["plenary"].answer is found["members_of_right"].answer is Answer.NOT_REQUIRED


@pytest.mark.parametrize(
    "members, competence, on, expected",
    [
        (None, None, IN_2026, "T"),
        ({"prefet", "procureur"}, False, IN_2026, "M"),
        ({"prefet", "procureur"}, None, IN_2026, "T"),  # is the president of the EPCI of right? the fact is missing
        ({"prefet", "procureur", "president_epci"}, None, IN_2026, "M"),
        ({"prefet"}, False, IN_2026, "D"),
        ({"prefet", "procureur"}, False, dt.date(2024, 3, 22), "D"),  # until then with the president of the département
        ({"prefet", "procureur"}, False, dt.date(2024, 3, 23), "M"),
    ],
)
def test_members_of_right_follow_the_version_in_force(members, competence, on, expected):
    facts = replace(held("38538", None, None), members=members and frozenset(members), competence=competence)
    assert answers(facts, on)["members_of_right"].answer is LETTERS[expected]


def test_the_list_of_members_of_right_is_dated():
    facts = communes()["38538"]
    before, after = ([member.key for member, _ in members_of_right(facts, load_law(), on)] for on in (IN_2020, IN_2026))
    assert before == ["prefet", "procureur", "president_departement", "president_epci"]
    assert after == ["prefet", "procureur", "president_epci"]
    papeete = members_of_right(communes()["98735"], load_law(), IN_2026)
    assert [member.title for member, _ in papeete] == [
        "haut-commissaire de la République", "procureur de la République", "président de la Polynésie française",
    ]  # fmt: skip


# --- Sentences ------------------------------------------------------------------------------------------------------


def test_the_sentence_names_the_figure_its_definition_and_its_year():
    facts = replace(communes()["38538"], populations={"total": Figure(5120, 2023)})
    assert answers(facts, IN_2026)["council_local"].why == (
        "5\u00a0120\u00a0habitants (population totale, 2023), plus que le seuil de 5\u00a0000\u00a0: "
        "un CLSPD est attendu\u00a0; aucun n’est déclaré ici."
    )
    assert "2023, chiffre postérieur à la date demandée" in answers(facts, IN_2020)["council_local"].why


def test_a_missing_fact_is_named_and_another_figure_is_not_taken_for_it():
    small = answers(communes()["57089"], IN_2026)["council_local"]
    assert small.missing == ("liste des quartiers prioritaires de la politique de la ville (QPV)",)
    assert "5\u00a0000\u00a0habitants (population totale, année non précisée), pas plus que" in small.why
    noumea = answers(communes()["98818"], IN_2026)["council_local"]
    assert noumea.missing == ("population totale",)
    assert "85\u00a0976\u00a0habitants) n’est pas donné dans cette définition" in noumea.why


def test_a_day_without_text_says_so():
    found = answers(communes()["53130"], dt.date(1990, 5, 1))
    assert {one.answer for one in found.values()} == {Answer.CANNOT_TELL}
    assert found["cddf"].why == (
        "Aucun texte n’est enregistré ici pour le 1er\u00a0mai\u00a01990\u00a0; "
        "le plus proche vaut à partir du 8\u00a0mars\u00a02007."
    )
    assert all(one.article and one.missing for one in found.values())


def test_a_territory_whose_place_is_unknown_is_not_given_another_law():
    found = answers(replace(communes()["53130"], place=""), IN_2026)
    assert {one.answer for one in found.values()} == {Answer.CANNOT_TELL}


def test_facts_used_are_those_that_the_rule_looked_at():
    found = answers(what_if(communes()["22050"], "council=CISPD"), IN_2026)["council_local"]
    assert found.as_dict()["facts_used"] == [
        {"key": "population_total", "label": "population totale", "value": 15542, "year": None},
        {"key": "intercommunal_council", "label": "conseil intercommunal déclaré", "value": "CISPD"},
        {"key": "council_CLSPD", "label": "CLSPD déclaré", "value": False},
    ]


def test_no_sentence_accuses_and_all_are_printed_as_french_prints_them():
    seen = set()
    for code, on, assumptions, _ in COMMUNES:
        seen |= {found.why for found in answers(what_if(communes()[code], assumptions), on).values()}
    assert len(seen) > 60
    assert [why for why in seen if mend(why) != why or not why.endswith(".") or why[0].islower()] == []
    accusing = ("infraction", "manque", "illégal", "obligation non", "en défaut", "viole", "doit")
    assert [why for why in seen if any(word in why.lower() for word in accusing)] == []


# --- What if --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "assumptions, sentence",
    [
        ("qpv=perhaps", "« perhaps » n’est pas compris"),
        ("mayor=yes", "Hypothèse non comprise « mayor=yes »"),
        ("qpv", "Hypothèse non comprise « qpv »"),
        ("council=ABC", "Conseil inconnu « ABC »"),
        ("population=many", "Population non comprise « many »"),
        ("population=-3", "Population non comprise « -3 »"),
        ("plenary=yesterday", "Date non comprise « yesterday »"),
    ],
)
def test_an_assumption_that_is_not_understood_is_explained_in_french(assumptions, sentence):
    with pytest.raises(ValueError, match=sentence):
        what_if(communes()["57089"], assumptions)


def test_assumptions_in_french_and_several_at_once():
    facts = what_if(communes()["57089"], "council=CLSPD, qpv=oui ,coordinator=non,plenary=2026-01-15,population=5 120")
    assert facts.qpv is True
    assert facts.coordinator is False
    assert facts.last_plenary == dt.date(2026, 1, 15)
    assert facts.populations["total"] == Figure(5120)
    assert [council.kind for council in facts.councils] == ["CLSPD"]
    assert what_if(facts, "council=none").councils == ()
