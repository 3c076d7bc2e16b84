"""Facts of real territories read from the database, and the command that prints what the law expects of them."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from prevenance.domains.governance.analysis import counts_by_departement, facts_for, facts_of, load_law
from prevenance.domains.governance.models import Body, Meeting
from prevenance.domains.territories.models import Population, Territory
from prevenance.engines.obligations import Answer, obligations
from tests.engines.france import communes
from tests.factories import CouncilFactory, MandateFactory, MeetingFactory, MembershipFactory, territory

pytestmark = pytest.mark.django_db
IN_2020, IN_2026 = dt.date(2020, 6, 30), dt.date(2026, 11, 22)


def answers(where, on=IN_2026):
    return {found.rule: found.answer for found in obligations(facts_for(where, on), load_law(), on)}


def load_neighbourhoods(as_owner, zones="metro", *codes):
    """The list of 2024 as loaded by the owner, naming one neighbourhood in each commune."""
    as_owner.execute(
        "INSERT INTO territories_referenceimport (kind, vintage, zones, source, licence, digest, rows, imported_at) "
        "VALUES ('neighbourhoods', 2024, %s, 'essai', 'essai', '', %s, now())",
        [zones, len(codes)],
    )
    for number, code in enumerate(codes):
        as_owner.execute(
            "WITH q AS (INSERT INTO territories_priorityneighbourhood (code, name, vintage) "
            "VALUES (%s, 'Quartier inventé', 2024) RETURNING id) "
            "INSERT INTO territories_neighbourhoodcommune (neighbourhood_id, commune_id) "
            "SELECT q.id, t.id FROM q, territories_territory t WHERE t.kind = 'commune' AND t.code = %s",
            [f"QN00{number:03}N", code],
        )
    as_owner.commit()


@pytest.fixture
def neighbourhoods(as_owner):
    yield lambda zones, *codes: load_neighbourhoods(as_owner, zones, *codes)
    as_owner.execute("DELETE FROM territories_neighbourhoodcommune")
    as_owner.execute("DELETE FROM territories_priorityneighbourhood")
    as_owner.execute("DELETE FROM territories_referenceimport WHERE kind = 'neighbourhoods'")
    as_owner.commit()


@pytest.mark.parametrize("code", ["57089", "95352", "38538", "75056", "97801", "98818", "98735", "98412", "97611"])
def test_the_database_tells_what_the_files_tell(code):
    from_files, from_database = communes()[code], facts_for(territory("commune", code), IN_2026)
    assert from_database == from_files


def test_a_council_its_coordinator_and_its_last_plenary_are_facts_of_its_commune():
    where = territory("commune", "22187")  # Plérin, 15,002 inhabitants
    council = CouncilFactory(territory=where, founded_on=dt.date(2019, 1, 1))
    assert answers(where)["council_local"] is Answer.MET
    assert answers(where)["coordinator"] is answers(where)["plenary"] is Answer.NOT_DECLARED
    assert answers(where)["members_of_right"] is Answer.CANNOT_TELL

    MandateFactory(role="coordinator", scope=council.scope, valid_from=dt.date(2024, 1, 1))
    plenary = council.bodies.get(kind=Body.Kind.PLENARY)
    held = dt.datetime(2026, 3, 3, 9, tzinfo=timezone.get_current_timezone())
    for state, begins in ((Meeting.State.HELD, held), (Meeting.State.CONVENED, held + dt.timedelta(days=100))):
        MeetingFactory(
            body=plenary, state=state, starts_at=begins, ends_at=begins + dt.timedelta(hours=2), convened_at=held
        )
    for key in ("prefet", "procureur", "president_epci"):
        MembershipFactory(body=plenary, quality="of_right", of_right_as=key)
    facts = facts_for(where, IN_2026)
    assert facts.coordinator is True
    assert facts.last_plenary == dt.date(2026, 3, 3)  # the one convened for June was not held
    assert facts.members == {"prefet", "procureur", "president_epci"}
    assert set(answers(where).values()) == {Answer.MET, Answer.NOT_REQUIRED}
    assert answers(where)["cddf"] is Answer.NOT_REQUIRED

    before = facts_for(where, dt.date(2023, 1, 1))
    assert (before.coordinator, before.last_plenary, before.members) == (False, None, None)


def test_a_council_counts_from_its_first_day_to_the_eve_of_its_end():
    where = territory("commune", "38538")
    CouncilFactory(territory=where, founded_on=dt.date(2022, 5, 1), ended_on=dt.date(2025, 5, 1))
    kinds = {
        on: [council.kind for council in facts_for(where, on).councils]
        for on in (dt.date(2022, 4, 30), dt.date(2022, 5, 1), dt.date(2025, 4, 30), dt.date(2025, 5, 1))
    }
    assert list(kinds.values()) == [[], ["CLSPD"], ["CLSPD"], []]


def test_the_council_of_an_epci_covers_its_communes_in_every_departement_and_no_other():
    CouncilFactory(
        kind="CISPD", territory=territory("epci", "243500741"), name="CISPD de Redon", founded_on=dt.date(2018, 1, 1)
    )
    for code in ("35236", "44128", "56001"):  # Redon, Plessé (Loire-Atlantique), Allaire (Morbihan)
        above = facts_for(territory("commune", code), IN_2026).intercommunal_councils
        assert [(council.kind, council.holder) for council in above] == [("CISPD", "CA Redon Agglomération")], code
    assert facts_for(territory("commune", "35288"), IN_2026).intercommunal_councils == ()
    assert answers(territory("commune", "35236"))["council_local"] is Answer.NOT_REQUIRED
    assert answers(territory("epci", "243500741"))["council_intercommunal"] is Answer.MET


def test_an_ept_covers_its_communes():
    CouncilFactory(kind="CISPD", territory=territory("ept", "200057867"), name="CISPD de Plaine Commune")
    assert answers(territory("commune", "93066"))["council_local"] is Answer.NOT_REQUIRED  # Saint-Denis
    assert answers(territory("commune", "93048"))["council_local"] is Answer.NOT_DECLARED  # Montreuil, another EPT


def test_neighbourhoods_are_known_only_where_the_list_in_force_was_loaded(neighbourhoods):
    bitche, guadeloupe = territory("commune", "57089"), territory("commune", "97101")
    assert facts_for(bitche, IN_2026).qpv is None
    neighbourhoods("metro", "57089")
    assert facts_for(bitche, IN_2026).qpv is True
    assert facts_for(territory("commune", "82190"), IN_2026).qpv is False
    assert facts_for(guadeloupe, IN_2026).qpv is None  # the list loaded covers the mainland only
    assert facts_for(bitche, IN_2020).qpv is None  # another list was in force
    assert answers(bitche)["council_local"] is Answer.NOT_DECLARED
    assert answers(territory("commune", "82190"))["council_local"] is Answer.NOT_REQUIRED


def test_the_latest_year_that_had_come_is_read(as_owner):
    where = territory("commune", "38538")
    figures = {2018: 4100, 2023: 5120}
    for year, value in figures.items():
        as_owner.execute(
            "WITH s AS (INSERT INTO territories_populationseries (definition, year, name, note, source) "
            "VALUES ('total', %s, 'essai', '', 'essai') RETURNING id) "
            "INSERT INTO territories_population (territory_id, series_id, value, missing) "
            "SELECT %s, s.id, %s, 0 FROM s",
            [year, where.pk, value],
        )
    as_owner.commit()
    try:
        read = {on.year: facts_for(where, on).populations["total"] for on in (dt.date(2017, 1, 1), IN_2020, IN_2026)}
        assert {year: figure.value for year, figure in read.items()} == {2017: 5005, 2020: 4100, 2026: 5120}
    finally:
        as_owner.execute(
            "DELETE FROM territories_population WHERE value IN (4100, 5120) AND territory_id = %s", [where.pk]
        )
        as_owner.execute("DELETE FROM territories_populationseries WHERE name = 'essai'")
        as_owner.commit()


def test_many_territories_cost_as_many_queries_as_one(django_assert_max_num_queries):
    CouncilFactory()
    with django_assert_max_num_queries(9):
        facts = facts_of(Territory.objects.filter(kind="commune", code__startswith="42").order_by("code"), IN_2026)
    assert len(facts) > 300
    assert [one.code for one in facts] == sorted(one.code for one in facts)


def test_france_is_counted_by_departement():
    counted = counts_by_departement(IN_2026)
    assert len(counted) == 109
    totals = [sum(rules["council_local"].values()) for rules in counted.values()]
    assert sum(totals) == Territory.objects.existing(IN_2026).filter(kind="commune").count() == 34_969
    assert counted["978"]["council_local"] == dict.fromkeys(Answer, 0) | {Answer.NOT_REQUIRED: 1}
    expected = Population.objects.filter(
        territory__kind="commune", territory__code__startswith="42", series__definition="total", value__gt=5000
    ).count()
    assert counted["42"]["council_local"][Answer.NOT_DECLARED] == expected > 10


# --- The command ----------------------------------------------------------------------------------------------------


def run(capsys, *arguments):
    call_command("obligations", *arguments)
    return capsys.readouterr().out


def test_the_command_prints_json_with_the_facts_used(capsys):
    said = json.loads(run(capsys, "57089", "--date", "2026-11-22", "--json"))
    assert said["territory"] == {"code": "57089", "kind": "commune", "name": "Bitche", "place": "metropole"}
    first = said["obligations"][0]
    assert (first["rule"], first["article"], first["answer"]) == ("council_local", "CSI L132-4", "cannot_tell")
    assert first["missing"] == ["liste des quartiers prioritaires de la politique de la ville (QPV)"]
    assert {"key": "population_total", "label": "population totale", "value": 5000, "year": None} in first["facts_used"]
    assert "5\u00a0000\u00a0habitants" in first["why"]


@pytest.mark.parametrize(
    "assumptions, expected",
    [("qpv=yes", "not_declared"), ("council=CISPD,qpv=yes", "not_required"), ("council=CLSPD,qpv=yes", "met")],
)
def test_the_command_answers_what_if(capsys, assumptions, expected):
    said = json.loads(run(capsys, "57089", "--with", assumptions, "--json"))
    assert said["obligations"][0]["answer"] == expected
    assert said["assumptions"] == [assumptions]
    assert said["date"] == timezone.localdate().isoformat()


def test_the_command_prints_french_text(capsys):
    said = run(capsys, "18197", "--date", "2020-06-30", "--with", "qpv=no")
    assert said.startswith("Saint-Amand-Montrond (commune 18197), au 30\u00a0juin\u00a02020\nHypothèses : qpv=no\n")
    assert "Conseil local de sécurité et de prévention de la délinquance (CLSPD) · CSI L132-4\n  non requis\n" in said


def test_the_command_takes_departements_epci_and_former_codes(capsys):
    assert json.loads(run(capsys, "35", "--json"))["territory"]["kind"] == "departement"
    assert json.loads(run(capsys, "243500741", "--json"))["territory"]["kind"] == "epci"
    assert json.loads(run(capsys, "2a004", "--json"))["territory"]["name"] == "Ajaccio"
    assert json.loads(run(capsys, "49144", "--json"))["territory"]["code"] != "49144"  # merged in 2016 or later
    assert "Aucune règle enregistrée" in run(capsys, "FR")


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["99999"], "Aucun territoire n’a le code « 99999 »"),
        (["57089", "--date", "hier"], "Date non comprise « hier »"),
        (["57089", "--with", "qpv=perhaps"], "« perhaps » n’est pas compris"),
        (["57089", "--with", "mayor=yes"], "Hypothèse non comprise « mayor=yes »"),
    ],
)
def test_the_command_explains_what_it_does_not_understand(arguments, sentence, capsys):
    with pytest.raises(CommandError, match=sentence):
        call_command("obligations", *arguments)
    assert capsys.readouterr().out == ""
