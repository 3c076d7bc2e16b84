"""The composition act: prepared from the members, printed, declared signed, then closed to change."""

import datetime as dt

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions.compositions import prepare_composition, sign_composition
from prevenance.domains.governance.models import CompositionAct
from prevenance.domains.governance.rules.compositions import digest
from prevenance.domains.governance.rules.councils import Stale
from tests.factories import (
    CouncilFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    actor,
    coordinator_of,
    scope_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def council():
    council = CouncilFactory()
    body = council.bodies.get()
    chair = PersonFactory(given_name="Ève", family_name="L’Élue")
    MembershipFactory(body=body, quality="chair", title="Maire", person=chair)
    MembershipFactory(
        body=body, title="Directrice", person=PersonFactory(given_name="Anne", family_name="Exemple"),
        organisation=OrganisationFactory(name="Mission locale d’Ici"),
    )  # fmt: skip
    MembershipFactory(body=body, person=PersonFactory(family_name="Partie"), valid_to=dt.date(2024, 2, 1))
    return council


@pytest.fixture
def mayor(council):
    return actor("mayor", scope_of(council.territory))


def sign(act, by, **changed):
    values = {"reference": "2026-12", "signed_on": dt.date(2026, 2, 1), "signed_by": "Ève L’Élue, maire",
              "in_force_from": dt.date(2026, 2, 2), "seen": digest(act)}  # fmt: skip
    return sign_composition(act=act, by=by, **(values | changed))


def test_the_text_names_today_s_members_by_quality(council):
    act = prepare_composition(council=council, by=coordinator_of(council))
    lines = [line.replace("\u00a0", " ") for line in act.text.splitlines()]
    assert lines[0] == "# Arrêté fixant la composition du CLSPD de Saint-Étienne"
    assert lines.index("Présidence :") < lines.index("- Ève L’Élue, Maire") < lines.index("Membres désignés :")
    assert "- Anne Exemple, Directrice, Mission locale d’Ici" in lines
    assert any("L. 132-4" in line for line in lines)
    assert "Partie" not in act.text


def test_preparing_again_rewrites_the_draft_and_after_signature_makes_a_new_version(council, mayor):
    first = prepare_composition(council=council, by=mayor)
    assert prepare_composition(council=council, by=mayor).pk == first.pk
    sign(CompositionAct.objects.get(), mayor)
    assert prepare_composition(council=council, by=mayor).version == 2
    assert CompositionAct.objects.get(version=1).signed_by == "Ève L’Élue, maire"


def test_the_coordinator_prepares_and_the_presidency_signs(council, mayor):
    coordinator = coordinator_of(council)
    act = prepare_composition(council=council, by=coordinator)
    with pytest.raises(Refused, match="présidence"):
        sign(act, coordinator)
    assert sign(act, mayor).in_force_from == dt.date(2026, 2, 2)


def test_a_text_prepared_again_meanwhile_is_not_signed_unread(council, mayor):
    act = prepare_composition(council=council, by=mayor)
    seen = digest(act)
    MembershipFactory(body=council.bodies.get())
    prepare_composition(council=council, by=mayor)
    with pytest.raises(Stale, match="relisez-le"):
        sign(act, mayor, seen=seen)


def test_a_signed_act_changes_neither_by_the_rule_nor_by_sql(council, mayor):
    act = sign(prepare_composition(council=council, by=mayor), mayor)
    with pytest.raises(Stale, match="déjà signé"):
        sign(act, mayor)
    for statement in ("UPDATE governance_compositionact SET text = 'autre'", "DELETE FROM governance_compositionact"):
        with (
            pytest.raises(ProgrammingError, match="cannot change"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_act_on_screen_and_as_a_tagged_pdf(council, mayor, sign_in):
    client = sign_in(mayor)
    prepared = client.post(reverse("governance:composition_prepare", args=[council.pk]))
    assert prepared.status_code == 302
    page = client.get(prepared.url)
    assert "Anne Exemple, Directrice" in page.content.decode()
    pdf = client.get(reverse("governance:composition_pdf", args=[council.pk, 1]))
    assert pdf["Content-Type"] == "application/pdf"
    import io

    reader = PdfReader(io.BytesIO(pdf.content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    words = " ".join(page.extract_text() for page in reader.pages)
    assert "Anne Exemple" in words
    assert "projet" in words
    signed = client.post(
        prepared.url,
        {
            "reference": "A-1",
            "signed_on": "2026-02-01",
            "signed_by": "Le maire",
            "seen": page.context["form"]["seen"].value(),
        },
    )
    assert signed.status_code == 302
    assert CompositionAct.objects.get().in_force_from == dt.date(2026, 2, 1)


def test_a_future_signature_or_none_is_told_beside_its_field(council, mayor, sign_in):
    client = sign_in(mayor)
    prepare_composition(council=council, by=mayor)
    url = reverse("governance:composition", args=[council.pk, 1])
    seen = client.get(url).context["form"]["seen"].value()
    response = client.post(url, {"reference": "", "signed_on": "2999-01-01", "signed_by": "Le maire", "seen": seen})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"reference", "signed_on"}
    assert CompositionAct.objects.get().signed_on is None


def test_members_see_signed_acts_only(council, mayor, sign_in):
    act = prepare_composition(council=council, by=mayor)
    member = sign_in(actor("group_member", council.scope))
    url = reverse("governance:composition", args=[council.pk, 1])
    assert member.get(url).status_code == 404
    sign(act, mayor)
    assert member.get(url).status_code == 200
    assert member.post(url, {}).status_code == 403
    assert member.post(reverse("governance:composition_prepare", args=[council.pk])).status_code == 403
