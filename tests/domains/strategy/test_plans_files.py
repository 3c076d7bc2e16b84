"""The whole plan as a file: a table at once, a tagged PDF by a job, erased once its days have passed."""

import datetime as dt
import io
import time

import pypdf
import pytest
import python_calamine
from django.core.files.storage import default_storage
from django.utils import timezone

from prevenance.core.refusals import Refused
from prevenance.domains.strategy import jobs
from prevenance.domains.strategy.actions import documents as document_actions
from prevenance.domains.strategy.models import PlanDocument
from prevenance.domains.strategy.rules import documents as document_rules
from tests.domains.strategy.acts import put_in_force
from tests.domains.strategy.screens import at, text_of
from tests.factories import CouncilFactory, OrganisationFactory, actor, coordinator_of, territory
from tests.factories.strategy import PlanIndicatorFactory, SheetFactory, in_force, write

pytestmark = pytest.mark.django_db

TODAY = dt.date.today()


def full(plan, sheets):
    """A plan in force with that many whole sheets."""
    write(plan, "preamble", "Un préambule d’apparat.")
    lead = OrganisationFactory(name="Mission d’ici")
    for number in range(1, sheets + 1):
        sheet = SheetFactory(
            plan=plan, number=number, title=f"L’action n° {number}", lead=lead, age_from=11, age_to=17, expected=30,
            audiences=["adolescents"],
        )  # fmt: skip
        sheet.steps.create(position=1, label="Réunir les parents", due_on=dt.date(2026, 9, 1))
        sheet.budget.create(year=2026, side="expense", label="Animation", planned=1200)
        write(plan, f"sheet:{number}:problem", "Des élèves décrochent.")
        write(plan, f"sheet:{number}:objective", "Qu’ils raccrochent.")
    in_force(plan)
    followed = PlanIndicatorFactory(indicator__plan=plan, indicator__label="Élèves raccrochés", sheet=sheet)
    followed.target, followed.target_on = 12, dt.date(2027, 12, 31)
    followed.save()
    return plan


def test_the_table_of_sheets_is_made_at_once(plan, mayor, sign_in):
    full(plan, 2)
    client = sign_in(mayor)
    ods = client.get(at("plan_table", plan.pk))
    assert ods["Content-Type"] == "application/vnd.oasis.opendocument.spreadsheet"
    csv = client.get(at("plan_table", plan.pk) + "?format=csv").content.decode()
    for said in (
        "L’action n° 2",
        "Mission d’ici",
        "11 à 17 ans",
        "Qu’ils raccrochent.",
        "1200,00",
        "Élèves raccrochés",
    ):
        assert said in csv
    assert "L’action" not in client.get(at("plan_table", plan.pk) + "?format=csv&le=2020-01-01").content.decode()


def sheets_of(response):
    """{name: rows} of a workbook, read back."""
    book = python_calamine.load_workbook(io.BytesIO(response.content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


@pytest.mark.parametrize("format", ["ods", "xlsx"])
def test_the_workbook_holds_the_text_of_the_day_asked(plan, mayor, sign_in, format):
    last_year, today = TODAY - dt.timedelta(400), TODAY
    kept, changed = write(plan, "preamble", "Chacun s’engage."), write(plan, "priorities", "# Jeunes\n\nLes écouter.")
    write(plan, "sheet:1:problem", "Des élèves décrochent.")
    SheetFactory(plan=plan, number=1, title="Le relais")
    in_force(plan, last_year)
    second = plan.amendments.create(number=1, title="Réponses", prepared_by=plan.created_by)
    base = plan.provisions.get(anchor=changed.anchor)
    second.changes.create(
        kind="replace", anchor=base.anchor, part=base.part, position=base.position, base=base,
        text="# Jeunes\n\nLes écouter. Leur répondre.",
    )  # fmt: skip
    put_in_force(second, mayor, today)

    client, address = sign_in(mayor), at("plan_table", plan.pk) + f"?format={format}"
    now = sheets_of(client.get(address))
    assert list(now) == ["Fiches action", "Texte du plan"]
    assert now["Fiches action"][1][1] == "Le relais"
    assert now["Texte du plan"] == [
        ["Partie", "Paragraphe", "Texte", "Apporté par", "En vigueur depuis le"],
        ["Engagement des partenaires", 1, kept.text, "Texte initial", last_year],
        ["Axes et objectifs", 1, "Jeunes\nLes écouter. Leur répondre.", "Texte initial, Avenant n°\u00a01", today],
    ]
    then = sheets_of(client.get(f"{address}&le={today - dt.timedelta(365)}"))["Texte du plan"]
    assert then[2] == ["Axes et objectifs", 1, "Jeunes\nLes écouter.", "Texte initial", last_year]
    before = sheets_of(client.get(f"{address}&le={last_year - dt.timedelta(1)}"))
    assert [len(rows) for rows in before.values()] == [1, 1]  # headers alone
    page = client.get(at("plan_text", plan.pk) + f"?le={today - dt.timedelta(365)}").content.decode()
    assert f"{at('plan_table', plan.pk)}?le={today - dt.timedelta(365)}" in page


def test_the_workbook_of_a_draft_holds_what_is_written_so_far(plan, mayor, sign_in):
    write(plan, "preamble", "Chacun s’engagerait.")
    (_headers, line) = sheets_of(sign_in(mayor).get(at("plan_table", plan.pk)))["Texte du plan"]
    assert line == ["Engagement des partenaires", 1, "Chacun s’engagerait.", "", ""]


def asked(plan, by, **options):
    document = document_actions.ask_document(plan=plan, on=TODAY, by=by, **options)
    jobs.make_plan_document(document=document.pk, person=by.person_id, mandate=by.mandate_id)
    document.refresh_from_db()
    return document


def words(content):
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def test_the_whole_plan_is_one_tagged_pdf_made_by_a_job(plan, mayor, council, sign_in):
    full(plan, 3)
    client = sign_in(mayor)
    ask = at("plan_document_ask", plan.pk)
    for _click in range(2):
        assert client.post(ask, {"le": TODAY.isoformat()}).status_code == 302
    document = PlanDocument.objects.get()  # a second click finds the first one's
    assert "en attente de son tour" in text_of(client.get(at("plan_documents", plan.pk)))
    part = client.get(at("plan_documents", plan.pk), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "hx-trigger" in part
    told = []
    original = document_actions.note_pages

    def note(**values):
        told.append((values["done"], values["total"]))
        original(**values)

    jobs.document_actions.note_pages, jobs.PAGES_A_NOTE = note, 1
    try:
        jobs.make_plan_document(document=document.pk, person=mayor.person_id, mandate=mayor.mandate_id)
    finally:
        jobs.document_actions.note_pages, jobs.PAGES_A_NOTE = original, 5
    assert told[0] == (0, 5)
    assert [done for done, _total in told] == sorted(done for done, _total in told)
    assert len(told) > 3
    document.refresh_from_db()
    assert document.state == "ready"
    assert document.done == document.total >= 4
    file = client.get(at("plan_document", plan.pk, document.key))
    assert file.content.startswith(b"%PDF")
    reader = pypdf.PdfReader(io.BytesIO(file.content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    said = words(file.content)
    for expected in (
        "Un préambule d’apparat.",
        "Fiche 3. L’action n° 3",
        "Des élèves décrochent.",
        "Mission d’ici",
        "Réunir les parents",
        "1 200,00",
        "Élèves raccrochés",
        "cible 12",
    ):
        assert expected in said, expected
    reader = sign_in(actor("group_member", council.scope))
    assert reader.get(at("plan_document", plan.pk, document.key)).status_code == 200
    stranger = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    assert stranger.get(at("plan_document", plan.pk, document.key)).status_code == 404


SHEETS = 60  # as many as the longest plans hold


def test_a_plan_of_sixty_sheets_is_printed_whole(plan, mayor, record_property):
    full(plan, SHEETS)
    began = time.perf_counter()
    document = asked(plan, mayor)
    seconds = round(time.perf_counter() - began, 1)
    with default_storage.open(document_rules.place_of(document)) as file:
        content = file.read()
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert document.state == "ready"
    assert document.done == document.total == len(reader.pages)
    # Each sheet begins a page of its own, in order, and is found from the outline as from the text.
    said = [" ".join(page.extract_text().split()) for page in reader.pages]
    titles = [f"Fiche {number}. L’action n° {number}" for number in range(1, SHEETS + 1)]
    first = {title: next(place for place, text in enumerate(said) if f"{title} " in text) for title in titles}
    assert sorted(set(first.values())) == list(first.values())
    assert SHEETS < len(reader.pages) <= 2 * SHEETS + 2
    outline = [entry.title for entry in flat(reader.outline)]
    assert [title for title in outline if title.startswith("Fiche ")] == titles
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert all("/StructParents" in page for page in reader.pages)
    record_property("seconds", seconds)  # told, never judged: it depends on the machine
    print(f"{SHEETS} fiches, {len(reader.pages)} pages, {len(content) // 1024} Kio : {seconds} s")  # noqa: T201


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def test_a_few_files_at_a_time_of_days_when_it_was_in_force(plan, mayor, sign_in):
    in_force(plan, TODAY - dt.timedelta(9))
    for days, said in ((10, "choisissez une date qui suit"), (-1, "à venir")):
        with pytest.raises(Refused, match=said):
            document_actions.ask_document(plan=plan, on=TODAY - dt.timedelta(days), by=mayor)
    client = sign_in(mayor)
    for days in range(5):
        client.post(at("plan_document_ask", plan.pk), {"le": (TODAY - dt.timedelta(days)).isoformat()})
    assert PlanDocument.objects.filter(state="waiting").count() == document_rules.AT_ONCE
    assert "attendez que l’un soit prêt" in text_of(client.get(at("plan_documents", plan.pk)))


def test_the_table_of_a_draft_shows_what_is_written_so_far(plan, mayor, sign_in):
    SheetFactory(plan=plan, title="L’ébauche")
    assert "L’ébauche" in sign_in(mayor).get(at("plan_table", plan.pk) + "?format=csv").content.decode()


def test_what_a_draft_would_make_is_for_those_who_hold_the_plan(plan, mayor, council, sign_in):
    write(plan, "preamble", "Un projet de préambule.")
    first = plan.amendments.get()
    with pytest.raises(Refused, match="pas encore en vigueur"):
        document_actions.ask_document(plan=plan, on=TODAY, by=mayor)
    document = asked(plan, mayor, amendment=first)
    with default_storage.open(document_rules.place_of(document)) as file:
        said = words(file.read())
    assert "Un projet de préambule." in said
    assert "n’a pas pris effet" in said
    in_force(plan)
    reader = actor("group_member", council.scope)
    assert not PlanDocument.objects.visible_to(reader).exists()
    with pytest.raises(Refused, match="ce qui est en préparation"):
        document_actions.ask_document(plan=plan, on=TODAY, amendment=first, by=reader)


def test_a_mandate_that_ended_gets_nothing_and_the_screen_says_so(plan, mayor, sign_in):
    in_force(plan)
    document = document_actions.ask_document(plan=plan, on=TODAY, by=mayor)
    mayor.mandate.valid_to = TODAY - dt.timedelta(1)
    mayor.mandate.save()
    with pytest.raises(Refused):
        jobs.make_plan_document(document=document.pk, person=mayor.person_id, mandate=mayor.mandate_id)
    document.refresh_from_db()
    assert document.state == "failed"
    other = sign_in(actor("mayor", plan.scope))
    assert "interrompu" in text_of(other.get(at("plan_documents", plan.pk)))


def test_files_are_erased_once_their_days_have_passed(plan, mayor):
    in_force(plan)
    document = asked(plan, mayor)
    jobs.erase_plan_documents(timestamp=0)
    assert default_storage.exists(document_rules.place_of(document))
    document.finished_at -= dt.timedelta(days=9)
    document.save()
    jobs.erase_plan_documents(timestamp=0)
    assert not default_storage.exists(document_rules.place_of(document))
    document.refresh_from_db()
    assert document.state == "erased"


def test_a_file_that_nobody_makes_any_more_is_given_up_and_asked_again(plan, mayor):
    in_force(plan)
    stopped = document_actions.ask_document(plan=plan, on=TODAY, by=mayor)
    assert document_actions.ask_document(plan=plan, on=TODAY, by=mayor) == stopped
    jobs.erase_plan_documents(timestamp=0)
    stopped.refresh_from_db()
    assert stopped.state == "waiting"
    PlanDocument.objects.update(requested_at=timezone.now() - dt.timedelta(days=2))
    jobs.erase_plan_documents(timestamp=0)
    stopped.refresh_from_db()
    assert stopped.state == "failed"
    assert document_actions.ask_document(plan=plan, on=TODAY, by=mayor) != stopped
