"""Rulebooks on screen: written, proposed, adopted, signed on a phone, compared, exported."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from prevenance.domains.governance.actions import rulebooks as actions
from prevenance.domains.governance.models import Rulebook, Signature
from tests.domains.governance.rulebook_of_a_group import TEXT, GroupWithRulebook
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return GroupWithRulebook()


def url(name, *args):
    return reverse(f"governance:{name}", args=args)


def words(response):
    return response.content.decode().replace("\u00a0", " ")


def test_from_the_model_to_the_adoption(group, sign_in):
    client = sign_in(group.coordinator)
    assert "Aucun règlement" in words(client.get(url("council_rulebooks", group.council.pk)))
    page = client.get(url("council_rulebook_create", group.council.pk), {"formation": group.group.pk})
    assert page.status_code == 200
    made = client.post(url("council_rulebook_create", group.council.pk), {"kind": "rules", "body": group.group.pk})
    book = Rulebook.objects.get()
    assert made.url == url("rulebook_write", book.pk)
    assert "Groupe inventé" in words(client.get(made.url))
    read = client.get(url("rulebook", book.pk))
    assert "entre crochets" in words(read)  # the disabled button says why
    assert client.get(url("rulebook_propose", book.pk)).status_code == 403
    saved = client.post(made.url, {"text": TEXT, "quorum": "half_passed", "edit": 1})
    assert saved.status_code == 302
    today = timezone.localdate().isoformat()
    assert client.get(url("rulebook_propose", book.pk)).status_code == 200
    late = client.post(url("rulebook_propose", book.pk), {"on": "2999-01-01", "edit": 2})
    assert late.status_code == 422
    assert client.post(url("rulebook_propose", book.pk), {"on": today, "edit": 2}).status_code == 302
    assert client.get(url("rulebook_adopt", book.pk)).status_code == 403
    meeting = group.plenary_held()
    mayor = sign_in(group.mayor)
    assert meeting.title in words(mayor.get(url("rulebook_adopt", book.pk)))
    done = mayor.post(url("rulebook_adopt", book.pk), {"meeting": meeting.pk}, follow=True)
    assert "3 membres sont invités à le signer" in words(done)
    assert "Signé par 0 sur 3" in words(done)
    again = mayor.post(url("rulebook_adopt", book.pk), {"meeting": meeting.pk}, follow=True)
    assert "déjà fait" in words(again)


def test_a_second_draft_leads_to_the_one_on_its_way(group, sign_in):
    book = group.draft()
    response = sign_in(group.coordinator).post(
        url("council_rulebook_create", group.council.pk), {"kind": "rules", "body": group.group.pk}
    )
    assert response.url == url("rulebook", book.pk)
    assert Rulebook.objects.count() == 1


def test_a_stale_editor_shows_both_texts_and_loses_none(group, sign_in):
    book = group.draft()
    client = sign_in(group.coordinator)
    response = client.post(url("rulebook_write", book.pk), {"text": "Le mien", "quorum": "half_passed", "edit": 1})
    assert response.status_code == 409
    assert "Le mien" in words(response)
    assert "abords du collège" in words(response)
    book.refresh_from_db()
    assert book.text == TEXT
    again = {name: response.context["form"][name].value() for name in ("text", "quorum", "edit")}
    assert client.post(url("rulebook_write", book.pk), again).status_code == 302
    book.refresh_from_db()
    assert book.text == "Le mien"


def test_a_member_reads_ticks_and_signs_once(group, sign_in):
    book = group.adopted()
    client = sign_in(group.member(0))
    assert str(book) in words(client.get(reverse("pages:my_day")))
    page = client.get(url("rulebook_sign", book.pk))
    assert "abords du collège" in words(page)
    seen = page.context["form"]["seen"].value()
    unticked = client.post(url("rulebook_sign", book.pk), {"seen": seen})
    assert unticked.status_code == 422
    signed = client.post(url("rulebook_sign", book.pk), {"seen": seen, "read": "on"}, follow=True)
    assert "Vous avez signé ce texte" in words(signed)
    twice = client.post(url("rulebook_sign", book.pk), {"seen": seen, "read": "on"}, follow=True)
    assert "déjà signé" in words(twice)
    assert Signature.objects.count() == 1
    assert "Textes à signer" not in words(client.get(reverse("pages:my_day")))
    assert client.get(url("rulebook_take_back", book.pk)).status_code == 200
    back = client.post(url("rulebook_take_back", book.pk), follow=True)
    assert "Vous avez retiré votre signature" in words(back)
    assert "déjà retiré" in words(client.post(url("rulebook_take_back", book.pk), follow=True))


def second_version(group, first):
    book = actions.draft(body=group.group, kind="rules", by=group.coordinator)
    text = TEXT.replace("abords du collège", "abords du lycée") + "\nUn article de plus."
    book = actions.write(
        rulebook=book, edit=1, text=text, change_note="Le lycée", quorum=(1, 3, False), by=group.coordinator
    )
    actions.propose(rulebook=book, edit=2, on=timezone.localdate(), by=group.coordinator)
    actions.adopt(rulebook=book, meeting=first.adopted_in, by=group.mayor)
    book.refresh_from_db()
    return book


def test_a_tab_left_open_on_the_former_version_leads_to_the_new_one_unsigned(group, sign_in):
    first = group.adopted()
    client = sign_in(group.member(0))
    seen = client.get(url("rulebook_sign", first.pk)).context["form"]["seen"].value()
    second = second_version(group, first)
    response = client.post(url("rulebook_sign", first.pk), {"seen": seen, "read": "on"})
    assert response.url == url("rulebook_sign", second.pk)
    stale = client.post(url("rulebook_sign", second.pk), {"seen": seen, "read": "on"}, follow=True)
    assert "relisez-le avant de signer" in words(stale)
    assert Signature.objects.count() == 0


def test_who_signed_the_former_version_reads_what_changed_in_words(group, sign_in):
    first = group.adopted()
    group.sign(first, 0)
    second = second_version(group, first)
    page = words(sign_in(group.member(0)).get(url("rulebook_sign", second.pk)))
    assert "Ce qui change depuis la version 1" in page
    assert '<del><span class="fr-sr-only">supprimé : </span>collège</del>' in page
    assert '<ins><span class="fr-sr-only">ajouté : </span>lycée</ins>' in page
    assert "Quorum modifié :" in page
    other = words(sign_in(group.member(1)).get(url("rulebook_sign", second.pk)))
    assert "Ce qui change depuis" not in other
    compared = words(sign_in(group.mayor).get(url("rulebook_differences", second.pk, 1)))
    assert "Ajouté :" in compared
    assert sign_in(group.mayor).get(url("rulebook_differences", second.pk, 9)).status_code == 404


def test_a_stranger_and_another_group_s_member_find_nothing_to_sign(group, sign_in):
    book = group.adopted()
    stranger = sign_in(coordinator_of(CouncilFactory(territory=territory("commune", "42187"))))
    for name in ("rulebook", "rulebook_sign", "rulebook_pdf", "rulebook_take_back"):
        assert stranger.get(url(name, book.pk)).status_code == 404
    other = sign_in(actor("group_member", group.council.scope))
    assert other.get(url("rulebook", book.pk)).status_code == 200
    for method in (other.get, other.post):
        refused = method(url("rulebook_sign", book.pk))
        assert refused.status_code == 403
        assert "membres actuels" in words(refused)
    group.leave(0)
    assert sign_in(group.member(0)).post(url("rulebook_sign", book.pk), {"seen": book.digest}).status_code == 403


def test_the_coordinator_sees_who_is_awaited_and_asks_again(group, sign_in):
    book = group.adopted()
    group.sign(book, 0)
    client = sign_in(group.coordinator)
    day = words(client.get(reverse("pages:my_day")))
    assert "Signatures attendues" in day
    assert "Signé par 1 sur 3" in day
    asked = client.post(url("rulebook_ask", book.pk), follow=True)
    assert "2 membres seront relancés" in words(asked)
    assert sign_in(actor("prefect_office", scope_of(territory("departement", "42")))).post(
        url("rulebook_ask", book.pk)
    ).status_code in (403, 404)


def test_lists_and_signatories_leave_as_files(group, sign_in):
    book = group.adopted()
    group.sign(book, 0)
    client = sign_in(group.coordinator)
    listed = client.get(url("council_rulebooks", group.council.pk), {"format": "csv"}).content.decode("utf-8-sig")
    assert "Groupe inventé" in listed
    people = client.get(url("rulebook", book.pk), {"format": "csv"}).content.decode("utf-8-sig")
    assert people.count("\n") == 4
    pdf = client.get(url("rulebook_pdf", book.pk))
    reader = PdfReader(io.BytesIO(pdf.content))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert group.seats[0].person.name in text
    assert group.seats[1].person.name not in text


def test_the_list_is_filtered_and_costs_a_constant_number_of_queries(group, sign_in):
    first = group.adopted()
    second_version(group, first)
    client = sign_in(group.coordinator)
    address = url("council_rulebooks", group.council.pk)
    assert [book.version for book, _ in client.get(address).context["rows"]] == [2]
    assert [book.version for book, _ in client.get(address, {"state": "past"}).context["rows"]] == [1]
    assert len(client.get(address, {"state": "all", "kind": "charter"}).context["rows"]) == 0
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for body in (group.group, group.plenary):
        group.adopted(first.adopted_in, kind="charter", body=body)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(address).context["rows"]) == 3
    # What a test adds to a page is its savepoint, begun and released.
    assert len(few) == len(many) <= 12 + 2


def test_withdrawing_asks_once_and_says_what_is_lost(group, sign_in):
    book = group.adopted()
    assert sign_in(group.coordinator).get(url("rulebook_withdraw", book.pk)).status_code == 403
    mayor = sign_in(group.mayor)
    assert "n’engage plus" in words(mayor.get(url("rulebook_withdraw", book.pk)))
    done = mayor.post(url("rulebook_withdraw", book.pk), {"on": timezone.localdate().isoformat()})
    assert done.status_code == 302
    again = mayor.get(url("rulebook_withdraw", book.pk), follow=True)
    assert "déjà fait" in words(again)


def test_a_draft_is_abandoned_after_a_question(group, sign_in):
    book = group.draft()
    client = sign_in(group.coordinator)
    assert "Son texte est perdu" in words(client.get(url("rulebook_discard", book.pk)))
    assert client.post(url("rulebook_discard", book.pk)).status_code == 302
    assert not Rulebook.objects.exists()
