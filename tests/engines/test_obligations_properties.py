"""What holds for every commune that could exist, not only for real ones."""

import datetime as dt
import random
import time
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from prevenance.domains.governance.analysis import load_law
from prevenance.engines.obligations import Answer, Council, Facts, Figure, Law, obligations, summary
from tests.engines.france import communes

PLACES = sorted(load_law().places)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31))
TRUTH = st.none() | st.booleans()
COUNCILS = st.lists(
    st.builds(Council, st.sampled_from(["CLSPD", "CISPD", "CDDF", "CDPDR"]), st.none() | DAYS, st.none()), max_size=3
).map(tuple)
FACTS = st.builds(
    Facts,
    code=st.just("00000"),
    kind=st.sampled_from(["commune", "epci", "ept", "departement"]),
    place=st.sampled_from(PLACES),
    populations=st.dictionaries(
        st.sampled_from(["total", "municipal", "unspecified"]),
        st.builds(Figure, st.integers(0, 60_000), st.none() | st.integers(2010, 2025)),
    ),
    qpv=TRUTH,
    councils=COUNCILS,
    intercommunal_councils=COUNCILS,
    coordinator=TRUTH,
    last_plenary=st.none() | DAYS,
    members=st.none() | st.frozensets(st.sampled_from(["prefet", "procureur", "president_epci"])),
    competence=TRUTH,
    opposition=TRUTH,
)
# From least to most expected of a territory with nothing declared.
WEIGHT = {Answer.NOT_REQUIRED: 0, Answer.CANNOT_TELL: 1, Answer.NOT_DECLARED: 2, Answer.MET: 2}


def answers(facts, on, law=None):
    return {found.rule: found.answer for found in obligations(facts, law or load_law(), on)}


@given(FACTS, DAYS)
def test_every_answer_has_an_article_and_says_why_and_names_what_is_missing(facts, on):
    for found in obligations(facts, load_law(), on):
        assert found.article
        assert found.title
        assert found.source
        assert len(found.why) > 20
        assert found.why.endswith(".")
        assert bool(found.missing) is (found.answer is Answer.CANNOT_TELL)


@given(FACTS, DAYS, st.integers(0, 60_000), st.integers(0, 60_000))
def test_more_inhabitants_never_expect_less(facts, on, one, other):
    """Monotone in the population that the law counts, everything else equal."""
    fewer, more = sorted((one, other))
    below = answers(replace(facts, populations={"total": Figure(fewer)}), on)
    above = answers(replace(facts, populations={"total": Figure(more)}), on)
    assert all(WEIGHT[below[rule]] <= WEIGHT[above[rule]] for rule in below)


@given(FACTS, DAYS, st.data())
def test_learning_a_fact_never_overturns_a_definite_answer(facts, on, data):
    """A missing fact that becomes known settles what could not be told; what was told stays."""
    unknown = [name for name in ("qpv", "coordinator", "competence", "opposition") if getattr(facts, name) is None]
    learned = facts
    for name in unknown:
        learned = replace(learned, **{name: data.draw(TRUTH)})
    if "total" not in facts.populations:
        figure = data.draw(st.builds(Figure, st.integers(0, 60_000)))
        learned = replace(learned, populations={**facts.populations, "total": figure})
    before, after = answers(facts, on), answers(learned, on)
    for rule, answer in before.items():
        assert answer is Answer.CANNOT_TELL or after[rule] is answer


@given(FACTS, DAYS)
def test_other_definitions_of_population_never_count(facts, on):
    total = {key: figure for key, figure in facts.populations.items() if key == "total"}
    assert answers(facts, on) == answers(replace(facts, populations=total), on)


@given(FACTS, DAYS, st.randoms(use_true_random=False))
def test_the_order_of_records_and_of_councils_does_not_matter(facts, on, shuffler):
    law = load_law()
    records = list(law.records)
    shuffler.shuffle(records)
    councils = list(facts.councils)
    shuffler.shuffle(councils)
    shuffled = Law(records, law.places.values())
    assert obligations(replace(facts, councils=tuple(councils)), shuffled, on) == obligations(facts, law, on)


@given(st.lists(FACTS, max_size=12), DAYS)
@settings(max_examples=50)
def test_the_summary_counts_the_very_answers(territories, on):
    expected = Counter((rule, answer) for facts in territories for rule, answer in answers(facts, on).items())
    counted = summary(territories, load_law(), on)
    assert {(rule, answer): n for rule, row in counted.items() for answer, n in row.items() if n} == expected
    assert all(set(row) == set(Answer) for row in counted.values())


def test_france_is_summed_up_in_less_than_two_seconds():
    france = list(communes().values())
    random.Random(1).shuffle(france)
    start = time.perf_counter()
    counted = summary(france, load_law(), dt.date(2026, 11, 22))
    assert time.perf_counter() - start < 2
    assert list(counted) == ["council_local", "coordinator", "plenary", "members_of_right", "cddf"]
    assert {rule: sum(row.values()) for rule, row in counted.items()} == dict.fromkeys(counted, len(france))
    assert len(france) == 34_969
