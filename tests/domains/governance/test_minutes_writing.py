"""Minutes written from the agenda: saved as they are typed, and never one text over another."""

import pytest

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import minutes as actions
from prevenance.domains.governance.models import Minutes
from prevenance.domains.governance.rules.meetings import Changed
from tests.domains.governance.council_that_meets import CouncilThatMeets

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    ours = CouncilThatMeets()
    return ours, actions.start_minutes(meeting=ours.held(), by=ours.coordinator)


def autosave(client, minutes, part, text, edit):
    address = f"/conseils/comptes-rendus/{minutes.pk}/enregistrer/"
    return client.post(address, {"part": part, "text": text, "edit": edit})


def test_minutes_start_with_the_points_of_the_agenda(draft):
    _ours, minutes = draft
    assert [s.title for s in minutes.sections.all()] == ["Point inventé 1", "Point inventé 2"]
    assert [s.item.title for s in minutes.sections.all()] == ["Point inventé 1", "Point inventé 2"]


def test_opening_twice_leads_to_the_same_minutes(draft, sign_in):
    ours, minutes = draft
    response = sign_in(ours.coordinator).post(f"/conseils/reunions/{minutes.meeting_id}/compte-rendu/")
    assert response.url == f"/conseils/comptes-rendus/{minutes.pk}/ecrire/"
    assert Minutes.objects.count() == 1


def test_a_part_is_saved_and_says_when(draft, sign_in):
    ours, minutes = draft
    section = minutes.sections.first()
    response = autosave(sign_in(ours.coordinator), minutes, f"section-{section.pk}", "Une phrase.\r\nUne autre.", 1)
    assert response.json()["edit"] == 2
    assert response.json()["saved"].startswith("Enregistré à ")
    section.refresh_from_db()
    assert section.text == "Une phrase.\nUne autre."


def test_a_text_saved_from_another_tab_is_given_back_and_kept(draft, sign_in):
    ours, minutes = draft
    part = f"section-{minutes.sections.first().pk}"
    client = sign_in(ours.coordinator)
    autosave(client, minutes, part, "Écrit ailleurs.", 1)
    response = autosave(client, minutes, part, "Écrit ici.", 1)
    assert response.status_code == 409
    assert response.json() == {"edit": 2, "text": "Écrit ailleurs."}
    assert minutes.sections.first().text == "Écrit ailleurs."
    assert autosave(client, minutes, part, "Les deux.", 2).json()["edit"] == 3


def test_the_same_text_twice_is_no_conflict(draft, sign_in):
    ours, minutes = draft
    client = sign_in(ours.coordinator)
    autosave(client, minutes, "opening", "La séance est ouverte.", 1)
    assert autosave(client, minutes, "opening", "La séance est ouverte.", 1).json()["edit"] == 2


def test_without_script_a_stale_page_shows_both_texts_and_saves_nothing(draft, sign_in):
    ours, minutes = draft
    section = minutes.sections.first()
    part = f"section-{section.pk}"
    client = sign_in(ours.coordinator)
    autosave(client, minutes, part, "Écrit ailleurs.", 1)
    typed = {f"text-{part}": "Écrit ici.", f"edit-{part}": 1, "text-opening": "Ouverture typée.", "edit-opening": 1}
    response = client.post(f"/conseils/comptes-rendus/{minutes.pk}/ecrire/", typed)
    page = response.content.decode()
    assert response.status_code == 409
    for words in ("Écrit ici.", "Écrit ailleurs.", "Ouverture typée."):
        assert words in page
    minutes.refresh_from_db()
    assert minutes.opening == ""
    typed[f"edit-{part}"] = 2
    assert client.post(f"/conseils/comptes-rendus/{minutes.pk}/ecrire/", typed).status_code == 302
    section.refresh_from_db()
    assert section.text == "Écrit ici."


@pytest.mark.parametrize(
    ("then", "end"),
    [
        ("", "ecrire/"),
        ("read", "/"),
        ("section", "parties/ajouter/"),
        ("attendance", "presences/"),
        ("nimporte:1", "ecrire/"),
    ],
)
def test_the_button_saves_before_it_leads_away(draft, sign_in, then, end):
    ours, minutes = draft
    typed = {"text-closing": "La séance est levée.", "edit-closing": 1, "then": then}
    response = sign_in(ours.coordinator).post(f"/conseils/comptes-rendus/{minutes.pk}/ecrire/", typed)
    assert response.url.endswith(end)
    minutes.refresh_from_db()
    assert minutes.closing == "La séance est levée."


def test_a_part_of_other_minutes_cannot_be_written_through_these(draft):
    ours, minutes = draft
    others = actions.start_minutes(meeting=ours.held(), by=ours.coordinator)
    part = f"section-{others.sections.first().pk}"
    with pytest.raises(Refused):
        actions.save_texts(minutes=minutes, texts={part: (1, "Ailleurs.")}, by=ours.coordinator)
    assert others.sections.first().text == ""


@pytest.mark.parametrize("part", ["opening", "closing", "sections", "section-", "section-x", "approved_at"])
def test_only_parts_of_the_text_are_saved(draft, sign_in, part):
    ours, minutes = draft
    response = autosave(sign_in(ours.coordinator), minutes, part, "Texte.", 1)
    assert response.status_code == (200 if part in ("opening", "closing") else 422)


def test_all_or_nothing_when_several_parts_are_sent(draft):
    ours, minutes = draft
    first, second = (f"section-{s.pk}" for s in minutes.sections.all())
    actions.save_texts(minutes=minutes, texts={second: (1, "Déjà là.")}, by=ours.coordinator)
    with pytest.raises(Changed) as changed:
        actions.save_texts(minutes=minutes, texts={first: (1, "A"), second: (1, "B")}, by=ours.coordinator)
    assert changed.value.current == {second: (2, "Déjà là.")}
    assert [s.text for s in minutes.sections.all()] == ["", "Déjà là."]


def test_a_point_that_came_up_is_added_and_an_empty_one_taken_out(draft, sign_in):
    ours, minutes = draft
    client = sign_in(ours.coordinator)
    client.post(f"/conseils/comptes-rendus/{minutes.pk}/parties/ajouter/", {"title": "Question diverse"})
    section = minutes.sections.last()
    assert (section.title, section.position) == ("Question diverse", 3)
    autosave(client, minutes, f"section-{section.pk}", "Une réponse.", 1)
    remove = f"/conseils/comptes-rendus/{minutes.pk}/parties/{section.pk}/retirer/"
    assert client.post(remove).status_code == 403
    autosave(client, minutes, f"section-{section.pk}", "", 2)
    assert client.post(remove).status_code == 302
    assert minutes.sections.count() == 2


def test_a_stranger_and_a_member_do_not_see_a_draft(draft, sign_in):
    from tests.factories import CouncilFactory, actor, coordinator_of, territory

    ours, minutes = draft
    stranger = coordinator_of(CouncilFactory(territory=territory("commune", "42187")))
    member = actor("group_member", ours.council.scope)
    for who in (stranger, member):
        client = sign_in(who)
        for address in ("", "ecrire/", "compte-rendu.pdf"):
            assert client.get(f"/conseils/comptes-rendus/{minutes.pk}/{address}").status_code == 404
        assert autosave(client, minutes, "opening", "Texte.", 1).status_code == 404
