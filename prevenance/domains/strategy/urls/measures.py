from django.urls import path

from prevenance.domains.strategy.views import catalogue

urlpatterns = [
    path("mesures/", catalogue.measures, name="measures"),
    path("mesures/<int:number>/", catalogue.measure, name="measure"),
]
