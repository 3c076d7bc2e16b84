"""The composition act: prepared from the members, printed, declared signed, then closed to change."""

import datetime as dt
import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import acts as actions
from prevenance.domains.governance.models import Act
from prevenance.domains.governance.rules.act_forms import composition_key
from prevenance.domains.governance.rules.acts import digest
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


def prepare(council, by):
    return actions.prepare(key="composition-commune", scope=council.scope.holder, council=council, by=by)


def sign(act, by, **changed):
    values = {"reference": "2026-12", "signed_on": dt.date(2026, 2, 1), "name": "Ève L’Élue, maire",
              "in_force_from": dt.date(2026, 2, 2), "seen": digest(act)}  # fmt: skip
    return actions.declare_signature(signature=act.signatures.get(), by=by, **(values | changed))


def test_the_text_names_today_s_members_by_quality(council):
    act = prepare(council, coordinator_of(council))
    lines = [line.replace("\u00a0", " ") for line in act.text.splitlines()]
    assert lines[0] == "# Arrêté fixant la composition du CLSPD de Saint-Étienne"
    assert lines.index("Présidence :") < lines.index("- Ève L’Élue, Maire") < lines.index("Membres désignés :")
    assert "- Anne Exemple, Directrice, Mission locale d’Ici" in lines
    assert any("L. 132-4" in line for line in lines)
    assert "Partie" not in act.text


def test_preparing_again_rewrites_the_draft_and_after_signature_makes_a_new_version(council, mayor):
    first = prepare(council, mayor)
    assert prepare(council, mayor).pk == first.pk
    sign(Act.objects.get(), mayor)
    assert prepare(council, mayor).version == 2
    assert Act.objects.get(version=1).signed_by == "Ève L’Élue, maire"


def test_signing_a_version_ends_the_one_before_the_day_before(council, mayor):
    first = sign(prepare(council, mayor), mayor)
    second = prepare(council, mayor)
    sign(second, mayor, signed_on=dt.date(2026, 3, 1), in_force_from=dt.date(2026, 3, 10), reference="2026-40")
    first.refresh_from_db()
    assert first.ended_on == dt.date(2026, 3, 9)
    assert "2026-40" in first.end_reason


def test_the_coordinator_prepares_and_the_presidency_signs(council, mayor):
    coordinator = coordinator_of(council)
    act = prepare(council, coordinator)
    with pytest.raises(Refused, match="présidence"):
        sign(act, coordinator)
    assert sign(act, mayor).in_force_from == dt.date(2026, 2, 2)


def test_a_text_prepared_again_meanwhile_is_not_signed_unread(council, mayor):
    act = prepare(council, mayor)
    seen = digest(act)
    MembershipFactory(body=council.bodies.get())
    act = prepare(council, mayor)
    with pytest.raises(Stale, match="relisez-le"):
        sign(act, mayor, seen=seen)


def test_a_second_click_meets_an_act_already_signed(council, mayor):
    act = prepare(council, mayor)
    sign(act, mayor)
    with pytest.raises(Stale, match="déjà déclarée"):
        sign(act, mayor)


@pytest.mark.parametrize("kind", ["CDDF", "ETHICS", "GPDS", "GPO", "FUNDERS"])
def test_a_kind_whose_composition_no_text_fixes_by_an_order_has_no_form(kind):
    with pytest.raises(Refused, match="Aucun modèle"):
        composition_key(kind, dt.date(2026, 11, 23))


def test_the_act_on_screen_and_as_a_tagged_pdf(council, mayor, sign_in):
    client = sign_in(mayor)
    prepared = client.post(reverse("governance:composition_prepare", args=[council.pk]))
    assert prepared.status_code == 302
    page = client.get(prepared.url)
    assert "Anne Exemple, Directrice" in page.content.decode()
    act = Act.objects.get()
    pdf = client.get(reverse("governance:act_pdf", args=[act.pk]))
    assert pdf["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(pdf.content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    words = " ".join(page.extract_text() for page in reader.pages)
    assert "Anne Exemple" in words
    assert "projet" in words
    signed = client.post(
        reverse("governance:act_sign", args=[act.pk, act.signatures.get().pk]),
        {"reference": "A-1", "signed_on": "2026-02-01", "name": "Le maire",
         "seen": page.context["form"]["seen"].value()},
    )  # fmt: skip
    assert signed.status_code == 302
    assert Act.objects.get().in_force_from == dt.date(2026, 2, 1)


def test_a_future_signature_or_none_is_told_beside_its_field(council, mayor, sign_in):
    client = sign_in(mayor)
    act = prepare(council, mayor)
    url = reverse("governance:act_sign", args=[act.pk, act.signatures.get().pk])
    response = client.post(url, {"reference": "", "signed_on": "2999-01-01", "name": "Le maire", "seen": digest(act)})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"reference", "signed_on"}
    assert Act.objects.get().signed_on is None


def test_a_stale_tab_keeps_what_was_typed_and_shows_the_new_text(council, mayor, sign_in):
    client = sign_in(mayor)
    act = prepare(council, mayor)
    typed = {"reference": "A-1", "signed_on": "2026-02-01", "name": "Le maire", "seen": digest(act)}
    MembershipFactory(body=council.bodies.get(), person=PersonFactory(family_name="Nouvelle"))
    act = prepare(council, mayor)
    url = reverse("governance:act_sign", args=[act.pk, act.signatures.get().pk])
    response = client.post(url, typed)
    assert response.status_code == 409
    page = response.content.decode()
    assert "relisez-le" in page
    assert "Nouvelle" in page
    assert 'value="A-1"' in page
    assert client.post(url, typed | {"seen": response.context["form"]["seen"].value()}).status_code == 302


def test_members_see_signed_acts_only(council, mayor, sign_in):
    act = prepare(council, mayor)
    member = sign_in(actor("group_member", council.scope))
    url = reverse("governance:act", args=[act.pk])
    assert member.get(url).status_code == 404
    sign(act, mayor)
    assert member.get(url).status_code == 200
    assert member.post(reverse("governance:act_sign", args=[act.pk, act.signatures.get().pk]), {}).status_code == 403
    assert member.post(reverse("governance:composition_prepare", args=[council.pk])).status_code == 403
