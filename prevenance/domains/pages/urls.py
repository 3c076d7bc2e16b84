from django.urls import path

from prevenance.domains.pages import views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("sante/", views.health, name="health"),
    path("ma-journee/", views.my_day, name="my_day"),
    path("compte/donnees/", views.my_data, name="my_data"),
    path("aide/", views.help_page, name="help"),
    path("aide/facile/", views.help_easy, name="help_easy"),
    path("aide/traces/", views.help_traces, name="help_traces"),
    path("aide/signaler/", views.help_report, name="help_report"),
    path("aide/affiche/", views.help_poster, name="help_poster"),
    path("aide/communes.json", views.help_communes, name="help_communes"),
    path("aide/sans-reponse/", views.help_unanswered, name="help_unanswered"),
    path("territoires/", views.france, name="france"),
    path("territoires/attendus/", views.expected, name="expected"),
    path("territoires/<slug:kind>/<slug:code>/", views.territory, name="territory"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("donnees-personnelles/", views.personal_data, name="personal_data"),
    path("mentions-legales/", views.legal, name="legal"),
    path("code-source/", views.source, name="source"),
    path("style/", views.style, name="style"),
]
