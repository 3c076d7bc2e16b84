"""Groups are opened, corrected and closed; names are exchanged only where a text allows it and somebody answers."""

import datetime as dt

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused, reason
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.actions import bodies as actions
from prevenance.domains.governance.actions.bodies import Described
from prevenance.domains.governance.actions.controllers import Record, keep_record
from prevenance.domains.governance.actions.councils import end_council
from prevenance.domains.governance.models import Body, Controller, Council, CouncilReach, ExchangeText
from prevenance.domains.governance.rules import bodies as rules
from prevenance.domains.governance.rules.controllers import holder_of, missing_in
from prevenance.domains.governance.rules.councils import Stale
from prevenance.domains.governance.rules.kinds import every_kind
from tests.factories import CouncilFactory, MeetingFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db

COMPLETE = Record(
    basis="CSI L132-4", officer_name="Alix Exemple", officer_email="dpd@exemple.invalid", register_reference="R-12",
    registered_on=dt.date(2026, 1, 5), impact_assessed_on=dt.date(2026, 2, 3), hosted_elsewhere=False,
)  # fmt: skip


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def mayor(council):
    return actor("mayor", council.scope.holder)


def group(council, by=None):
    return actions.open_body(council=council, described=Described("Jeunes"), by=by or coordinator_of(council))


def complete(council):
    return keep_record(scope=council.scope.holder, record=COMPLETE, seen=0, by=coordinator_of(council))


# ------------------------------------------------------------------------------------------------------ groups


def test_a_group_has_a_scope_held_by_its_council_that_sees_the_council(council):
    opened = group(council)
    assert (opened.scope.kind, opened.scope.holder_id) == ("body", council.scope_id)
    assert Council.objects.visible_to(actor("referent", opened.scope)).get() == council
    assert opened.scope_id in coordinator_of(council).reach


def test_a_restricted_body_opens_once(council):
    by = coordinator_of(council)
    assert rules.kinds_to_open(council) == ["group", "restricted"]
    actions.open_body(council=council, kind="restricted", described=Described("Formation restreinte"), by=by)
    assert rules.kinds_to_open(council) == ["group"]
    with pytest.raises(Stale, match="déjà sa formation restreinte"):
        actions.open_body(council=council, kind="restricted", described=Described("Bis"), by=by)


@pytest.mark.parametrize("kind", [kind.kind for kind in every_kind() if kind.bodies == ("committee",)])
def test_a_committee_has_no_group(kind):
    where = territory("departement", "42") if kind in ("CLAV", "FUNDERS") else territory("commune", "42218")
    council = CouncilFactory(kind=kind, territory=where)
    assert "n’a pas d’autre formation" in reason(rules.check_can_open_body, council, coordinator_of(council))


def test_a_plenary_is_not_opened_twice_by_that_door(council):
    with pytest.raises(Refused):
        actions.open_body(council=council, kind="plenary", described=Described("Bis"), by=coordinator_of(council))


def test_strangers_open_nothing(council):
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    with pytest.raises(Refused, match="Seules la coordination"):
        group(council, by=stranger)
    assert not Body.objects.visible_to(stranger).filter(council=council).exists()


def test_a_group_with_a_meeting_convened_does_not_close_and_a_closed_one_does_not_change(council):
    by, opened = coordinator_of(council), group(council)
    meeting = MeetingFactory(body=opened, state="convened", convened_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    today = timezone.localdate()
    with pytest.raises(Refused, match="Une réunion de ce groupe est convoquée"):
        actions.close_body(body=opened, on=today, by=by)
    meeting.state = "cancelled"
    meeting.save()
    with pytest.raises(Refused, match="ne peut fermer avant d’avoir ouvert"):
        actions.close_body(body=opened, on=today - dt.timedelta(days=1), by=by)
    actions.close_body(body=opened, on=today, by=by)
    with pytest.raises(Stale, match=f"fermé depuis le {date_format(today, 'j F Y')}"):
        actions.edit_body(body=opened, described=Described("Autre"), by=by)
    with pytest.raises(Refused, match="finit avec lui"):
        actions.close_body(body=council.bodies.get(kind="plenary"), on=today, by=by)


# ---------------------------------------------------------------------------------------------- nominative exchange


def test_the_presidency_opens_exchange_in_a_group_once_the_record_is_complete(council, mayor):
    opened = group(council)
    assert "Il manque" in reason(rules.check_can_open_exchange, opened, mayor, None)
    complete(council)
    assert "Seule la présidence" in reason(
        rules.check_can_open_exchange, opened, coordinator_of(council), Controller.objects.get()
    )
    actions.open_exchange(body=opened, by=mayor)
    opened.refresh_from_db()
    assert opened.nominative
    with pytest.raises(Stale):
        actions.open_exchange(body=opened, by=mayor)
    actions.close_exchange(body=opened, by=mayor)
    opened.refresh_from_db()
    assert (opened.nominative, opened.nominative_since) == (False, None)


@pytest.mark.parametrize("kind", ["plenary", "restricted"])
def test_no_individual_situation_in_plenary_nor_restricted(council, mayor, kind):
    complete(council)
    body = Body.objects.filter(council=council, kind=kind).first() or actions.open_body(
        council=council, kind=kind, described=Described("Restreinte"), by=mayor
    )
    with pytest.raises(Refused, match="Aucune situation individuelle"):
        actions.open_exchange(body=body, by=mayor)


def refused_by_the_database(body):
    """Whether the database itself, asked as the application, refuses to open exchange in `body`."""
    try:
        with transaction.atomic():
            Body.objects.filter(pk=body.pk).update(nominative=True, nominative_since=dt.date(2026, 11, 23))
    except (ProgrammingError, IntegrityError) as error:  # the trigger, or the constraint on plenary and restricted
        return isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege | psycopg.errors.CheckViolation)
    return False


KINDS = [(kind.kind, body) for kind in every_kind() for body in kind.bodies]
PLACES = {"CISPD": ("epci", "243500741"), "CMSPD": ("epci", "244200770"), "CPSPD": ("commune", "75056")}
ALLOWED = {("CLSPD", "group"), ("CPSPD", "group"), ("CISPD", "group"), ("CMSPD", "group"), ("CDDF", "committee")}


@pytest.mark.parametrize("kind, body_kind", KINDS)
def test_the_database_lets_names_into_the_bodies_of_the_texts_and_no_other(kind, body_kind):
    departement = kind in ("CDPDR", "CLAV", "FUNDERS")
    where = territory(*(("departement", "42") if departement else PLACES.get(kind, ("commune", "42218"))))
    council = CouncilFactory(kind=kind, territory=where)
    council.bodies.all().delete()
    body = Body.objects.create(council=council, kind=body_kind, name="Formation inventée")
    assert refused_by_the_database(body)  # nobody answers for it yet
    Controller.objects.create(scope=council.scope.holder, edit=1, **vars(COMPLETE))
    assert refused_by_the_database(body) == ((kind, body_kind) not in ALLOWED)


def test_where_the_text_was_not_read_the_database_refuses_too():
    council = CouncilFactory(territory=territory("commune", "98735"))  # Papeete
    Controller.objects.create(scope=council.scope.holder, edit=1, **vars(COMPLETE))
    body = Body.objects.create(council=council, kind="group", name="Groupe inventé")
    assert refused_by_the_database(body)
    assert "Aucun texte vérifié" in reason(
        rules.check_can_open_exchange, body, actor("mayor", council.scope.holder), Controller.objects.get()
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_body SET kind = 'group' WHERE id = {plenary}",
        "UPDATE governance_body SET council_id = {other} WHERE id = {plenary}",
        "UPDATE governance_council SET kind = 'CDDF' WHERE id = {council}",
        "UPDATE accounts_scope SET holder_id = {stranger} WHERE id = {scope}",
        "INSERT INTO governance_exchangetext (council_kind, body_kind, article, valid_from, zones, source) "
        "VALUES ('CLSPD', 'plenary', 'x', '2020-01-01', '{{metro}}', 'x')",
        "UPDATE governance_exchangetext SET body_kind = 'plenary'",
        "UPDATE governance_controller SET basis = '' WHERE id = {controller}",
        "DELETE FROM governance_controller WHERE id = {controller}",
        "UPDATE governance_body SET closed_on = '2999-01-01' WHERE id = {group}; "
        "UPDATE governance_controller SET basis = '' WHERE id = {controller}",
        "UPDATE governance_body SET closed_on = current_date WHERE id = {group}; "
        "UPDATE governance_controller SET basis = '' WHERE id = {controller}",
        "UPDATE governance_meeting SET body_id = {plenary} WHERE id = {meeting}",
    ],
)
def test_no_statement_of_the_application_goes_round(council, mayor, statement):
    other = CouncilFactory(territory=territory("commune", "42187"))
    controller, opened = complete(council), group(council)
    actions.open_exchange(body=opened, by=mayor)
    values = {
        "plenary": council.bodies.get(kind="plenary").pk, "council": council.pk, "scope": council.scope_id,
        "stranger": other.scope.holder_id, "other": other.pk, "controller": controller.pk,
        "group": opened.pk, "meeting": MeetingFactory(body=opened).pk,
    }  # fmt: skip
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**values))
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_the_table_of_texts_is_the_file(council):
    lines = {(text.council_kind, text.body_kind) for text in ExchangeText.objects.all()}
    assert lines == ALLOWED


# ------------------------------------------------------------------------------------------------------- controller


def test_a_record_stays_complete_while_names_are_exchanged(council, mayor):
    complete(council)
    opened = group(council)
    actions.open_exchange(body=opened, by=mayor)
    with pytest.raises(Refused, match="doit rester complète"):
        keep_record(scope=council.scope.holder, record=Record(basis="CSI L132-4"), seen=1, by=mayor)
    actions.close_exchange(body=opened, by=mayor)
    keep_record(scope=council.scope.holder, record=Record(basis="CSI L132-4"), seen=1, by=mayor)


def test_the_end_of_the_council_closes_the_exchange_and_lets_the_record_go(council, mayor):
    complete(council)
    opened = group(council)
    actions.open_exchange(body=opened, by=mayor)
    end_council(council=council, on=timezone.localdate(), by=mayor)
    opened.refresh_from_db()
    assert (opened.nominative, opened.exchanged) == (False, True)
    keep_record(scope=council.scope.holder, record=Record(basis="CSI L132-4"), seen=1, by=mayor)


def test_what_is_missing_is_named_and_hosting_asks_for_an_agreement():
    assert len(missing_in(None)) == 7
    hosted = Controller(**{**vars(COMPLETE), "hosted_elsewhere": True})
    assert missing_in(hosted) == ["hébergeur", "date du contrat de sous-traitance"]
    assert missing_in(Controller(**vars(COMPLETE))) == []


def test_an_older_form_does_not_overwrite(council, mayor):
    complete(council)
    with pytest.raises(Stale):
        keep_record(scope=council.scope.holder, record=COMPLETE, seen=0, by=mayor)


def test_an_officer_sees_their_own_controllers_only(council):
    complete(council)
    ours = actor("data_protection_officer", council.scope.holder)
    theirs = actor("data_protection_officer", scope_of(territory("commune", "42187")))
    assert Controller.objects.visible_to(ours).count() == 1
    assert Controller.objects.visible_to(theirs).count() == 0
    with pytest.raises(Refused):
        keep_record(scope=council.scope.holder, record=COMPLETE, seen=1, by=theirs)
    for role in ("deputy", "group_member"):
        assert Controller.objects.visible_to(actor(role, council.scope)).count() == 0


def test_the_record_is_that_of_whoever_holds_the_council(council):
    assert holder_of(coordinator_of(council)) == council.scope.holder
    assert holder_of(actor("data_protection_officer", Scope.objects.get(pk=council.scope.holder_id))) == (
        council.scope.holder
    )
    assert holder_of(actor("deputy", council.scope)) is None


# ---------------------------------------------------------------------------------------------------------- screens


def test_the_screens_lead_from_the_council_to_an_open_exchange(council, mayor, sign_in):
    client = sign_in(mayor)
    response = client.post(
        reverse("governance:body_open", args=[council.pk]), {"kind": "group", "name": "Jeunes & familles d’ici"}
    )
    body = Body.objects.get(kind="group")
    assert response["Location"] == reverse("governance:body", args=[council.pk, body.pk])
    page = client.get(response["Location"]).content.decode()
    assert "Jeunes &amp; familles d’ici" in page and "Il manque" in page  # noqa: PT018
    values = {**{k: v for k, v in vars(COMPLETE).items() if v is not None}, "hosted_elsewhere": "no", "seen": 0}
    assert client.post(reverse("governance:controller"), values).status_code == 302
    stale = client.post(reverse("governance:controller"), values | {"officer_name": "Autre Exemple"})
    assert stale.status_code == 409
    assert "Autre Exemple" in stale.content.decode()  # what was typed stays
    confirm = client.get(reverse("governance:exchange_open", args=[council.pk, body.pk])).content.decode()
    assert "CSI L132-5" in confirm
    assert client.post(reverse("governance:exchange_open", args=[council.pk, body.pk])).status_code == 302
    body.refresh_from_db()
    assert body.nominative
    assert client.post(reverse("governance:exchange_open", args=[council.pk, body.pk])).status_code == 302  # twice
    assert client.get(reverse("governance:bodies", args=[council.pk]) + "?format=csv").status_code == 200


def test_the_list_of_bodies_costs_the_same_for_one_or_twenty(council, sign_in):
    by = coordinator_of(council)
    client, url, costs = sign_in(by), reverse("governance:bodies", args=[council.pk]), []
    for rank in range(20):
        actions.open_body(council=council, described=Described(f"Groupe {rank}"), by=by)
        with CaptureQueriesContext(connection) as captured:
            assert f"Groupe {rank}" in client.get(url).content.decode()
        costs.append(len(captured))
    assert len(set(costs[1:])) == 1


def test_scopes_of_a_group_are_only_its_own_councils(council):
    opened = group(council)
    assert set(CouncilReach.objects.filter(scope=opened.scope).values_list("council", flat=True)) == {council.pk}
