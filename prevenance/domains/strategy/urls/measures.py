from django.urls import path

from prevenance.domains.strategy.views import catalogue, progress

urlpatterns = [
    path("mesures/", catalogue.measures, name="measures"),
    path("mesures/avancement/", progress.progress, name="progress"),
    path("mesures/<int:number>/", catalogue.measure, name="measure"),
]
