"""The law as data: every record is complete, dated and sourced, and a faulty one is refused with its place."""

import datetime as dt
from copy import deepcopy

import pytest
import yaml

from prevenance.config.paths import DATA
from prevenance.domains.governance.analysis import load_law, place
from prevenance.engines.obligations import Law, LawError, places_from, records_from
from tests.house.typography import mend

TODAY = dt.date(2026, 11, 22)
BEGINNING = dt.date(2015, 1, 1)
KINDS_OF_RULES = {
    "council_local": {"commune"},
    "council_intercommunal": {"epci", "ept"},
    "council_departmental": {"departement"},
    "coordinator": {"commune"},
    "plenary": {"commune", "epci", "ept"},
    "members_of_right": {"commune", "epci", "ept"},
    "cddf": {"commune"},
}


def rows(name="councils.yaml"):
    return yaml.safe_load((DATA / "law" / name).read_text(encoding="utf-8"))


def test_the_rules_and_the_kinds_of_territory_that_they_concern():
    found = {}
    for record in load_law().records:
        found.setdefault(record.rule, set()).update(record.kinds)
    assert found == KINDS_OF_RULES


def test_every_record_says_where_it_comes_from_and_what_was_verified():
    records = load_law().records
    assert len(records) > 40
    for record in records:
        assert record.article.split()[0] in {"CSI", "CASF"}, record
        assert len(record.source) > 20, record
        assert dt.date(2026, 1, 1) <= record.consulted <= dt.date.today(), record
        assert record.note, record
        assert record.valid_from >= dt.date(2007, 1, 1), record
        assert record.effect != "unknown" or record.missing, record


def test_french_texts_are_printed_as_french_prints_them():
    texts = [
        text
        for record in load_law().records
        for text in (record.title, record.text, record.source, record.note, record.missing, record.article)
    ]
    assert len(texts) > 200
    assert [text for text in texts if mend(text) != text or "n° " in text or "'" in text] == []


@pytest.mark.parametrize("on", [BEGINNING, dt.date(2020, 6, 30), dt.date(2021, 5, 27), dt.date(2024, 3, 23), TODAY])
def test_every_commune_of_every_place_finds_a_version_since_2015(on):
    law = load_law()
    for where in law.places:
        gaps = [rule.rule for rule in law.in_force("commune", where, on) if rule.record is None]
        assert gaps == [], where
        assert [r.rule for r in law.in_force("departement", where, on) if r.record is None] == [], where
    for where in ("metropole", "drom", "mayotte"):
        assert [rule.rule for rule in law.in_force("epci", where, on) if rule.record is None] == []


def test_versions_of_a_rule_follow_each_other_without_a_hole():
    law = load_law()
    for record in law.records:
        if record.valid_to is None:
            continue
        next_day = record.valid_to + dt.timedelta(days=1)
        for kind in record.kinds:
            for where in record.places:
                after = {rule.rule: rule.record for rule in law.in_force(kind, where, next_day)}
                assert after[record.rule], (record.rule, where, next_day)


def test_what_was_true_in_2020_stays_readable():
    law = load_law()
    thresholds = {}
    for on in (dt.date(2020, 6, 30), TODAY):
        record = next(rule.record for rule in law.in_force("commune", "metropole", on) if rule.rule == "council_local")
        thresholds[on.year] = record.text
    assert "10\u00a0000" in thresholds[2020]
    assert "5\u00a0000" in thresholds[2026]


@pytest.mark.parametrize(
    "code, departement, zone, expected",
    [
        ("75056", "75", "metro", "paris"),
        ("75", "75", "metro", "paris"),
        ("13055", "13", "metro", "metropole"),
        ("97209", "972", "drom", "drom"),
        ("97611", "976", "drom", "mayotte"),
        ("97502", "975", "com", "saint-pierre-et-miquelon"),
        ("97801", "978", "com", "saint-martin"),
        ("98735", "987", "com", "polynesie-francaise"),
        ("98818", "988", "com", "nouvelle-caledonie"),
        ("99999", "", "", ""),
    ],
)
def test_where_a_territory_is_in_the_sense_of_the_law(code, departement, zone, expected):
    assert place(code, departement, zone) == expected


FAULTS = [
    (lambda row: row.pop("source"), "absent fields ['source']"),
    (lambda row: row.update(threshold=5000), "unknown fields ['threshold']"),
    (lambda row: row.update(valid_from="2015"), "field valid_from has the wrong type"),
    (lambda row: row.update(valid_to=dt.date(2014, 1, 1)), "valid_to comes before valid_from"),
    (lambda row: row.update(effect="perhaps"), "effect must be one of"),
    (lambda row: row.update(kinds=["village"]), "kinds must be among"),
    (lambda row: row.update(kinds=[]), "kinds must be among"),
    (lambda row: row.update(places=[]), "places is empty"),
    (lambda row: row.update(rank=True), "field rank has the wrong type"),
    (lambda row: row.update(title=""), "field title has the wrong type or is empty"),
    (lambda row: row.update(condition={"at_least": 5}), "condition not understood"),
    (lambda row: row.update(condition={"more_than": "5000"}), "condition not understood"),
    (lambda row: row.update(condition={"any": [{"qpv": True}]}), "any takes a list of at least two"),
    (lambda row: row.update(condition={"qpv": True, "competence": True}), "a condition has one word"),
    (lambda row: row.pop("population"), "more_than needs a population"),
    (lambda row: row["population"].update(fallback="municipal"), "no other figure may replace"),
    (lambda row: row.update(effect="unknown"), "missing must say"),
    (lambda row: row.update(doubt={"qpv": True}), "missing must say"),
    (lambda row: row.update(asks={"mayor": True}), "asks not understood"),
    (lambda row: row["source"].pop("consulted"), "absent fields ['consulted']"),
]


@pytest.mark.parametrize("spoil, message", FAULTS)
def test_a_faulty_record_is_refused_and_named(spoil, message):
    spoiled = [deepcopy(row) for row in rows()[:2]]  # apart: the file shares parts by anchors
    spoil(spoiled[1])
    with pytest.raises(LawError) as refusal:
        records_from(spoiled, "councils.yaml")
    assert str(refusal.value).startswith("councils.yaml, record 2: ")
    assert message in str(refusal.value)


def test_something_else_than_a_record_is_refused():
    with pytest.raises(LawError, match="a mapping of fields is expected"):
        records_from(["council"], "councils.yaml")


def test_two_versions_of_a_rule_may_not_hold_together():
    first, second = records_from(deepcopy(rows()[:2]), "councils.yaml")
    assert Law([first, second]).records == (first, second)
    overlapping = deepcopy(rows()[:2])
    overlapping[0]["valid_to"] = overlapping[1]["valid_from"]
    with pytest.raises(LawError, match=r"council_local: CSI L132-4 from 2015-01-01 and CSI L132-4 from 2021-05-27"):
        Law(records_from(overlapping, "councils.yaml"))


def test_ranks_and_places_must_agree():
    ranked = deepcopy(rows()[:2])
    ranked[1]["rank"] = 11
    with pytest.raises(LawError, match="rank"):
        Law(records_from(ranked, "councils.yaml"))
    places = places_from([{"key": "lune", "name": "Lune", "locative": "sur la Lune"}], "places.yaml")
    with pytest.raises(LawError, match="unknown places"):
        Law(records_from(rows()[:1], "councils.yaml"), places)
    with pytest.raises(LawError, match="no record"):
        Law([])


def test_a_place_is_named_once():
    twice = [{"key": "paris", "name": "Paris", "locative": "à Paris"}] * 2
    with pytest.raises(LawError, match="place paris met twice"):
        places_from(twice, "places.yaml")
