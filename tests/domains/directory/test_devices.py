"""Alert devices: counts alone, each statement kept, small counts of persons hidden but from who stated them."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.directory.actions import devices as actions
from prevenance.domains.directory.models import DeviceStatement
from prevenance.domains.directory.models.devices import FIGURES
from prevenance.domains.directory.rules import devices as rules
from prevenance.domains.directory.rules.devices import Counts
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.territories.models import Territory
from tests.factories import CouncilFactory, PersonFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db

TABLE, STATE = reverse("directory:devices"), reverse("directory:device_state")
MONTH = timezone.localdate().replace(day=1)
MANY = Counts(stock=60, allocated=50, in_use=30, waiting=12)


def statements_of(code):
    return reverse("directory:device_statements", args=[code])


def office(code="42", role="prefect_office"):
    return actor(role, scope_of(territory("departement", code)))


def told(by, counts=MANY, *, code="42", court=None, kind="tgd", month=MONTH, seen=None):
    return actions.state_devices(
        departement=territory("departement", code), court=court, kind=kind, month=month, counts=counts, seen=seen, by=by
    )


def written(code, counts=MANY, **values):
    """Directly: many départements at once."""
    told = {"kind": "tgd", "month": MONTH, "stated_by": PersonFactory()} | vars(counts) | values
    return DeviceStatement.objects.create(departement=territory("departement", code), **told)


def text(response):
    return response.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


# ------------------------------------------------------------------------------------------- counts and nothing else


def test_no_column_holds_a_place_narrower_than_a_court_nor_anybody():
    fields = {field.name for field in DeviceStatement._meta.concrete_fields}
    assert fields == {
        "id", "departement", "court", "kind", "month", *FIGURES, "corrects", "stated_on", "stated_by",
    }  # fmt: skip
    kinds = {field.get_internal_type() for field in DeviceStatement._meta.concrete_fields if field.name in FIGURES}
    assert kinds == {"PositiveIntegerField"}


@pytest.mark.parametrize("role", ["prefect_office", "prosecutor_office", "victim_support"])
def test_the_departement_states_and_a_correction_is_a_new_statement(role):
    by = office(role=role)
    first = told(by)
    with pytest.raises(Stale, match="entre-temps"):
        told(by)  # a second click
    second = told(by, replace(MANY, waiting=3), seen=first.pk)
    assert second.corrects == first
    assert list(DeviceStatement.objects.latest_told()) == [second]
    assert DeviceStatement.objects.count() == 2
    with pytest.raises(Stale, match="entre-temps"):
        told(by, seen=first.pk)  # a stale tab
    row = AuditRow.objects.filter(action="directory.state_devices").order_by("-seq")[0]
    assert row.subject == f"directory.devicestatement:{second.pk}"


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"in_use": 51}, "de ceux attribués"), ({"allocated": 61}, "de ceux attribués"),
        ({"waiting": -1}, "va de 0"), ({"stock": 100_001}, "va de 0"), ({"overseas_need": 4}, "outre-mer seulement"),
    ],
)  # fmt: skip
def test_counts_make_sense(counts, sentence):
    with pytest.raises(Refused, match=sentence):
        told(office(), replace(MANY, **counts))


def test_a_month_is_neither_to_come_nor_old_and_a_court_is_of_the_departement():
    by = office()
    later = (MONTH + dt.timedelta(days=32)).replace(day=1)
    for month in (later, MONTH + dt.timedelta(days=1), MONTH.replace(year=MONTH.year - 4)):
        with pytest.raises(Refused, match="Ce mois"):
            told(by, month=month)
    with pytest.raises(Refused, match="pas dans le département"):
        told(by, court=territory("commune", "69123"))
    told(by, court=territory("commune", "42218"))
    with pytest.raises(Refused, match="tribunal par tribunal"):
        told(by)
    told(by, kind="bar")
    with pytest.raises(Refused, match="pour tout le département"):
        told(by, kind="bar", court=territory("commune", "42187"))


def test_overseas_needs_are_stated_overseas_apart():
    by = office("976")
    one = told(by, replace(MANY, overseas_need=25), code="976")
    assert one.overseas_need == 25
    assert one.stock == MANY.stock


def test_others_state_nothing_nor_does_another_departement():
    far, town = office("69"), scope_of(territory("commune", "42218"))
    with pytest.raises(Refused, match="n’est pas le vôtre"):
        told(far)
    for who in (coordinator_of(CouncilFactory()), actor("mayor", town), actor("victim_support", town)):
        with pytest.raises(Refused, match="La préfecture, le parquet"):
            told(who)


def test_the_database_itself_keeps_statements_and_one_chain_a_month():
    one = written("42")
    for statement in ("UPDATE directory_devicestatement SET stock = 1", "DELETE FROM directory_devicestatement"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
    for values in ({}, {"in_use": 99, "month": dt.date(2026, 1, 1)}, {"month": dt.date(2026, 1, 2)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            written("42", **values)
    written("42", corrects=one)
    with pytest.raises(IntegrityError), transaction.atomic():
        written("42", corrects=one)


# ------------------------------------------------------------------------------------------- what is shown to whom


def lines(who):
    found = DeviceStatement.objects.visible_to(who).latest_told().select_related("departement")
    return {line.departement.code if line.departement else "": line for line in rules.table(found, who)}


def test_small_counts_are_hidden_and_what_would_give_them_away():
    written("42", replace(MANY, waiting=4))
    written("69", replace(MANY, waiting=40))
    written("38", replace(MANY, waiting=12))
    found = lines(actor("evaluator", scope_of(territory("departement", "75"))))
    assert found["42"].figures["waiting"] is None
    assert found["38"].figures["waiting"] is None, "the smallest other goes with it, or the sum would tell"
    assert found["69"].figures["waiting"] == 40
    assert found[""].figures["waiting"] == 56
    assert {line.figures["stock"] for line in found.values()} == {60, 180}, "things are not persons"


def test_who_has_one_that_is_not_in_use_is_counted_too():
    written("42", replace(MANY, in_use=48))
    written("69")
    written("38")
    found = lines(actor("evaluator", scope_of(territory("departement", "75"))))
    assert found["42"].figures["allocated"] == 50
    assert found["42"].figures["in_use"] is None
    assert [found[code].figures["in_use"] for code in ("38", "69")].count(None) == 1


def test_sums_do_not_tell_how_few_have_one_that_is_not_in_use():
    """Two hidden together, of which one has all of its own in use: the sums would give the other's."""
    written("42", replace(MANY, allocated=50, in_use=49))
    written("69", replace(MANY, allocated=30, in_use=30))
    written("38", replace(MANY, allocated=60, in_use=40))
    found = lines(actor("evaluator", scope_of(territory("departement", "75"))))
    assert [found[code].figures["in_use"] for code in ("42", "69", "38")] == [None, None, 40]
    assert found[""].figures["allocated"] == 140
    assert found[""].figures["in_use"] is None


def test_the_nation_reads_all_and_a_departement_its_own_without_finding_its_neighbours():
    for code, waiting in (("42", 4), ("69", 5), ("38", 12), ("01", 30)):
        written(code, replace(MANY, waiting=waiting))
    nation = lines(actor("national_secretariat", scope_of(territory("nation", "FR"))))
    assert [nation[code].figures["waiting"] for code in ("42", "69", "38", "01", "")] == [4, 5, 12, 30, 51]
    own = lines(office())
    assert own["42"].figures["waiting"] == 4
    assert own["69"].figures["waiting"] is None
    # With its own known, the sum less what is shown is not the neighbour's alone.
    shown = [line.figures["waiting"] for code, line in own.items() if code]
    assert shown.count(None) >= 2 or own[""].figures["waiting"] is None


def test_a_departement_of_several_courts_is_their_sum():
    written("42", court=territory("commune", "42218"))
    written("42", court=territory("commune", "42187"))
    assert lines(actor("evaluator", scope_of(territory("departement", "75"))))["42"].figures["stock"] == 120


# ------------------------------------------------------------------------------------------- screens


def sent(**values):
    return {"kind": "tgd", "month": f"{MONTH:%Y-%m}", "court": "", **vars(MANY) | {"overseas_need": ""}} | values


def test_a_month_is_stated_then_corrected_by_the_screen(sign_in):
    client = sign_in(office())
    assert client.post(STATE, sent()).status_code == 302
    again = client.post(STATE, sent())
    assert again.status_code == 409
    assert 'value="60"' in text(again)
    wrong = client.post(STATE, sent(allocated="70"))
    assert wrong.status_code == 422
    assert 'value="70"' in text(wrong)
    first = DeviceStatement.objects.get()
    page = client.get(STATE + f"?corrige={first.pk}")
    assert f'name="seen" value="{first.pk}"' in text(page)
    assert client.post(STATE, sent(waiting="0", seen=str(first.pk))).status_code == 302
    shown = text(client.get(statements_of("42")))
    assert "Corrigée depuis" in shown
    assert shown.count("corrige=") == 1
    rows = client.get(statements_of("42") + "?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3


def test_the_file_hides_what_the_page_hides(sign_in):
    written("42", replace(MANY, waiting=4))
    written("69", replace(MANY, waiting=13))
    client = sign_in(actor("mediator", scope_of(territory("commune", "69123"))))
    page = text(client.get(TABLE))
    assert ">4<" not in page.replace(" ", "")
    rows = client.get(TABLE + "?format=csv").content.decode("utf-8-sig")
    assert "masqué" in rows
    assert '"4"' not in rows
    assert '"17"' in rows  # the sum


def test_overseas_needs_have_a_table_of_their_own(sign_in):
    written("976", replace(MANY, overseas_need=25))
    written("42")
    page = text(sign_in(office()).get(TABLE))
    assert "Besoins outre-mer" in page
    assert "Mayotte" in page.split("Besoins outre-mer")[1]
    assert "Loire" not in page.split("Besoins outre-mer")[1].split("</table>")[0]


def test_from_another_departement_and_signed_out(sign_in):
    told(office())
    far = sign_in(office("69"))
    assert far.get(statements_of("42")).status_code == 403
    assert "Loire" in text(far.get(TABLE))
    one = DeviceStatement.objects.get()
    assert "seen" in text(far.get(STATE + f"?corrige={one.pk}"))
    assert f'value="{one.pk}"' not in text(far.get(STATE + f"?corrige={one.pk}"))
    assert far.post(STATE, sent(seen=str(one.pk))).status_code == 409
    for address in (TABLE, STATE, statements_of("42")):
        assert Client().get(address).status_code == 302
    assert Client().post(STATE, sent()).status_code == 401
    assert DeviceStatement.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["?kind=no&month=1900-01", "?month=2026-13", "?month=%00", "?format=pdf", "?page=9"]
)
def test_what_an_address_says_wrong_is_left_out(sign_in, address):
    written("42")
    assert sign_in(office()).get(TABLE + address).status_code == 200


def test_the_national_table_takes_as_many_queries_for_all_of_france(sign_in):
    client = sign_in(office())
    client.get(TABLE)

    def count(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    written("42")
    before = [count(TABLE), count(statements_of("42"))]
    for code in (
        Territory.objects.existing().filter(kind="departement").exclude(code="42").values_list("code", flat=True)
    ):
        written(code)
    for month in range(1, 10):
        written("42", month=MONTH.replace(year=MONTH.year - 1, month=month))
    assert [count(TABLE), count(statements_of("42"))] == before
    assert max(before) <= 12
