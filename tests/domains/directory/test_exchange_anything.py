"""Whatever a row holds, it is taken and given back, or explained: rows that nobody would write by hand."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prevenance.domains.directory import jobs
from prevenance.domains.directory.models import Exchange, Service, Structure
from tests.domains.directory.files import SERVICE, STRUCTURE, bring, plainly, said, take
from tests.factories import actor, scope_of, territory

pytestmark = pytest.mark.django_db
PLACES = cache(jobs.Places)


@pytest.fixture
def secretariat():
    return actor("national_secretariat", scope_of(territory("nation", "FR")))


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9**18) | st.floats(-1e9, 1e9)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="ascii",
    min_codepoint=97), min_size=1, max_size=5), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from([*sorted(set(SERVICE) - {"id", "source", "structure_id"}), "autre"]), anything, max_size=4
    )
)
def test_whatever_a_row_holds_it_is_taken_and_given_back_or_explained(secretariat, monkeypatch, change):
    """No value stops the job; a row that is taken comes out with all that it held."""
    monkeypatch.setattr(jobs, "Places", PLACES)  # reference data, read once
    Service.objects.all().delete()
    Structure.objects.all().delete()
    Exchange.objects.all().delete()
    row = SERVICE | change
    done = bring(secretariat, [STRUCTURE], [row])
    assert done.state == "done"
    if done.left:
        assert any(left for _sentence, left in said(done).values())
        return
    assert plainly(take(secretariat)["services"][0]) == plainly(row)
