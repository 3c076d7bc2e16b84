"""Granting a role: by whom, where; and the link that opens an account."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from prevenance.core.models import AuditRow
from prevenance.core.refusals import Refused
from prevenance.domains.accounts import actions, rules
from prevenance.domains.accounts.acting import ANYBODY
from prevenance.domains.accounts.models import Invitation, Mandate, Person, digest_of
from tests.domains.accounts.conftest import PASSWORD, code_now
from tests.factories import MandateFactory, PersonFactory, actor, scope_of, territory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)
INVITED = {
    "email": "Alix.Fictif@exemple.invalid",
    "given_name": "Alix",
    "family_name": "Fictif",
    "role": "deputy",
    "organisation": "Mairie inventée",
    "kind": "commune",
    "valid_from": TODAY,
    "act": "Arrêté inventé n° 12",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC), tick=False) as travelled:
        yield travelled


def invite(by, scope, **changes):
    return actions.invite(by=by, scope=scope, **{**INVITED, **changes})


def link_in(message):
    return re.search(r"http://127\.0\.0\.1:8000(/compte/invitation/[\w-]+/)", message.body).group(1)


ACCEPTED = {
    "given_name": "Alix",
    "family_name": "Fictif",
    "password": "un autre mot de passe long",
    "again": "un autre mot de passe long",
}


class TestInviting:
    def test_it_makes_person_mandate_and_invitation_and_keeps_only_a_digest(self, coordinator, council, run_jobs):
        mandate = invite(coordinator, council.scope)
        assert (mandate.person.email, mandate.person.has_usable_password()) == ("alix.fictif@exemple.invalid", False)
        assert (mandate.act, mandate.organisation.name) == ("Arrêté inventé n° 12", "Mairie inventée")
        assert run_jobs() == 1
        token = link_in(mail.outbox[0]).split("/")[3]
        invitation = Invitation.objects.get(mandate=mandate)
        assert invitation.digest == digest_of(token)
        assert token not in str(list(Invitation.objects.values_list()))

    def test_the_mail_is_in_plain_french_and_says_until_when(self, coordinator, council, run_jobs):
        invite(coordinator, council.scope)
        run_jobs()
        (message,) = mail.outbox
        assert message.subject == "Prévenance\u00a0: votre invitation"
        assert message.to == ["alix.fictif@exemple.invalid"]
        for words in (
            coordinator.person.name, "Adjoint ou adjointe de la coordination", str(council.scope),
            "vendredi 27 novembre 2026 à 10:00", "Arrêté inventé n° 12",
        ):  # fmt: skip
            assert words in message.body
        assert "&" not in message.body

    def test_the_link_is_not_in_the_queue_of_jobs(self, coordinator, council, run_jobs):
        from procrastinate.contrib.django.models import ProcrastinateJob

        mandate = invite(coordinator, council.scope)
        run_jobs()
        assert set(ProcrastinateJob.objects.values_list("task_name", flat=True)) == {
            "prevenance.domains.accounts.jobs.send_invitation"
        }
        args = ProcrastinateJob.objects.get().args
        assert set(args) == {"invitation_id", "person_id", "mandate_id"}
        assert args["invitation_id"] == mandate.invitation.pk

    def test_the_job_looks_again_at_who_invites(self, coordinator, council, run_jobs):
        invite(coordinator, council.scope)
        Mandate.objects.filter(pk=coordinator.mandate_id).update(valid_to=TODAY - dt.timedelta(days=1))
        with pytest.raises(Refused):
            run_jobs()
        assert mail.outbox == []

    def test_an_invitation_cancelled_meanwhile_sends_nothing(self, coordinator, council, run_jobs):
        mandate = invite(coordinator, council.scope)
        actions.cancel_invitation(by=coordinator, invitation=mandate.invitation)
        run_jobs()
        assert mail.outbox == []

    def test_somebody_with_an_account_gets_the_mandate_and_a_mail_that_says_so(
        self, coordinator, council, run_jobs, with_password
    ):
        person = with_password(PersonFactory(email=INVITED["email"].lower(), given_name="Alexandra"))
        mandate = invite(coordinator, council.scope)
        run_jobs()
        assert mandate.person == person
        assert Person.objects.get(pk=person.pk).given_name == "Alexandra"
        assert not Invitation.objects.exists()
        assert mail.outbox[0].subject == "Prévenance\u00a0: un rôle vous est accordé"
        assert "/compte/invitation/" not in mail.outbox[0].body

    def test_the_screen_does_not_tell_who_has_an_account(self, coordinator, council, sign_in, with_password):
        with_password(PersonFactory(email="connu@exemple.invalid"))
        client = sign_in(coordinator)
        said = []
        for email in ("connu@exemple.invalid", "inconnu@exemple.invalid"):
            form = {**INVITED, "email": email, "scope": council.scope_id}
            response = client.post(reverse("accounts:invite"), form, follow=True)
            said.append([str(message).replace(email, "…") for message in response.context["messages"]])
        assert said[0] == said[1] == ["Le rôle est accordé. Un message est parti à …."]

    def test_the_same_role_twice_at_the_same_time_is_refused_with_a_sentence(self, coordinator, council):
        invite(coordinator, council.scope)
        with pytest.raises(Refused, match="a déjà ce rôle ici à ces dates"):
            invite(coordinator, council.scope, valid_from=TODAY + dt.timedelta(days=30))

    def test_a_closed_account_is_opened_anew_by_the_link(self, coordinator, council, run_jobs, administrator):
        person = MandateFactory(
            scope=council.scope, role="group_member", person__email="alix.fictif@exemple.invalid"
        ).person
        person.set_password(PASSWORD)
        person.save()
        actions.close_account(by=administrator, person=person)
        mandate = invite(coordinator, council.scope)
        run_jobs()
        assert mandate.person == person
        assert "/compte/invitation/" in mail.outbox[0].body
        assert not Person.objects.get(pk=person.pk).has_usable_password()

    def test_the_audit_names_nobody(self, coordinator, council):
        mandate = invite(coordinator, council.scope)
        row = AuditRow.objects.get(action="accounts.invite")
        assert row.scope == f"scope:{council.scope_id}"
        assert row.subject == f"accounts.mandate:{mandate.pk}"
        assert "alix" not in (row.detail + row.subject).lower()


class TestAccepting:
    @pytest.fixture
    def link(self, coordinator, council, run_jobs):
        invite(coordinator, council.scope)
        run_jobs()
        return link_in(mail.outbox[-1])

    def test_names_are_confirmed_password_chosen_then_the_second_factor(self, client, link):
        page = client.get(link)
        assert page["Referrer-Policy"] == "same-origin"  # stricter would make browsers send « Origin: null »
        assert page["Cache-Control"] == "no-store"
        assert 'value="Fictif"' in page.content.decode()
        response = client.post(link, {**ACCEPTED, "family_name": "Fictif-Dupré"})
        assert response.url == reverse("accounts:second_factor")
        assert client.get(response.url).url == reverse("accounts:set_up_second_factor")
        assert Person.objects.get(email="alix.fictif@exemple.invalid").name == "Alix Fictif-Dupré"

    def test_it_serves_once(self, client, link):
        client.post(link, ACCEPTED)
        client.post("/compte/sortir/")
        response = client.post(link, {**ACCEPTED, "password": "celui d’un voleur", "again": "celui d’un voleur"})
        assert response.status_code == 410
        assert "Votre compte est déjà ouvert" in response.content.decode()
        assert Person.objects.get(email="alix.fictif@exemple.invalid").check_password(ACCEPTED["password"])

    @pytest.mark.parametrize(("late", "status"), [(dt.timedelta(0), 200), (dt.timedelta(seconds=1), 410)])
    def test_it_lasts_seven_days(self, client, link, clock, late, status):
        clock.shift(dt.timedelta(days=7) - dt.timedelta(seconds=1) + late)
        assert client.get(link).status_code == status

    def test_too_late_it_says_whom_to_ask(self, client, link, clock, coordinator):
        clock.shift(dt.timedelta(days=8))
        text = client.get(link).content.decode()
        assert f"Demandez à {coordinator.person.name} de vous renvoyer l’invitation" in text
        assert "27 novembre 2026" in text

    def test_an_unknown_link_says_what_to_do(self, client):
        response = client.get("/compte/invitation/inconnu/")
        assert response.status_code == 410
        assert "Ouvrez le dernier message reçu" in response.content.decode()

    def test_sending_again_replaces_the_link(self, client, link, coordinator, run_jobs):
        actions.resend_invitation(by=coordinator, invitation=Invitation.objects.get())
        assert client.get(link).status_code == 410
        run_jobs()
        assert client.get(link_in(mail.outbox[-1])).status_code == 200

    def test_cancelling_closes_it_and_takes_the_role_away(self, client, link, coordinator):
        invitation = Invitation.objects.get()
        actions.cancel_invitation(by=coordinator, invitation=invitation)
        response = client.get(link)
        assert response.status_code == 410
        assert "annulée" in response.content.decode()
        assert not Mandate.objects.current().filter(pk=invitation.mandate_id).exists()

    def test_what_was_accepted_or_cancelled_is_neither_sent_nor_cancelled_again(self, client, link, coordinator):
        client.post(link, ACCEPTED)
        for act in (actions.resend_invitation, actions.cancel_invitation):
            with pytest.raises(Refused, match="déjà été acceptée"):
                act(by=coordinator, invitation=Invitation.objects.get())

    def test_two_tabs_open_one_account(self, link):
        invitation = Invitation.objects.get()
        given = {name: ACCEPTED[name] for name in ("given_name", "family_name", "password")}
        actions.accept_invitation(by=ANYBODY, invitation=invitation, **given)
        with pytest.raises(Refused, match="ne sert plus"):
            actions.accept_invitation(by=ANYBODY, invitation=invitation, **given)

    def test_two_invitations_of_one_person_are_accepted_together(self, client, link, coordinator, council, run_jobs):
        invite(coordinator, council.scope, role="group_member")
        run_jobs()
        client.post(link, ACCEPTED)
        assert client.get(link_in(mail.outbox[-1])).status_code == 410
        assert Mandate.objects.current().filter(person__email="alix.fictif@exemple.invalid").count() == 2

    @pytest.mark.parametrize(
        ("password", "sentence"),
        [("court", "trop court"), ("alix fictif exemple", "trop semblable"), ("123456789012", "numérique")],
    )
    def test_a_weak_password_is_refused_and_says_why(self, client, link, password, sentence):
        response = client.post(link, {**ACCEPTED, "password": password, "again": password})
        assert response.status_code == 200
        assert sentence in response.content.decode()

    def test_two_different_passwords_are_refused(self, client, link):
        response = client.post(link, {**ACCEPTED, "again": "encore un autre mot de passe"})
        assert "Les deux mots de passe sont différents." in response.content.decode()

    def test_somebody_signed_in_who_opens_the_link_becomes_the_person_invited(self, link, sign_in, mayor):
        client = sign_in(mayor)
        client.post(link, ACCEPTED)
        assert client.get("/compte/second-facteur/").url == reverse("accounts:set_up_second_factor")

    def test_the_whole_way_from_the_mail_to_the_first_page(self, client, link):
        import base64

        client.post(link, ACCEPTED)
        page = client.get(reverse("accounts:set_up_second_factor")).content.decode()
        key = base64.b32decode(re.search(r'id="cle">([A-Z2-7 ]+)<', page).group(1).replace(" ", "")).hex()
        client.post(reverse("accounts:set_up_second_factor"), {"code": code_now(key=key)})
        page = client.get("/compte/")
        assert page.status_code == 200
        assert page.context["actor"].role == "deputy"


class TestScreens:
    def test_the_form_offers_what_the_rules_allow(self, coordinator, mayor, council, sign_in):
        form = sign_in(coordinator).get(reverse("accounts:invite")).context["form"]
        assert [key for key, _label in form.fields["role"].choices] == ["deputy", "group_member"]
        assert list(form.fields["scope"].queryset) == [council.scope]
        form = sign_in(mayor).get(reverse("accounts:invite")).context["form"]
        assert [key for key, _label in form.fields["role"].choices] == ["coordinator", "deputy"]
        assert list(form.fields["scope"].queryset) == [council.scope]

    def test_a_mayor_without_a_council_is_told_to_create_one(self, sign_in):
        client = sign_in(actor("mayor", scope_of(territory("commune", "42187"))))
        assert "créez d’abord" in client.get(reverse("accounts:invite")).content.decode()

    def test_a_scope_of_others_cannot_be_sent(self, coordinator, other_council, sign_in):
        form = {**INVITED, "scope": other_council.scope_id}
        assert sign_in(coordinator).post(reverse("accounts:invite"), form).status_code == 200
        assert not Mandate.objects.filter(scope=other_council.scope).exists()

    def test_who_may_not_is_told_why(self, council, sign_in):
        client = sign_in(actor("group_member", council.scope))
        response = client.get(reverse("accounts:invite"))
        assert response.status_code == 403
        assert "Votre rôle ne permet pas d’accorder ni de retirer des rôles." in response.content.decode()

    def test_an_administrator_chooses_where_first(self, administrator, sign_in):
        client = sign_in(administrator)
        first = client.get(reverse("accounts:invite"))
        assert first.url.startswith(reverse("accounts:choose_scope"))
        found = client.get(reverse("accounts:choose_scope"), {"q": "saint etienne"})
        places = [f"{place.kind} {place.code}" for place in found.context["territories"]]
        assert "commune 42218" in places
        chosen = client.post(reverse("accounts:choose_scope"), {"territory": territory("commune", "42218").pk})
        form = client.get(chosen.url).context["form"]
        assert [str(scope) for scope in form.fields["scope"].queryset] == ["Saint-Étienne"]
        assert "mayor" in dict(form.fields["role"].choices)
        assert "coordinator" not in dict(form.fields["role"].choices)

    def test_others_may_not_open_scopes(self, mayor, sign_in):
        assert sign_in(mayor).get(reverse("accounts:choose_scope")).status_code == 403

    def test_an_end_before_the_beginning_is_explained(self, coordinator, council, sign_in):
        form = {**INVITED, "scope": council.scope_id, "valid_to": TODAY - dt.timedelta(days=1)}
        response = sign_in(coordinator).post(reverse("accounts:invite"), form)
        assert "Un mandat ne peut finir avant d’avoir commencé." in response.content.decode()

    def test_the_buttons_of_a_person_s_page_work(self, coordinator, council, sign_in, run_jobs):
        mandate = invite(coordinator, council.scope)
        client = sign_in(coordinator)
        page = client.get(reverse("accounts:person", args=[mandate.person_id])).content.decode()
        resend = reverse("accounts:resend_invitation", args=[mandate.invitation.pk])
        cancel = reverse("accounts:cancel_invitation", args=[mandate.invitation.pk])
        assert resend in page
        assert cancel in page
        assert client.post(resend).status_code == 302
        assert "ne servira plus" in client.get(cancel).content.decode()
        assert client.post(cancel).status_code == 302
        assert client.post(cancel).status_code == 403

    def test_an_invitation_elsewhere_does_not_exist(self, coordinator, administrator, other_council, sign_in):
        mandate = invite(administrator, other_council.scope, role="coordinator")
        assert (
            sign_in(coordinator).post(reverse("accounts:resend_invitation", args=[mandate.invitation.pk])).status_code
            == 404
        )


def test_delays_are_dated():
    assert rules.delay("invitation_days") == 7
    with pytest.raises(KeyError):
        rules.delay("invitation_days", dt.date(2019, 12, 31))
