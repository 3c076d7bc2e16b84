"""Screens of reporting circuits: the drawing and its table, the search, second clicks, other départements."""

import io

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prevenance.core.refusals import Refused, reason
from prevenance.domains.directory.actions import circuits as actions
from prevenance.domains.directory.models import Circuit
from prevenance.domains.directory.rules import circuits as rules
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory
from tests.factories.directory import (
    CircuitFactory,
    CircuitStepFactory,
    ServiceFactory,
    StructureFactory,
    in_force,
    with_two_steps,
)

pytestmark = pytest.mark.django_db

LIST = reverse("directory:circuits")


def page(name, *arguments):
    return reverse(f"directory:{name}", args=arguments)


def text(response):
    return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def loire():
    return territory("departement", "42")


@pytest.fixture
def prefect(loire):
    return actor("prefect_office", scope_of(loire))


@pytest.fixture
def coordinator():
    return coordinator_of(CouncilFactory())


def started(by, **values):
    told = {"departement": territory("departement", "42"), "situation": "harcelement", "people": "minors"} | values
    return actions.start_circuit(**told, by=by)


def test_the_list_and_a_circuit_take_as_many_queries_whatever_they_hold(sign_in, loire):
    client = sign_in(actor("mediator", scope_of(territory("commune", "42218"))))
    client.get(LIST)

    def count(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    first = with_two_steps()
    in_force(first)
    before = [count(LIST), count(page("circuit", first.pk))]
    assert max(before) <= 12
    for place, situation in enumerate(["femmes", "sexuelles", "cyber", "haine", "traite", "harcelement"]):
        circuit = CircuitFactory(situation=situation, people=["minors", "adults"][place % 2])
        for _turn in range(5):
            CircuitStepFactory(circuit=circuit, after=circuit.steps.order_by("-rank")[0],
                               institution="", service=ServiceFactory())  # fmt: skip
        in_force(circuit)
    assert [count(LIST), count(page("circuit", circuit.pk))] == before


def test_the_table_says_what_the_drawing_shows_and_so_does_the_paper(sign_in):
    circuit = in_force(with_two_steps())
    client = sign_in(actor("mediator", scope_of(territory("commune", "42218"))))
    shown = client.get(page("circuit", circuit.pk))
    assert text(shown).count('role="img"') == 1
    assert "prévenu à l’étape 1" in text(shown)
    paper = client.get(page("circuit", circuit.pk) + "?format=pdf")
    assert paper["Content-Type"] == "application/pdf"
    reader = pypdf.PdfReader(io.BytesIO(paper.content))
    words = " ".join(" ".join(one.extract_text() for one in reader.pages).split())
    assert "Procureur de la République" in words
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    rows = client.get(page("circuit", circuit.pk) + "?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert "Procureur de la République" in rows[2]
    listed = client.get(LIST + "?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(listed) == 2


def test_a_step_is_looked_for_in_the_directory_without_losing_what_is_typed(sign_in, coordinator):
    service = ServiceFactory(name="Cellule d’écoute inventée")
    circuit = CircuitFactory()
    client = sign_in(coordinator)
    address = page("circuit_step_add", circuit.pk)
    typed = {"who": "who:doctor", "words": "ecoute inv", "whom": "", "means": "phone", "delay": "week", "seen": "1"}
    found = client.post(address, typed | {"search": "1"})
    assert found.status_code == 200
    assert f'value="service:{service.pk}"' in text(found)
    assert '<option value="who:doctor" selected>' in text(found)
    done = client.post(address, typed | {"whom": f"service:{service.pk}"})
    assert done.status_code == 302
    step = circuit.steps.get(service=service)
    edited = client.get(page("circuit_step_edit", circuit.pk, step.pk))
    assert f'value="service:{service.pk}" selected' in text(edited)


def test_what_closed_since_is_told_to_who_reads_the_circuit(sign_in):
    circuit, service = CircuitFactory(), ServiceFactory(name="Écoute inventée")
    CircuitStepFactory(circuit=circuit, institution="", service=service)
    in_force(circuit)
    client = sign_in(actor("mediator", scope_of(territory("commune", "42218"))))
    assert "À revoir" not in text(client.get(page("circuit", circuit.pk)))
    type(service).objects.filter(pk=service.pk).update(closed_on=timezone.localdate())
    assert "« Écoute inventée » a fermé depuis" in text(client.get(page("circuit", circuit.pk)))


def test_a_service_of_elsewhere_cannot_be_forged_into_a_step(sign_in, coordinator):
    far = ServiceFactory(structure=StructureFactory(commune=territory("commune", "69123")))
    circuit = CircuitFactory()
    typed = {"who": "who:doctor", "whom": f"service:{far.pk}", "means": "phone", "delay": "week", "seen": "1"}
    assert sign_in(coordinator).post(page("circuit_step_add", circuit.pk), typed).status_code == 422
    assert circuit.steps.count() == 1


def test_a_stale_tab_keeps_what_was_typed(sign_in, coordinator):
    circuit = CircuitFactory()
    client = sign_in(coordinator)
    typed = {"who": "who:doctor", "whom": "institution:prosecutor", "means": "phone", "delay": "week", "seen": "1"}
    assert client.post(page("circuit_step_add", circuit.pk), typed).status_code == 302
    late = client.post(page("circuit_step_add", circuit.pk), typed)
    assert late.status_code == 409
    assert '<option value="who:doctor" selected>' in text(late)
    assert "modifié entre-temps" in text(late)
    assert 'name="seen" value="2"' in text(late)


def test_second_clicks_say_that_it_is_done(sign_in, prefect):
    circuit = CircuitFactory()
    client = sign_in(prefect)
    day = {"on": timezone.localdate().isoformat(), "seen": "1"}
    for _click in range(2):
        assert client.post(page("circuit_publish", circuit.pk), day).status_code == 302
    for _click in range(2):
        assert client.post(page("circuit_renew", circuit.pk)).status_code == 302
    draft = Circuit.objects.get(valid_from=None)
    step = draft.steps.get()
    for _click in range(2):
        assert client.post(page("circuit_step_remove", draft.pk, step.pk), {"seen": "1"}).status_code == 302
    assert not draft.steps.exists()
    assert client.post(page("circuit_delete", draft.pk)).status_code == 302
    assert client.post(page("circuit_delete", draft.pk)).status_code == 404
    assert client.post(page("circuit_end", circuit.pk), day).status_code == 302
    assert client.post(page("circuit_end", circuit.pk), day).status_code == 302


def test_from_another_departement_and_signed_out(sign_in):
    draft, shown = CircuitFactory(), in_force(CircuitFactory(people="adults"))
    far = sign_in(actor("prefect_office", scope_of(territory("departement", "69"))))
    for name, arguments in (
        ("circuit", [shown.pk]), ("circuit", [draft.pk]), ("circuit_publish", [draft.pk]), ("circuit_end", [shown.pk]),
        ("circuit_step_add", [draft.pk]), ("circuit_step_edit", [draft.pk, draft.steps.get().pk]),
        ("circuit_step_remove", [draft.pk, draft.steps.get().pk]), ("circuit_delete", [draft.pk]),
    ):  # fmt: skip
        assert far.get(page(name, *arguments)).status_code == 404, name
        assert far.post(page(name, *arguments)).status_code == (405 if name == "circuit" else 404), name
        assert Client().get(page(name, *arguments)).status_code == 302, name
        assert Client().post(page(name, *arguments)).status_code == 401, name
    # A step of one circuit is not reached through another.
    near = sign_in(actor("prefect_office", scope_of(territory("departement", "42"))))
    assert near.get(page("circuit_step_edit", draft.pk, shown.steps.get().pk)).status_code == 404


def test_rules_know_every_word_of_their_sentences(coordinator):
    """The same sentence on the disabled button as in the refusal."""
    circuit = CircuitFactory()
    said = reason(rules.check_can_publish, circuit, coordinator)
    with pytest.raises(Refused) as refused:
        actions.publish_circuit(circuit=circuit, on=timezone.localdate(), seen=1, by=coordinator)
    assert refused.value.reason == said
