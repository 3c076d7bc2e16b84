from django.urls import path

from prevenance.domains.followup.views import figures

urlpatterns = [
    path("suivis/chiffres/", figures.figures, name="figures"),
]
