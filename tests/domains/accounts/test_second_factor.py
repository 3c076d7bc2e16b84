"""The one-time password: installed once, asked each time, never twice the same; recovery codes."""

import base64
import datetime as dt
import re
from urllib.parse import unquote

import pytest
import time_machine
from django_otp.plugins.otp_totp.models import TOTPDevice
from hypothesis import given
from hypothesis import strategies as st

from prevenance.core.models import AuditRow
from prevenance.domains.accounts import rules
from prevenance.domains.accounts.models import Person, RecoveryCode, Session
from prevenance.domains.accounts.roles import ROLES
from tests.domains.accounts.conftest import KEY, PASSWORD, code_now
from tests.factories import MandateFactory

pytestmark = pytest.mark.django_db
ASKED, INSTALL, RECOVERY = (
    "/compte/second-facteur/",
    "/compte/second-facteur/installer/",
    "/compte/second-facteur/secours/",
)
NOW = dt.datetime(2026, 11, 20, 9, 0, 5, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def person(council, with_password):
    return with_password(MandateFactory(scope=council.scope).person)


@pytest.fixture
def entered(client, person):
    """Signed in with the password alone."""
    client.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
    return client


def install(client):
    """Install as a person does, typing the key that the page shows; returns (key, page of recovery codes)."""
    page = client.get(INSTALL).content.decode()
    typed = re.search(r'<code id="cle">([A-Z2-7 ]+)</code>', page).group(1)
    key = base64.b32decode(typed.replace(" ", "")).hex()
    return key, client.post(INSTALL, {"code": code_now(key=key)})


def codes_of(response):
    return re.findall(r"<code>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</code>", response.content.decode())


class TestInstalling:
    def test_the_image_holds_the_key_that_is_written(self, entered):
        page = entered.get(INSTALL).content.decode()
        assert re.search(r'<img src="data:image/svg\+xml', page)
        assert "style=" not in unquote(re.search(r'src="(data:[^"]+)"', page).group(1))

    def test_a_first_code_confirms_and_opens_the_door(self, entered, person):
        key, response = install(entered)
        assert TOTPDevice.objects.get(user=person).key == key
        assert len(codes_of(response)) == 10
        assert response["Cache-Control"] == "no-store"
        assert entered.get("/compte/").status_code == 200

    def test_a_wrong_code_confirms_nothing(self, entered, person):
        entered.get(INSTALL)
        response = entered.post(INSTALL, {"code": "000000"})
        assert "Ce code n’est pas le bon" in response.content.decode()
        assert not TOTPDevice.objects.filter(user=person).exists()
        assert entered.get("/compte/").url == ASKED

    def test_the_key_stays_the_same_while_one_tries(self, entered):
        shown = [re.search(r'id="cle">([^<]+)', entered.get(INSTALL).content.decode()).group(1) for _try in range(2)]
        assert shown[0] == shown[1]

    def test_the_code_that_confirmed_does_not_serve_again(self, entered, person):
        key, _page = install(entered)
        used = code_now(key=key)
        entered.post("/compte/sortir/")
        entered.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        assert "il a déjà servi" in entered.post(ASKED, {"code": used}).content.decode()

    def test_a_password_alone_does_not_replace_the_one_that_is_there(self, entered, person, with_device):
        with_device(person)
        assert entered.get(INSTALL).url == ASKED
        assert entered.post(INSTALL, {"code": "000000"}).url == ASKED
        assert TOTPDevice.objects.get(user=person).key == KEY

    def test_even_with_a_key_begun_before_in_the_same_session(self, entered, person, with_device):
        entered.get(INSTALL)  # the key is in the session
        with_device(person)  # another tab, or the true person, installed meanwhile
        assert entered.post(INSTALL, {"code": "000000"}).url == ASKED

    def test_a_new_telephone_takes_the_password_again(self, client, person, sign_in_by_hand, clock):
        client = sign_in_by_hand(person)
        assert client.get(INSTALL).url == "/compte/second-facteur/remplacer/"
        wrong = client.post("/compte/second-facteur/remplacer/", {"current": "faux"})
        assert "Ce n’est pas votre mot de passe actuel." in wrong.content.decode()
        assert client.post("/compte/second-facteur/remplacer/", {"current": PASSWORD}).url == INSTALL
        key, response = install(client)
        assert [device.key for device in TOTPDevice.objects.filter(user=person)] == [key]
        assert key != KEY
        assert len(codes_of(response)) == 10
        assert client.get("/compte/").status_code == 200


class TestAsked:
    def test_the_code_of_the_moment_opens(self, entered, person, with_device):
        with_device(person)
        assert entered.post(ASKED, {"code": code_now()}).url == "/ma-journee/"
        assert entered.get("/compte/").status_code == 200

    @pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_thirty_seconds_before_and_after_are_allowed_for(self, entered, person, with_device, steps, opens):
        with_device(person)
        assert (entered.post(ASKED, {"code": code_now(steps)}).status_code == 302) is opens

    def test_a_space_in_the_middle_does_not_matter(self, entered, person, with_device):
        with_device(person)
        code = code_now()
        assert entered.post(ASKED, {"code": f"{code[:3]} {code[3:]}"}).status_code == 302

    def test_a_code_serves_once(self, entered, person, with_device, client):
        with_device(person)
        code = code_now()
        entered.post(ASKED, {"code": code})
        entered.post("/compte/sortir/")
        entered.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        assert entered.post(ASKED, {"code": code}).status_code == 200
        assert entered.get("/compte/").url == ASKED

    def test_failures_make_wait_longer_and_longer(self, entered, person, with_device, clock):
        with_device(person)
        waits = []
        for _failure in range(4):
            assert entered.post(ASKED, {"code": "000000"}).status_code == 200
            response = entered.post(ASKED, {"code": code_now()})
            assert response.status_code == 429
            waits.append(int(re.search(r"attendez (\d+) secondes", response.content.decode()).group(1)))
            clock.shift(dt.timedelta(seconds=waits[-1]))
        assert waits == [1, 2, 4, 8]
        assert entered.post(ASKED, {"code": code_now()}).status_code == 302

    def test_what_is_tried_is_in_the_audit(self, entered, person, with_device):
        with_device(person)
        for code in ("000000", "111111"):
            entered.post(ASKED, {"code": code})
        rows = AuditRow.objects.filter(action="accounts.prove_second_factor").order_by("at")
        assert [(row.person, row.detail) for row in rows] == [
            (person.pk, '{"outcome": "refused"}'),
            (person.pk, '{"outcome": "throttled"}'),
        ]

    def test_the_device_of_somebody_else_proves_nothing(self, entered, person, with_device, council):
        with_device(person)
        other = MandateFactory(scope=council.scope, role="deputy").person
        TOTPDevice.objects.create(user=other, name="totp", confirmed=True, key="00" * 20)
        assert entered.post(ASKED, {"code": code_now(key="00" * 20)}).status_code == 200

    @pytest.mark.parametrize("role", [key for key, role in ROLES.items() if role.second_factor])
    def test_every_role_that_asks_for_it_gets_it(self, client, council, with_password, role):
        person = with_password(MandateFactory(scope=council.scope, role=role).person)
        client.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        assert client.get("/compte/").url == ASKED


class TestRecovery:
    @pytest.fixture
    def codes(self, entered, person):
        codes = codes_of(install(entered)[1])
        entered.post("/compte/sortir/")
        entered.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        return codes

    def test_a_code_opens_once(self, entered, person, codes):
        assert entered.post(RECOVERY, {"code": codes[3]}).url == "/ma-journee/"
        assert "Il vous reste 9 codes" in entered.get("/compte/").content.decode()
        entered.post("/compte/sortir/")
        entered.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        assert entered.post(RECOVERY, {"code": codes[3]}).status_code == 200
        assert RecoveryCode.objects.filter(person=person).count() == 9

    def test_capitals_spaces_and_missing_hyphens_do_not_matter(self, entered, codes):
        assert entered.post(RECOVERY, {"code": f" {codes[0].upper().replace('-', ' ')} "}).status_code == 302

    def test_failures_make_wait_as_for_the_telephone(self, entered, codes, clock):
        assert entered.post(RECOVERY, {"code": "aaaa-bbbb-cccc"}).status_code == 200
        assert entered.post(RECOVERY, {"code": codes[0]}).status_code == 429
        assert entered.post(ASKED, {"code": code_now()}).status_code == 429
        clock.shift(dt.timedelta(seconds=2))
        assert entered.post(RECOVERY, {"code": codes[0]}).status_code == 302

    def test_they_are_not_kept_in_clear(self, person, codes):
        kept = set(RecoveryCode.objects.filter(person=person).values_list("digest", flat=True))
        assert len(kept) == 10
        assert not any(code.replace("-", "") in digest for code in codes for digest in kept)

    def test_those_of_somebody_else_open_nothing(self, entered, codes, person, council, with_device):
        other = MandateFactory(scope=council.scope, role="deputy").person
        RecoveryCode.objects.create(person=other, digest=rules.recovery_digest(other, "aaaabbbbcccc"))
        assert entered.post(RECOVERY, {"code": "aaaa-bbbb-cccc"}).status_code == 200

    def test_new_ones_take_the_password_and_replace_the_old(self, entered, person, codes):
        entered.post(RECOVERY, {"code": codes[0]})
        renew = "/compte/second-facteur/codes/"
        assert entered.post(renew, {"current": "faux"}).status_code == 200
        assert RecoveryCode.objects.filter(person=person).count() == 9
        fresh = codes_of(entered.post(renew, {"current": PASSWORD}))
        assert len(fresh) == 10
        entered.post("/compte/sortir/")
        entered.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        assert entered.post(RECOVERY, {"code": codes[1]}).status_code == 200

    def test_without_a_device_there_is_nothing_to_recover(self, entered):
        assert entered.get(RECOVERY).url == ASKED


@given(st.text(max_size=12))
def test_only_six_digits_are_a_code(text):
    if not re.fullmatch("[0-9]{6}", text):
        assert rules.matching_step(KEY, text) is None


def test_the_code_agrees_with_the_standard(clock):
    """RFC 6238, appendix B, SHA-1, at 59 seconds: 94287082 on eight digits, so 287082 on six."""
    clock.move_to(59)
    assert rules.matching_step(KEY, "287082") == 1
    assert code_now() == "287082"


def test_recovery_codes_are_made_of_letters_that_do_not_read_alike():
    codes = {rules.new_recovery_code() for _number in range(500)}
    assert len(codes) == 500
    assert not set("".join(codes)) & set("il01o")
    assert all(re.fullmatch("[a-z2-9]{4}(-[a-z2-9]{4}){2}", code) for code in codes)


class TestDemonstration:
    ENTER = "/compte/entrer/demonstration/"

    @pytest.fixture(autouse=True)
    def _demonstration(self, settings):
        settings.DEMONSTRATION = True

    @pytest.fixture
    def invented(self, council):
        return MandateFactory(scope=council.scope, person__email="coordinator@demonstration.invalid")

    def test_a_button_enters_as_the_invented_person_of_the_role(self, client, invented):
        assert 'name="role" value="coordinator"' in re.sub(r"\s+", " ", client.get("/compte/entrer/").content.decode())
        assert client.post(self.ENTER, {"role": "coordinator"}).url == "/ma-journee/"
        page = client.get("/compte/")
        assert page.status_code == 200
        assert page.context["actor"].mandate_id == invented.pk

    def test_a_person_who_might_exist_has_no_button(self, client, council):
        MandateFactory(scope=council.scope, person__email="alix@mairie.fr")
        assert 'value="coordinator"' not in client.get("/compte/entrer/").content.decode()
        client.post(self.ENTER, {"role": "coordinator"})
        assert not Session.objects.exclude(person=None).exists()

    def test_the_action_itself_refuses_a_person_who_might_exist(self, council, rf):
        from prevenance.core.refusals import Refused
        from prevenance.domains.accounts import actions
        from prevenance.domains.accounts.acting import actor_of

        real = MandateFactory(scope=council.scope, person__email="alix@mairie.invalid.fr").person
        with pytest.raises(Refused, match="démonstration"):
            actions.enter(by=actor_of(real), request=rf.post("/"), how="demonstration")

    def test_out_of_a_demonstration_it_does_not_exist(self, client, invented, settings):
        settings.DEMONSTRATION = False
        assert client.post(self.ENTER, {"role": "coordinator"}).status_code == 404
        assert 'name="role"' not in client.get("/compte/entrer/").content.decode()

    def test_a_session_of_the_demonstration_is_worth_nothing_out_of_it(self, client, invented, settings):
        client.post(self.ENTER, {"role": "coordinator"})
        settings.DEMONSTRATION = False
        assert client.get("/compte/").url == ASKED

    def test_nor_for_a_person_whose_address_became_real(self, client, invented):
        client.post(self.ENTER, {"role": "coordinator"})
        Person.objects.filter(pk=invented.person_id).update(email="alix@mairie.fr")
        assert client.get("/compte/").url == ASKED

    def test_an_unknown_role_says_so(self, client, db):
        client.post(self.ENTER, {"role": "emperor"})
        assert "La démonstration n’a personne pour ce rôle" in client.get("/compte/entrer/").content.decode()
