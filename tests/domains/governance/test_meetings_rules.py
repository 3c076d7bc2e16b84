"""When a meeting may change and by whom: the table of states, and a sentence for each refusal."""

import datetime as dt

import pytest
from django.utils import timezone

from prevenance.core.refusals import Refused, reason
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.governance.actions import agenda, convocations, meetings
from prevenance.domains.governance.models import AgendaItem, Meeting
from prevenance.domains.governance.rules import meetings as rules
from prevenance.domains.governance.rules.councils import Stale
from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db
State = Meeting.State


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("to", State.values)
def test_only_the_table_of_states_is_followed(state, to):
    allowed = {
        ("draft", "convened"), ("draft", "cancelled"), ("convened", "held"), ("convened", "cancelled"),
        ("held", "approved"),
    }  # fmt: skip
    said = reason(rules.check_transition, Meeting(state=state), to)
    assert (said == "") == ((state, to) in allowed)


def test_every_state_of_the_table_says_why_it_forbids():
    sentences = {rules.in_state(Meeting(state=state)) for state in State.values}
    assert len(sentences) == len(State.values)
    assert all(sentence.endswith(".") for sentence in sentences)


def change(meeting, **fields):
    Meeting.objects.filter(pk=meeting.pk).update(**fields)
    meeting.refresh_from_db()
    return meeting


def test_convening_says_what_is_missing_one_thing_at_a_time():
    ours = CouncilThatMeets()
    meeting = ours.prepared(items=0)
    yesterday = timezone.now() - dt.timedelta(days=1)
    refusal = lambda: reason(rules.check_can_convene, meeting, ours.coordinator)  # noqa: E731
    change(meeting, place="", starts_at=yesterday, ends_at=yesterday + dt.timedelta(hours=1))
    assert refusal() == "La date de la réunion est passée\u00a0: choisissez-en une à venir avant de convoquer."
    later = timezone.now() + dt.timedelta(days=2)
    change(meeting, starts_at=later, ends_at=later + dt.timedelta(hours=1))
    assert refusal() == "Le lieu manque\u00a0: indiquez-le avant de convoquer."
    change(meeting, place="Mairie")
    assert refusal() == "L’ordre du jour est vide\u00a0: ajoutez au moins un point avant de convoquer."
    agenda.add_item(meeting=meeting, kind="debate", title="Bilan", by=ours.coordinator)
    assert refusal() == ""
    for member in ours.members:
        member.valid_to = dt.date(2025, 1, 1)
        member.save()
    assert refusal() == "Cette formation n’a aucun membre à cette date\u00a0: ajoutez des membres avant de convoquer."


def test_members_whom_no_mail_reaches_do_not_make_a_convocation():
    ours = CouncilThatMeets()
    meeting = ours.prepared()
    for member in ours.members[1:]:
        member.delete()
    type(ours.person(0)).objects.filter(pk=ours.person(0).pk).update(email="")
    assert "Aucun membre n’a d’adresse électronique" in reason(rules.check_can_convene, meeting, ours.coordinator)


def test_a_meeting_is_not_declared_held_before_it_begins():
    ours = CouncilThatMeets()
    meeting = ours.convened()
    with pytest.raises(Refused) as refused:
        meetings.declare_held(meeting=meeting, by=ours.coordinator)
    assert refused.value.reason.startswith("La réunion commence le ")


def test_a_second_convocation_is_stale():
    ours = CouncilThatMeets()
    meeting = ours.convened()
    with pytest.raises(Stale):
        convocations.convene(meeting=meeting, by=ours.coordinator)


def test_what_took_place_is_not_rewritten():
    ours = CouncilThatMeets()
    meeting = ours.held()
    with pytest.raises(Refused) as refused:
        agenda.add_item(meeting=meeting, kind="debate", title="Après coup", by=ours.coordinator)
    assert refused.value.reason == rules.in_state(meeting)


def own(role, council):
    """An actor of `role` in the council's own surroundings."""
    scopes = ROLES[role].scopes
    if "council" in scopes:
        return actor(role, council.scope)
    kind, code = ("commune", "42218") if "commune" in scopes else ("departement", "42")
    if "departement" in scopes and "commune" not in scopes:
        return actor(role, scope_of(territory("departement", "42")))
    if scopes == {"nation"}:
        return actor(role, scope_of(territory("nation", "FR")))
    if scopes == {"epci"}:
        return actor(role, scope_of(territory("epci", "244200770")))
    return actor(role, scope_of(territory(kind, code)))


HOLDERS = {"coordinator", "deputy", "mayor"}


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"referent", "administrator"}))
def test_only_those_who_hold_the_council_prepare_its_meetings(role):
    around = [scope_of(territory(*place)) for place in (("departement", "42"), ("nation", "FR"), ("epci", "244200770"))]
    ours = CouncilThatMeets(surroundings=around)
    who = own(role, ours.council)
    meeting = ours.prepared()
    allowed = reason(rules.check_can_prepare, meeting, who) == ""
    assert allowed == (role in HOLDERS)
    seen = Meeting.objects.visible_to(who).filter(pk=meeting.pk).exists()
    assert seen == (role in HOLDERS), "a draft is seen by those who hold the council only"


@pytest.mark.parametrize(
    "act", ["check_can_prepare", "check_can_convene", "check_can_cancel", "check_can_take_attendance"]
)
def test_a_coordinator_of_elsewhere_is_refused_every_act(act):
    ours = CouncilThatMeets()
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    said = reason(getattr(rules, act), ours.prepared(), stranger)
    assert said == "Seules la coordination et la présidence de ce conseil peuvent le modifier."


def test_the_president_of_the_epci_reaches_a_communes_council_without_holding_it():
    ours = CouncilThatMeets(surroundings=[scope_of(territory("epci", "244200770"))])
    president = actor("epci_president", scope_of(territory("epci", "244200770")))
    convened = ours.convened()
    assert Meeting.objects.visible_to(president).filter(pk=convened.pk).exists()
    assert reason(rules.check_can_prepare, convened, president)
    assert not Meeting.objects.visible_to(president).filter(pk=ours.prepared().pk).exists()


# --------------------------------------------------------------------------------------------------- agenda


def titles(meeting):
    return [item.title for item in meeting.items.all()]


def test_points_move_by_buttons_and_stay_numbered_without_holes():
    ours = CouncilThatMeets()
    meeting = ours.prepared(items=4)
    first, second, third, fourth = meeting.items.all()
    agenda.move_item(item=fourth, up=True, by=ours.coordinator)
    agenda.move_item(item=first, up=True, by=ours.coordinator)
    assert titles(meeting) == [first.title, second.title, fourth.title, third.title]
    agenda.remove_item(item=second, by=ours.coordinator)
    assert list(meeting.items.values_list("position", flat=True)) == [1, 2, 3]
    assert titles(meeting) == [first.title, fourth.title, third.title]


def test_a_stale_tab_gets_its_text_beside_the_present_one(sign_in):
    ours = CouncilThatMeets()
    meeting = ours.prepared()
    item = meeting.items.first()
    client = sign_in(ours.coordinator)
    address = f"/conseils/reunions/{meeting.pk}/points/{item.pk}/"
    seen = client.get(address).context["form"]["seen"].value()
    client.post(address, {"title": "Écrit dans un autre onglet", "kind": "debate", "seen": seen})
    response = client.post(address, {"title": "Écrit ici", "kind": "debate", "seen": seen})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Écrit dans un autre onglet" in page
    assert 'value="Écrit ici"' in page
    assert AgendaItem.objects.get(pk=item.pk).title == "Écrit dans un autre onglet"
    again = {"title": "Les deux réunis", "kind": "debate", "seen": response.context["form"]["seen"].value()}
    assert client.post(address, again).status_code == 302
    assert AgendaItem.objects.get(pk=item.pk).title == "Les deux réunis"


def test_a_stale_form_of_the_meeting_loses_nothing_either(sign_in):
    ours = CouncilThatMeets()
    meeting = ours.prepared()
    client = sign_in(ours.coordinator)
    address = f"/conseils/reunions/{meeting.pk}/modifier/"
    form = client.get(address).context["form"]
    typed = {name: form[name].value() for name in ("title", "day", "start", "end", "place", "version")}
    client.post(address, typed | {"place": "Préau"})
    response = client.post(address, typed | {"place": "Gymnase"})
    assert response.status_code == 409
    assert "Préau" in response.content.decode()
    assert 'value="Gymnase"' in response.content.decode()
    meeting.refresh_from_db()
    assert meeting.place == "Préau"
    final = typed | {"place": "Gymnase", "version": response.context["form"]["version"].value()}
    assert client.post(address, final).status_code == 302


def test_open_decisions_come_back_as_points_once(sign_in):
    ours = CouncilThatMeets()
    decision = ours.approved().decisions.get()
    meeting = ours.prepared(items=0)
    client = sign_in(ours.coordinator)
    address = f"/conseils/reunions/{meeting.pk}/ordre-du-jour/reprendre/"
    assert "Éclairer le passage inventé." in client.get(address).content.decode()
    client.post(address, {"decisions": [decision.pk]})
    client.post(address, {"decisions": [decision.pk]})
    assert titles(meeting) == [f"Suivi de la décision {decision.number}\u00a0: Éclairer le passage inventé."]
    assert meeting.items.get().presenter == ours.person(0).name


def test_a_decision_of_elsewhere_cannot_be_carried_over():
    ours, theirs = CouncilThatMeets(), CouncilThatMeets(territory=territory("commune", "42187"))
    decision = theirs.approved().decisions.get()
    with pytest.raises(Refused):
        agenda.carry_over(meeting=ours.prepared(), decisions=[decision], by=ours.coordinator)
