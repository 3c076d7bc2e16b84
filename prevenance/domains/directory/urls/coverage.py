from django.urls import path

from prevenance.domains.directory.views import coverage, nation, scenarios

app_name = "coverage"
urlpatterns = [
    path("", coverage.coverage, name="coverage"),
    path("france/", nation.nation, name="nation"),
    path("france/compter/", nation.nation_count, name="nation_count"),
    path("placement/", coverage.placement, name="placement"),
    path("essai/", scenarios.what_if, name="what_if"),
    path("essais/<int:scenario>/supprimer/", scenarios.scenario_delete, name="scenario_delete"),
]
