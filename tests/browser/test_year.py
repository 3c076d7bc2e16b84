"""The coordinator's year: its calendar proposed and prepared, a meeting put off, one's own calendar, the record."""

import datetime as dt
import re

import icalendar
import pytest
from playwright.sync_api import expect

from tests.browser import council
from tests.browser.conftest import enter_as, new_page
from tests.browser.hands import Mouse
from tests.browser.looks import check_look

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def page(chromium, own_server, viewport):
    page = new_page(chromium, own_server, viewport)
    yield page
    page.context.close()
    assert page.watch.real_problems() == []


def test_a_year_is_prepared_in_one_go_a_meeting_put_off_and_followed_in_ones_own_calendar(page, own_server):
    council.enter(Mouse(page), "coordinator")
    council.open_council(Mouse(page))
    page.get_by_role("link", name="Proposer le calendrier de l’année").click()
    year = dt.date.today().year + 1
    page.goto(f"{page.url.split('?')[0]}?annee={year}")
    check_look(page)
    proposed = page.get_by_label("Préparer cette réunion")
    total = proposed.count()
    assert total > 3
    proposed.last.uncheck(force=True)
    place = page.get_by_label("Lieu").first
    place.fill("Salle d’à côté")
    page.get_by_role("button", name="Préparer les réunions cochées").click()
    page.get_by_text(f"{total - 1} réunions sont préparées").wait_for()
    check_look(page)
    page.get_by_role("link", name="Voir mes réunions dans mon agenda").click()
    page.get_by_role("button", name="Créer mon adresse").click()
    address = page.locator("#adresse").input_value()
    check_look(page)
    events = icalendar.Calendar.from_ical(page.request.get(address).body()).walk("VEVENT")
    assert events
    assert not [event for event in events if event["dtstart"].dt.year > year]

    page.goto("/conseils/reunions/?etat=convened")
    page.locator("table tbody th a").first.click()
    meeting = page.url
    uid = icalendar.Calendar.from_ical(page.request.get(f"{meeting}reunion.ics").body()).walk("VEVENT")[0]["uid"]
    page.get_by_role("link", name="Reporter la réunion").click()
    later = dt.date.today() + dt.timedelta(days=60)
    page.get_by_label("Motif du report").fill("Salle indisponible")
    page.get_by_label("Nouveau jour").fill(later.isoformat())
    check_look(page)
    page.get_by_role("button", name="Reporter et prévenir les membres").click()
    page.get_by_text("La réunion est reportée").wait_for()
    expect(page.get_by_text("Motif : Salle indisponible")).to_be_visible()
    check_look(page)
    own_server.run_jobs()
    told = [mail for mail in own_server.mails() if mail["Subject"].strip().startswith("Réunion reportée")]
    assert told
    assert "Salle indisponible" in told[0].get_body(("plain",)).get_content()
    followed = icalendar.Calendar.from_ical(page.request.get(address).body()).walk("VEVENT")
    (moved,) = [event for event in followed if event["uid"] == uid]
    assert moved["dtstart"].dt.date() == later


def test_the_record_of_a_year_is_read_and_printed(page):
    enter_as(page, "prefect_office")
    page.goto("/conseils/")
    page.get_by_role("link", name="CLSPD de Saint-Chamond").first.click()
    page.get_by_role("link", name="Relevé des décisions").click()
    check_look(page)
    page.get_by_text("Exporter cette liste").click()
    link = page.get_by_role("link", name=re.compile("^PDF"))
    assert page.request.get(page.url.split("?")[0] + link.get_attribute("href")).body().startswith(b"%PDF")
