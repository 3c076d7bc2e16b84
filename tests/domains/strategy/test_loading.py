"""Loading the catalogue, as the owner of the database, as often as wanted."""

from django.core.management import call_command

from prevenance.domains.strategy.models import Strategy, StrategyAction, ToolEvidence, ToolSheet
from tests.domains.territories.conftest import owned_france  # noqa: F401  (a fixture)


def test_loading_again_changes_nothing_and_keeps_what_points_to_an_action(owned_france):  # noqa: F811
    before = list(StrategyAction.objects.order_by("pk").values_list("pk", "number", "label"))
    assert len(before) == 121
    StrategyAction.objects.filter(number="1.1").update(label="Autre")
    changed = ToolSheet.objects.order_by("pk").first()
    ToolSheet.objects.filter(pk=changed.pk).update(title="Gardé par le secrétariat")
    call_command("load_strategies")
    assert list(StrategyAction.objects.order_by("pk").values_list("pk", "number", "label")) == before
    assert Strategy.objects.get().key == "2020-2024"
    assert ToolSheet.objects.filter(state="published").count() == 20
    assert ToolEvidence.objects.count() == 100
    assert ToolSheet.objects.get(pk=changed.pk).title == "Gardé par le secrétariat"
