"""Agreements between several: small communes that pool means, an intercommunal body and its communes."""

import datetime as dt

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.urls import reverse

from prevenance.core.refusals import Refused
from prevenance.domains.governance.actions import acts as actions
from prevenance.domains.governance.actions.acts import Draft
from prevenance.domains.governance.analysis.my_day import day_of
from prevenance.domains.governance.models import Act
from prevenance.domains.governance.rules import act_forms, acts
from tests.factories import CouncilFactory, actor, scope_of, territory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)
DAY = dt.timedelta(days=1)
SMALL = ["42001", "42003"]  # Aboën and Ailleux: a few hundred inhabitants each, and no council there


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False) as travelled:
        yield travelled


@pytest.fixture
def president():
    return actor("epci_president", scope_of(territory("epci", "244200770")))


def pooling(by, codes=SMALL[1:], **changed):
    communes = [territory("commune", code) for code in codes]
    values = {"means": ["coordination"], "purpose": "Une coordination partagée."}
    draft = Draft(values, None, communes, changed.pop("ends_on", TODAY + 365 * DAY))
    return actions.prepare(key="pooling-commune", scope=by.mandate.scope, council=None, draft=draft, by=by)


def sign(act, by, line=None, **changed):
    values = {"reference": "2026-31", "signed_on": TODAY, "name": "Le maire inventé", "seen": acts.digest(act)}
    return actions.declare_signature(signature=line or act.signatures.get(), by=by, **(values | changed))


class TestPooling:
    @pytest.fixture
    def small(self):
        return actor("mayor", scope_of(territory("commune", SMALL[0])))

    def test_small_communes_without_a_council_sign_each_after_their_own_deliberation(self, small):
        other = actor("mayor", scope_of(territory("commune", SMALL[1])))
        act = pooling(small)
        assert act.signatures.count() == act.consultations.count() == 2
        mine, theirs = act.signatures.all()
        with pytest.raises(Refused, match="Il manque avant la signature"):
            sign(act, small, mine)
        for line in act.consultations.all():
            actions.record_opinion(
                line=line, asked_on=None, answered_on=TODAY - 2 * DAY, opinion="favourable", reference="D-4", by=small
            )
        actions.submit(act=act, seen=acts.digest(act), by=small)
        assert [line.pk for line in day_of(other).acts] == [theirs.pk]
        with pytest.raises(Refused, match="antérieure à un avis"):
            sign(act, small, mine, signed_on=TODAY - 3 * DAY)
        assert sign(act, small, mine, signed_on=TODAY - DAY).signed_on is None
        signed = sign(act, other, theirs)
        assert (signed.signed_on, signed.in_force_from) == (TODAY, TODAY)
        assert Act.objects.visible_to(actor("prefect_office", scope_of(territory("departement", "42")))).count() == 1
        assert Act.objects.visible_to(actor("prefect_office", scope_of(territory("departement", "69")))).count() == 0

    def test_once_a_party_has_signed_the_text_no_longer_changes(self, small):
        act = pooling(small)
        for line in act.consultations.all():
            actions.record_opinion(
                line=line, asked_on=None, answered_on=TODAY, opinion="favourable", reference="", by=small
            )
        sign(act, small, act.signatures.first())
        with pytest.raises(Refused, match="Une partie a déjà signé"):
            actions.remove(act=act, by=small)
        with pytest.raises(DatabaseError, match="signed by a party"), transaction.atomic():
            Act.objects.filter(pk=act.pk).update(text="autre")

    def test_a_commune_above_the_threshold_is_refused_with_its_source(self, small):
        with pytest.raises(Refused, match=r"10.?000.*action 32\.4"):
            pooling(small, ["42218"])

    def test_nor_one_that_has_a_council_nor_one_whose_intercommunal_body_has_one(self, small):
        CouncilFactory(territory=territory("commune", SMALL[1]))
        with pytest.raises(Refused, match="relève déjà d’un conseil"):
            pooling(small)

    def test_a_stranger_does_not_see_it_until_asked_to_sign(self, small):
        act = pooling(small)
        other = actor("mayor", scope_of(territory("commune", SMALL[1])))
        stranger = actor("mayor", scope_of(territory("commune", "42187")))
        assert not Act.objects.visible_to(other).exists()
        for line in act.consultations.all():
            actions.record_opinion(
                line=line, asked_on=None, answered_on=TODAY, opinion="favourable", reference="", by=small
            )
        actions.submit(act=act, seen=acts.digest(act), by=small)
        assert Act.objects.visible_to(other).exists()
        assert not Act.objects.visible_to(stranger).exists()
        with pytest.raises(Refused, match="Seule la présidence"):
            sign(act, stranger, act.signatures.first())

    def test_the_choice_of_forms_says_why_a_large_commune_has_none_of_it(self, sign_in):
        client = sign_in(actor("mayor", scope_of(territory("commune", "42218"))))
        page = client.get(reverse("governance:act_choose")).content.decode()
        assert "action 32.4" in page
        assert reverse("governance:act_prepare", args=["pooling-commune"]) not in page
        assert client.get(reverse("governance:act_prepare", args=["pooling-commune"])).status_code == 403

    def test_it_must_say_its_last_day(self, small):
        with pytest.raises(Refused, match="dernier jour"):
            pooling(small, ends_on=None)


class TestSharing:
    def draft(self, council, by, codes, **shares):
        form = act_forms.form_named("sharing-epci", TODAY)
        given = {choice.key: choice.levels[0] for choice in form.question("shares").choices} | shares
        communes = [territory("commune", code) for code in codes]
        return actions.prepare(
            key="sharing-epci", scope=council.scope.holder, council=council,
            draft=Draft({"shares": given}, None, communes), by=by,
        )  # fmt: skip

    @pytest.fixture
    def intercommunal(self, president):
        return CouncilFactory(kind="CISPD", territory=president.mandate.scope.territory)

    def test_the_president_and_each_mayor_sign_it(self, intercommunal, president):
        act = self.draft(intercommunal, president, ["42218", "42095"])
        capacities = [line.capacity for line in act.signatures.all()]
        assert capacities[0] == "Le président de l’intercommunalité"
        assert set(capacities[1:]) == {"Le maire de Firminy", "Le maire de Saint-Étienne"}
        kept = act.text.split("La commune garde et assure")[1]
        assert "Rappel à l’ordre (CSI L132-7)" in kept
        assert "Prises en charge individualisées" in kept

    def test_a_commune_outside_is_refused_with_the_article(self, intercommunal, president):
        with pytest.raises(Refused, match=r"Hors de l’intercommunalité \(CSI L132-13\)"):
            self.draft(intercommunal, president, ["69123"])

    def test_what_belongs_to_the_mayor_is_not_offered_to_the_intercommunal_level(
        self, intercommunal, president, sign_in
    ):
        client = sign_in(president)
        address = reverse("governance:act_prepare", args=["sharing-epci"]) + f"?conseil={intercommunal.pk}"
        fields = client.get(address).context["form"].fields
        typed = {name: field.choices[0][0] for name, field in fields.items() if name.startswith("shares_")}
        typed |= {"communes": "Firminy\n42218"}
        refused = client.post(address, typed | {"shares_call": "epci"})
        assert refused.status_code == 422
        assert "shares_call" in refused.context["form"].errors
        assert client.post(address, typed).status_code == 302
