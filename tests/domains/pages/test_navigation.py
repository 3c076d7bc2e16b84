"""The main menu says under which entry a page is, wherever its address leads."""

import re

import pytest

from tests.domains.governance.council_that_meets import CouncilThatMeets
from tests.factories.strategy import PlanFactory

pytestmark = pytest.mark.django_db


def current(client, address):
    """Labels marked as current in the main menu."""
    page = client.get(address).content.decode()
    menu = re.search(r'<nav[^>]*aria-label="Menu principal".*?</nav>', page, re.DOTALL)[0]
    return re.findall(r'aria-current="page">([^<]+)</a>', menu)


def test_each_page_is_under_one_entry(sign_in):
    ours = CouncilThatMeets()
    draft = ours.written()
    council, section, decision = ours.council.pk, draft.sections.first().pk, draft.decisions.get().pk
    plan = PlanFactory(council=ours.council, territory=ours.council.territory, scope=ours.council.scope.holder).pk
    client = sign_in(ours.coordinator)
    for address, entry in (
        ("/ma-journee/", "Ma journée"),
        ("/conseils/", "Conseils"),
        (f"/conseils/{council}/", "Conseils"),
        (f"/conseils/{council}/membres/", "Conseils"),
        (f"/conseils/{council}/reunions/preparer/", "Réunions"),
        ("/conseils/reunions/", "Réunions"),
        (f"/conseils/reunions/{draft.meeting_id}/", "Réunions"),
        (f"/conseils/comptes-rendus/{draft.pk}/", "Réunions"),
        (f"/conseils/comptes-rendus/{draft.pk}/ecrire/", "Réunions"),
        (f"/conseils/comptes-rendus/{draft.pk}/parties/ajouter/", "Réunions"),
        (f"/conseils/comptes-rendus/{draft.pk}/parties/{section}/decider/", "Réunions"),
        ("/conseils/decisions/", "Décisions"),
        (f"/conseils/decisions/{decision}/", "Décisions"),
        ("/annuaire/orienter/", "Annuaire"),
        ("/annuaire/orientations/", "Annuaire"),
        ("/aide/sans-reponse/", "Annuaire"),
        ("/territoires/commune/42218/", "Territoires"),
        ("/plans/", "Plans"),
        ("/plans/mes-fiches/", "Plans"),
        ("/mesures/34/", "Mesures"),
        ("/outils/", "Mesures"),
        ("/indicateurs/", "Mesures"),
        (f"/plans/{plan}/indicateurs/", "Plans"),
        (f"/plans/{plan}/indicateurs/definir/", "Plans"),
    ):
        assert current(client, address) == [entry], address


def test_the_account_is_under_no_entry(sign_in):
    assert current(sign_in(CouncilThatMeets().coordinator), "/compte/donnees/") == []
