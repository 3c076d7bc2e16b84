"""From a spreadsheet to members and decisions, on screen."""

import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from prevenance.core.documents.spreadsheet import read_table
from prevenance.domains.governance.models import Decision, Import, Membership
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db

PASTED = (
    "Nom\tPrénom\tStructure\tCourriel\tQualité\n"
    "EXEMPLE\tAnne\tMission locale d’Ici\tanne@exemple.invalid\tMembre de droit\n"
    "L'INVENTÉ\tBruno\tBailleur\tbruno@exemple.invalid\t\n"
    "SANS-ADRESSE\tChloé\t\t\t\n"
)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def council():
    return CouncilFactory()


@pytest.fixture
def client_of_coordinator(council, sign_in):
    return sign_in(coordinator_of(council))


def start(client, council, subject="membres", **data):
    return client.post(reverse("governance:import_start", args=[council.pk, subject]), data)


def workbook(*rows):
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output)
    sheet = book.add_worksheet("Membres")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return output.getvalue()


def test_a_pasted_list_becomes_members_in_three_screens(council, client_of_coordinator):
    client = client_of_coordinator
    assert client.get(reverse("governance:import_start", args=[council.pk, "membres"])).status_code == 200
    columns = start(client, council, pasted=PASTED)
    assert columns.status_code == 302
    page = client.get(columns.url)
    assert page.context["form"]["column_0"].value() == "family_name"
    assert "anne@exemple.invalid · bruno@exemple.invalid" in text(page)
    chosen = {
        f"column_{n}": name for n, name in enumerate(["family_name", "given_name", "organisation", "email", "quality"])
    }
    preview = client.post(columns.url, chosen)
    assert preview.status_code == 302
    page = client.get(preview.url)
    assert (page.context["good"], page.context["bad"]) == (2, 1)
    assert "Importer les 2 lignes correctes, laisser les autres" in text(page)
    assert "L’adresse électronique manque" in text(page)
    assert client.post(preview.url, {"rows": 2}).status_code == 302
    done = client.get(preview.url)
    assert "2 lignes importées" in text(done)
    assert "1 ligne laissée de côté" in text(done)
    assert client.post(preview.url, {"rows": 2}).status_code == 302
    assert "rien n’a été ajouté une seconde fois" in text(client.get(preview.url))
    assert Membership.objects.count() == 2
    left = client.get(reverse("governance:import_left", args=[council.pk, Import.objects.get().pk]), {"format": "csv"})
    table = read_table(left.content, "lignes.csv")
    assert table.headers[-1] == "À corriger"
    assert table.rows[0][0] == "SANS-ADRESSE"
    assert "Courriel" in table.rows[0][-1]


def test_a_workbook_under_a_title_is_read(council, client_of_coordinator):
    content = workbook(
        ["Liste des membres 2026"], ["Nom", "Prénom", "Mail"], ["EXEMPLE", "Anne", "anne@exemple.invalid"]
    )
    response = start(client_of_coordinator, council, file=SimpleUploadedFile("membres.xlsx", content))
    assert response.status_code == 302
    draft = Import.objects.get()
    assert draft.headers == ["Nom", "Prénom", "Mail"]
    assert draft.rows == [[3, "EXEMPLE", "Anne", "anne@exemple.invalid"]]


def test_open_decisions_come_in(council, client_of_coordinator):
    pasted = "Décision\tPilote\tÉchéance\tSuivi\nOuvrir l'accueil\tMairie\t31/12/2026\ten cours\nVieille\t\t\tfait\n"
    columns = start(client_of_coordinator, council, "decisions", pasted=pasted)
    page = client_of_coordinator.get(columns.url)
    client_of_coordinator.post(
        columns.url, {name: field.value() for name, field in ((b.name, b) for b in page.context["form"])}
    )
    preview = reverse("governance:import_preview", args=[council.pk, Import.objects.get().pk])
    assert "seules les décisions en cours sont reprises" in text(client_of_coordinator.get(preview))
    client_of_coordinator.post(preview, {"rows": 1})
    assert Decision.objects.get().text == "Ouvrir l'accueil"


@pytest.mark.parametrize(
    "data, sentence",
    [
        ({"pasted": ""}, "Collez un tableau, ou choisissez un fichier."),
        ({"pasted": "Nom"}, "Ce tableau est vide"),
        ({"file": SimpleUploadedFile("vide.xlsx", b"")}, "Ce fichier est vide"),
        ({"file": SimpleUploadedFile("photo.png", b"\x89PNG")}, "Ce type de fichier n’est pas accepté ici"),
        ({"file": SimpleUploadedFile("faux.xlsx", b"%PDF-1.4")}, "d’un autre type"),
        ({"pasted": "Nom\tNé(e) le\nEXEMPLE\t12/03/2010"}, "personnes accompagnées"),
    ],
)
def test_what_cannot_be_read_is_said_in_french_and_not_kept(council, client_of_coordinator, data, sentence):
    response = start(client_of_coordinator, council, **{key: rewound(value) for key, value in data.items()})
    assert response.status_code == 422
    assert sentence in text(response)
    assert data.get("pasted", "") in response.content.decode()
    assert not Import.objects.exists()


def rewound(value):
    if hasattr(value, "seek"):
        value.seek(0)
    return value


def test_the_same_meaning_for_two_columns_is_refused_on_screen(council, client_of_coordinator):
    columns = start(client_of_coordinator, council, pasted=PASTED)
    response = client_of_coordinator.post(columns.url, {"column_0": "email", "column_3": "email"})
    assert response.status_code == 422
    assert "choisissez-en une seule" in text(response)
    response = client_of_coordinator.post(columns.url, {"column_0": "family_name"})
    assert "Adresse électronique" in text(response)


def test_a_changed_council_asks_to_read_again(council, client_of_coordinator):
    columns = start(client_of_coordinator, council, pasted=PASTED)
    preview = reverse("governance:import_preview", args=[council.pk, Import.objects.get().pk])
    assert client_of_coordinator.post(preview, {"rows": 7}, follow=True).context["good"] == 2
    assert not Membership.objects.exists()
    assert columns.status_code == 302


def test_a_table_is_discarded_after_one_question(council, client_of_coordinator):
    start(client_of_coordinator, council, pasted=PASTED)
    url = reverse("governance:import_discard", args=[council.pk, Import.objects.get().pk])
    assert "Supprimer ce tableau" in text(client_of_coordinator.get(url))
    assert client_of_coordinator.post(url).status_code == 302
    assert not Import.objects.exists()


def test_nobody_else_finds_the_table(council, client_of_coordinator, sign_in):
    start(client_of_coordinator, council, pasted=PASTED)
    loire = scope_of(territory("departement", "42"))
    council.reaches.create(scope=loire)
    draft = Import.objects.get()
    others = [
        (coordinator_of(CouncilFactory(territory=territory("commune", "42187"))), 404),
        (actor("prefect_office", loire), 404),
        (actor("group_member", council.scope), 404),
    ]
    for who, status in others:
        client = sign_in(who)
        for name in ("import_columns", "import_preview", "import_left", "import_discard"):
            assert client.get(reverse(f"governance:{name}", args=[council.pk, draft.pk])).status_code == status
    assert (
        sign_in(actor("deputy", council.scope))
        .get(reverse("governance:import_preview", args=[council.pk, draft.pk]))
        .status_code
        == 200
    )
