"""Acts of every kind: who prepares, who is consulted, who signs, what an act opens and closes."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from prevenance.core.refusals import Refused
from prevenance.domains.accounts import actions as accounts
from prevenance.domains.accounts.acting import actor_of
from prevenance.domains.accounts.models import Mandate
from prevenance.domains.accounts.roles import ABILITIES, ROLES
from prevenance.domains.governance.actions import acts as actions
from prevenance.domains.governance.actions.acts import Draft
from prevenance.domains.governance.analysis.my_day import day_of
from prevenance.domains.governance.models import Act
from prevenance.domains.governance.rules import act_forms, acts
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import CouncilFactory, MandateFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)
DAY = dt.timedelta(days=1)
ALIX = ("alix.deleguee@exemple.invalid", "Alix", "Déléguée")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False) as travelled:
        yield travelled


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def coordinator(council):
    return coordinator_of(council)


@pytest.fixture
def mayor(council):
    return actor("mayor", scope_of(council.territory))


def delegation(council, by, **changed):
    draft = Draft({"functions": ["chair"], "person_title": "Adjointe au maire"} | changed.pop("values", {}), ALIX)
    draft = Draft(draft.values, changed.pop("person", ALIX), (), changed.pop("ends_on", None))
    return actions.prepare(key="delegation-commune", scope=council.scope.holder, council=council, draft=draft, by=by)


def assignment(council, by, person=ALIX, **values):
    draft = Draft({"missions": ["animate"], "person_title": "Agente territoriale"} | values, person)
    return actions.prepare(key="assignment-commune", scope=council.scope.holder, council=council, draft=draft, by=by)


def sign(act, by, line=None, **changed):
    values = {"reference": "2026-31", "signed_on": TODAY, "name": "Le maire inventé", "seen": acts.digest(act)}
    return actions.declare_signature(signature=line or act.signatures.get(), by=by, **(values | changed))


class TestForms:
    def test_each_kind_of_act_has_a_form_and_each_form_its_source(self):
        forms = act_forms.every_form()
        assert {form.kind for form in forms} == set(Act.Kind.values)
        assert all(form.source and form.note and form.valid_from for form in forms)
        assert all(form.signatories for form in forms)

    @pytest.mark.parametrize("form", act_forms.every_form(), ids=lambda form: form.key)
    def test_each_composes_a_whole_document(self, form):
        values = {
            question.name: {choice.key: choice.levels[0] for choice in question.choices}
            if question.type == "shares" else [choice.key for choice in question.choices]
            if question.type == "choices" else "Dit ici."
            for question in form.questions if question.type != "communes"
        }  # fmt: skip
        said = dict.fromkeys(["council", "territory", "person", "person_title", "communes", "ends_on"], "inventé")
        said |= {name: value for name, value in values.items() if isinstance(value, str)}
        text = act_forms.wording(form, said, values, ["- Une personne inventée"])
        assert text.startswith(act_forms.HEADING)
        assert "{" not in text
        assert text.count("# Article") >= 2
        for question in form.questions:
            assert all(choice.label in text for choice in question.choices if not choice.levels or choice.levels[0])

    def test_what_a_delegation_opens_is_of_the_table_of_roles(self):
        for form in act_forms.every_form():
            for question in form.questions:
                for choice in question.choices:
                    assert choice.abilities <= set(ABILITIES)
                    if form.kind == "delegation":
                        role = {"commune": "mayor", "epci": "epci_president"}[form.holders[0]]
                        assert choice.abilities <= ROLES[role].abilities, choice.key

    def test_before_its_text_a_form_is_not_known(self):
        with pytest.raises(Refused, match="pas connu"):
            act_forms.form_named("delegation-commune", dt.date(2019, 12, 28))

    def test_one_record_of_a_form_is_in_force_on_a_day(self):
        seen = {}
        for form in act_forms.every_form():
            for other in seen.setdefault(form.key, []):
                assert other.valid_to is not None
                assert other.valid_to < form.valid_from
            seen[form.key].append(form)


class TestDelegation:
    def test_the_coordinator_prepares_it_transmits_it_and_the_mayor_finds_it_in_their_day(
        self, council, coordinator, mayor
    ):
        act = delegation(council, coordinator)
        assert day_of(mayor).acts == []
        actions.submit(act=act, seen=acts.digest(act), by=coordinator)
        assert [line.act_id for line in day_of(mayor).acts] == [act.pk]
        assert "Alix Déléguée, adjointe au maire" in act.text

    def test_signed_it_opens_the_delegate_s_mandate_for_what_was_delegated(self, council, mayor):
        act = sign(delegation(council, mayor), mayor)
        delegate = actor_of(act.person)
        assert act.mandate == delegate.mandate
        assert delegate.mandate.delegated_from_id == mayor.mandate_id
        assert delegate.can("hold_council")
        assert not delegate.can("approve")
        assert "2026-31" in delegate.mandate.act

    def test_two_functions_open_both(self, council, mayor):
        act = sign(delegation(council, mayor, values={"functions": ["chair", "sign"]}), mayor)
        assert actor_of(act.person).can("approve")

    def test_a_delegate_who_may_sign_signs_a_composition_but_no_delegation(self, council, mayor):
        delegate = actor_of(sign(delegation(council, mayor, values={"functions": ["chair", "sign"]}), mayor).person)
        order = actions.prepare(key="composition-commune", scope=council.scope.holder, council=council, by=delegate)
        assert sign(order, delegate).signed_on == TODAY
        other = delegation(council, delegate, person=("b@exemple.invalid", "Bo", "Autre"))
        actions.submit(act=other, seen=acts.digest(other), by=delegate)
        assert day_of(delegate).acts == []
        with pytest.raises(Refused, match="ne se signe pas par délégation"):
            sign(other, delegate)

    def test_a_delegate_without_that_function_signs_nothing(self, council, mayor):
        delegate = actor_of(sign(delegation(council, mayor), mayor).person)
        order = actions.prepare(key="composition-commune", scope=council.scope.holder, council=council, by=delegate)
        with pytest.raises(Refused, match="présidence"):
            sign(order, delegate)

    def test_the_end_of_the_mandate_closes_it_and_the_act_says_so(self, council, mayor, clock):
        administrator = actor("administrator", platform())
        act = sign(delegation(council, mayor), mayor)
        accounts.end_mandate(by=administrator, mandate=mayor.mandate, last_day=TODAY + 3 * DAY)
        act = Act.objects.get(pk=act.pk)
        assert act.last_day == TODAY + 3 * DAY
        clock.shift(4 * DAY)
        assert act.state == Act.State.ENDED
        assert list(Act.objects.in_state(Act.State.ENDED)) == [act]
        assert not actor_of(act.person).signed_in

    def test_a_withdrawn_mandate_closes_it_at_once(self, council, mayor):
        act = sign(delegation(council, mayor), mayor)
        accounts.withdraw_mandate(by=actor("administrator", platform()), mandate=mayor.mandate)
        act = Act.objects.get(pk=act.pk)
        assert act.state == Act.State.ENDED
        assert list(Act.objects.in_state(Act.State.IN_FORCE)) == []

    def test_whoever_gave_it_reports_it_now_or_on_a_day(self, council, mayor):
        now = sign(delegation(council, mayor), mayor)
        actions.end(act=now, on=TODAY, reason="Rapportée", by=mayor)
        assert not actor_of(now.person).signed_in
        later = sign(delegation(council, mayor, person=("b@exemple.invalid", "Bo", "Autre")), mayor)
        actions.end(act=later, on=TODAY + 5 * DAY, reason="Rapportée", by=mayor)
        assert Mandate.objects.get(pk=later.mandate_id).valid_to == TODAY + 5 * DAY
        with pytest.raises(Stale, match="déjà pris fin"):
            actions.end(act=now, on=TODAY, reason="Encore", by=mayor)

    def test_neither_the_delegate_nor_the_coordinator_reports_it(self, council, mayor, coordinator):
        act = sign(delegation(council, mayor, values={"functions": ["chair", "sign"]}), mayor)
        for other in (actor_of(act.person), coordinator):
            with pytest.raises(Refused):
                actions.end(act=act, on=TODAY, reason="Rapportée", by=other)

    def test_its_own_end_bounds_the_mandate(self, council, mayor):
        act = sign(delegation(council, mayor, ends_on=TODAY + 30 * DAY), mayor)
        assert act.mandate.valid_to == TODAY + 30 * DAY

    def test_a_mandate_withdrawn_in_another_tab_signs_nothing(self, council, mayor):
        act = delegation(council, mayor)
        Mandate.objects.filter(pk=mayor.mandate_id).update(withdrawn_at=dt.datetime.now(dt.UTC))
        with pytest.raises(Refused, match="pris fin"):
            sign(act, mayor)
        assert Act.objects.get().signed_on is None

    def test_the_mayor_does_not_delegate_to_themselves(self, council, mayor):
        act = delegation(council, mayor, person=(mayor.person.email, "A", "B"))
        with pytest.raises(Refused, match="ses propres fonctions"):
            sign(act, mayor)


class TestDates:
    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"signed_on": TODAY + DAY}, "à venir"),
            ({"signed_on": TODAY, "in_force_from": TODAY - DAY}, "avant d’être signé"),
            ({"in_force_from": TODAY + 40 * DAY}, "finirait avant"),
        ],
    )
    def test_reversed_dates_are_refused(self, council, mayor, changed, why):
        with pytest.raises(Refused, match=why):
            sign(delegation(council, mayor, ends_on=TODAY + 30 * DAY), mayor, **changed)

    def test_an_act_that_would_already_be_over_is_not_prepared(self, council, mayor):
        with pytest.raises(Refused, match="déjà passé"):
            delegation(council, mayor, ends_on=TODAY - DAY)

    def test_it_does_not_end_before_it_was_signed(self, council, mayor):
        act = sign(delegation(council, mayor), mayor)
        with pytest.raises(Refused, match="avant d’avoir été signé"):
            actions.end(act=act, on=TODAY - DAY, reason="Trop tôt", by=mayor)


class TestAssignment:
    def test_it_is_linked_to_the_coordinator_s_mandate(self, council, coordinator, mayor):
        person = coordinator.person
        act = sign(assignment(council, coordinator, (person.email, person.given_name, person.family_name)), mayor)
        assert act.mandate == coordinator.mandate

    def test_it_opens_one_for_somebody_new(self, council, mayor):
        act = sign(assignment(council, mayor), mayor)
        assert act.mandate.role == "coordinator"
        assert act.mandate.scope_id == council.scope_id

    def test_a_letter_that_replaces_another_keeps_the_mandate_and_ending_the_last_ends_it(self, council, mayor):
        first = sign(assignment(council, mayor), mayor)
        second = sign(assignment(council, mayor, time="deux jours par semaine"), mayor, reference="2026-40")
        first.refresh_from_db()
        assert second.mandate == first.mandate
        assert first.ended_on is not None
        actions.end(act=second, on=TODAY, reason="Départ", by=mayor)
        assert not actor_of(second.person).signed_in


class TestCopy:
    PDF = b"%PDF-1.4\n% invented\n"

    def test_the_signed_copy_is_kept_once_and_read_by_those_who_see_the_act(self, council, mayor, sign_in):
        act = sign(delegation(council, mayor), mayor)
        client = sign_in(mayor)
        address = reverse("governance:act_copy_add", args=[act.pk])
        client.post(address, {"file": SimpleUploadedFile("signe.pdf", self.PDF)})
        assert client.post(address, {"file": SimpleUploadedFile("b.pdf", self.PDF)}).status_code == 403
        member = sign_in(actor("group_member", council.scope))
        assert member.get(reverse("governance:act_copy", args=[act.pk])).content == self.PDF
        stranger = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
        assert stranger.get(reverse("governance:act_copy", args=[act.pk])).status_code == 404

    def test_it_is_not_removed_from_the_council_s_documents(self, council, mayor, sign_in):
        act = sign(delegation(council, mayor), mayor)
        upload = actions.keep_copy(act=act, content=self.PDF, name="a.pdf", content_type="application/pdf", by=mayor)
        client = sign_in(mayor)
        assert client.post(reverse("governance:upload_remove", args=[council.pk, upload.key])).status_code == 403
        assert "a.pdf" not in client.get(reverse("governance:council", args=[council.pk])).content.decode()

    def test_nothing_else_than_a_pdf_or_an_image(self, council, mayor, sign_in):
        act = sign(delegation(council, mayor), mayor)
        response = sign_in(mayor).post(
            reverse("governance:act_copy_add", args=[act.pk]), {"file": SimpleUploadedFile("a.txt", b"signe")}
        )
        assert response.status_code == 422


class TestTabs:
    def test_two_who_change_a_draft_do_not_overwrite_each_other(self, council, mayor, coordinator):
        act = delegation(council, coordinator)
        seen = acts.digest(act)
        draft = Draft({"functions": ["follow"], "person_title": "Adjointe au maire"}, ALIX)
        actions.prepare_again(act=act, seen=seen, draft=draft, by=mayor)
        with pytest.raises(Stale, match="préparé à nouveau"):
            actions.prepare_again(act=act, seen=seen, draft=draft, by=coordinator)

    def test_preparing_again_takes_it_back_from_those_who_sign_and_keeps_opinions(self, council, mayor):
        act = assignment(council, mayor)
        actions.record_opinion(
            line=act.consultations.get(), asked_on=TODAY - DAY, answered_on=TODAY, opinion="favourable", reference="",
            by=mayor,
        )  # fmt: skip
        act = actions.submit(act=act, seen=acts.digest(act), by=mayor)
        draft = Draft({"missions": ["justice"], "person_title": "Agente territoriale"}, ALIX)
        act = actions.prepare_again(act=act, seen=acts.digest(act), draft=draft, by=mayor)
        assert act.state == Act.State.DRAFT
        assert act.consultations.get().opinion == "favourable"

    def test_the_form_of_a_draft_changed_elsewhere_says_so_and_keeps_what_was_typed(self, council, mayor, sign_in):
        act = delegation(council, mayor)
        client = sign_in(mayor)
        address = reverse("governance:act_edit", args=[act.pk])
        typed = {"given_name": "Alix", "family_name": "Déléguée", "email": ALIX[0], "functions": ["sign"],
                 "person_title": "Adjointe au maire", "limits": "Centre-ville", "seen": acts.digest(act)}  # fmt: skip
        assert client.post(address, typed).status_code == 302
        stale = client.post(address, typed)
        assert stale.status_code == 409
        assert "Centre-ville" in stale.content.decode()


class TestInTheDatabase:
    """A signed act is history, whoever asks."""

    @pytest.fixture
    def signed(self, council, mayor):
        return sign(delegation(council, mayor), mayor)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE governance_act SET text = 'autre'",
            "UPDATE governance_act SET values = '{}'",
            "UPDATE governance_act SET person_id = NULL",
            "UPDATE governance_act SET in_force_from = in_force_from + 1",
            "UPDATE governance_act SET signed_on = NULL, in_force_from = NULL, mandate_id = NULL",
            "UPDATE governance_act SET ends_on = '2030-01-01'",
            "DELETE FROM governance_act",
            "UPDATE governance_actsignature SET name = 'autre'",
            "UPDATE governance_actsignature SET signed_on = NULL, name = ''",
            "DELETE FROM governance_actsignature",
            "INSERT INTO governance_actsignature (act_id, rank, capacity, scope_id, personal, name)"
            " SELECT id, 9, 'x', scope_id, false, '' FROM governance_act",
            "INSERT INTO governance_actconsultation (act_id, rank, label, required, opinion, reference)"
            " SELECT id, 9, 'x', true, '', '' FROM governance_act",
        ],
    )
    def test_nothing_of_it_changes(self, signed, statement):
        with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
            sql(statement)

    def test_its_end_is_said_once(self, signed, mayor):
        actions.end(act=signed, on=TODAY, reason="Rapportée", by=mayor)
        with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
            sql("UPDATE governance_act SET ended_on = NULL, end_reason = ''")

    def test_its_mandate_is_forgotten_with_its_holder_and_never_becomes_another(self, signed):
        other = MandateFactory(scope=signed.scope, role="mayor")
        with pytest.raises(DatabaseError, match="cannot change"), transaction.atomic():
            sql(f"UPDATE governance_act SET mandate_id = {other.pk}")
        Mandate.objects.filter(pk=signed.mandate_id).delete()
        assert Act.objects.get(pk=signed.pk).mandate is None

    def test_no_act_begins_signed(self, signed):
        copied = (
            "INSERT INTO governance_act (council_id, scope_id, kind, form, version, title, values, text, reference, "
            "signed_on, signed_by, in_force_from, end_reason, created_at) SELECT council_id, scope_id, kind, form, 99, "
            "title, values, text, reference, signed_on, signed_by, in_force_from, end_reason, created_at "
            "FROM governance_act"
        )
        with pytest.raises(DatabaseError, match="begins as a draft"), transaction.atomic():
            sql(copied)

    def test_no_act_is_signed_while_a_signature_or_a_needed_opinion_is_missing(self, council, mayor):
        act = delegation(council, mayor)
        with pytest.raises(DatabaseError, match="signed by all"), transaction.atomic():
            Act.objects.filter(pk=act.pk).update(signed_on=TODAY, signed_by="x", in_force_from=TODAY)


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def platform():
    from prevenance.domains.accounts.models import Scope

    return Scope.objects.get_or_create(kind=Scope.Kind.PLATFORM, defaults={"label": "Plateforme"})[0]
