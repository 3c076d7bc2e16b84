"""Addresses of the registers of a département: social workers in stations, agreements, what they bring."""

from django.urls import path

from prevenance.domains.directory.views import agreement_documents, agreements, scheme, stations

PARTNERS, STATIONS = {"what": "partners"}, {"what": "stations"}
OF_STATION = "intervenants-sociaux/conventions/<int:agreement>/document/"
OF_PARTNERS = "conventions/<int:agreement>/document/"
show, keep, remove = (
    agreement_documents.agreement_document,
    agreement_documents.agreement_document_keep,
    agreement_documents.agreement_document_remove,
)
urlpatterns = [
    path(OF_STATION, show, STATIONS, name="station_document"),
    path(f"{OF_STATION}deposer/", keep, STATIONS, name="station_document_keep"),
    path(f"{OF_STATION}retirer/", remove, STATIONS, name="station_document_remove"),
    path(OF_PARTNERS, show, PARTNERS, name="agreement_document"),
    path(f"{OF_PARTNERS}deposer/", keep, PARTNERS, name="agreement_document_keep"),
    path(f"{OF_PARTNERS}retirer/", remove, PARTNERS, name="agreement_document_remove"),
    path("intervenants-sociaux/", stations.stations, name="stations"),
    path("intervenants-sociaux/france/", stations.stations_nation, name="stations_nation"),
    path("intervenants-sociaux/complet/", stations.stations_confirm, name="stations_confirm"),
    path("intervenants-sociaux/ajouter/", stations.station_add, name="station_add"),
    path("intervenants-sociaux/<int:post>/", stations.station, name="station"),
    path("intervenants-sociaux/<int:post>/modifier/", stations.station_edit, name="station_edit"),
    path("intervenants-sociaux/<int:post>/fermer/", stations.station_close, name="station_close"),
    path("intervenants-sociaux/<int:post>/convention/", stations.station_agreement_add, name="station_agreement_add"),
    path("intervenants-sociaux/<int:post>/financement/", stations.station_funding, name="station_funding"),
    path(
        "intervenants-sociaux/conventions/<int:agreement>/retirer/",
        stations.station_agreement_remove,
        name="station_agreement_remove",
    ),
    path("conventions/", agreements.agreements, name="agreements"),
    path("conventions/ajouter/", agreements.agreement_add, name="agreement_add"),
    path("conventions/<int:agreement>/modifier/", agreements.agreement_edit, name="agreement_edit"),
    path("conventions/<int:agreement>/retirer/", agreements.agreement_remove, name="agreement_remove"),
    path("schema/", scheme.scheme, name="scheme"),
]
