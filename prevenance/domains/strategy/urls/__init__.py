"""Addresses of the strategy domain, under /mesures/, /plans/, /indicateurs/ and /outils/."""

from prevenance.domains.strategy.urls import measures

app_name = "strategy"
urlpatterns = [*measures.urlpatterns]
