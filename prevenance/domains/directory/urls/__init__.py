from django.urls import path

from prevenance.domains.directory import views
from prevenance.domains.directory.urls import doors, stations
from prevenance.domains.directory.views import orientation_answers, orientation_figures, orientations

app_name = "directory"
urlpatterns = [
    path("", views.services, name="services"),
    path("services/<int:service>/", views.service, name="service"),
    path("services/<int:service>/modifier/", views.service_edit, name="service_edit"),
    path("services/<int:service>/confirmer/", views.service_verify, name="service_verify"),
    path("services/<int:service>/fermer/", views.service_close, name="service_close"),
    path("services/<int:service>/rouvrir/", views.service_reopen, name="service_reopen"),
    path("services/<int:service>/orienter/", orientations.orient, name="orient"),
    path("orienter/", orientations.orient_search, name="orient_search"),
    path("orientations/", orientations.orientations, name="orientations"),
    path("orientations/chiffres/", orientation_figures.orientation_figures, name="orientation_figures"),
    path("orientations/<int:orientation>/", orientations.orientation, name="orientation"),
    path("orientations/<int:orientation>/lien/", orientations.orientation_link, name="orientation_link"),
    path("orientations/<int:orientation>/retirer/", orientations.orientation_withdraw, name="orientation_withdraw"),
    path("reponse/<str:token>/", orientation_answers.orientation_answer, name="orientation_answer"),
    path("doublons/", views.doubles, name="doubles"),
    path(
        "doublons/structures/<int:first>/<int:second>/reunir/",
        views.double_merge,
        {"what": "structures"},
        name="structures_merge",
    ),
    path("doublons/structures/<int:first>/<int:second>/distinctes/", views.double_distinct, name="structures_distinct"),
    path(
        "doublons/services/<int:first>/<int:second>/reunir/",
        views.double_merge,
        {"what": "services"},
        name="services_merge",
    ),
    path("signaler/<uuid:key>/", views.service_report, name="service_report"),
    path("fichiers/", views.exchanges, name="exchanges"),
    path("fichiers/importer/", views.exchange_import, name="exchange_import"),
    path("fichiers/exporter/", views.exchange_export, name="exchange_export"),
    path("fichiers/<int:exchange>/", views.exchange, name="exchange"),
    path("fichiers/<int:exchange>/telecharger/", views.exchange_file, name="exchange_file"),
    path("fichiers/<int:exchange>/arreter/", views.exchange_stop, name="exchange_stop"),
    path("structures/", views.structures, name="structures"),
    path("structures/ajouter/", views.structure_add, name="structure_add"),
    path("structures/<int:structure>/", views.structure, name="structure"),
    path("structures/<int:structure>/modifier/", views.structure_edit, name="structure_edit"),
    path("structures/<int:structure>/fermer/", views.structure_close, name="structure_close"),
    path("structures/<int:structure>/services/ajouter/", views.service_add, name="service_add"),
    *doors.urlpatterns,
    *stations.urlpatterns,
]
