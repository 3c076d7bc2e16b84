"""Addresses of the strategy domain, under /mesures/, /plans/, /indicateurs/ and /outils/."""

from prevenance.domains.strategy.urls import indicators, measures, plans, sheets, toolbox

app_name = "strategy"
urlpatterns = [
    *measures.urlpatterns,
    *plans.urlpatterns,
    *sheets.urlpatterns,
    *indicators.urlpatterns,
    *toolbox.urlpatterns,
]
