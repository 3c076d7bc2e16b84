"""Addresses of councils, members, imports, documents."""

from django.urls import path

from prevenance.domains.governance.views import bodies, compositions, controllers, councils, imports, members, uploads

urlpatterns = [
    path("", councils.councils, name="councils"),
    path("creer/", councils.council_create, name="council_create"),
    path("<int:pk>/", councils.council, name="council"),
    path("<int:pk>/obligations/", councils.council_law, name="council_law"),
    path("<int:pk>/modifier/", councils.council_edit, name="council_edit"),
    path("<int:pk>/fin/", councils.council_end, name="council_end"),
    path("<int:pk>/formations/", bodies.bodies, name="bodies"),
    path("<int:pk>/formations/ouvrir/", bodies.body_open, name="body_open"),
    path("<int:pk>/formations/<int:body>/", bodies.body, name="body"),
    path("<int:pk>/formations/<int:body>/modifier/", bodies.body_edit, name="body_edit"),
    path("<int:pk>/formations/<int:body>/fermer/", bodies.body_close, name="body_close"),
    path("<int:pk>/formations/<int:body>/echange/ouvrir/", bodies.exchange_open, name="exchange_open"),
    path("<int:pk>/formations/<int:body>/echange/fermer/", bodies.exchange_close, name="exchange_close"),
    path("responsable-de-traitement/", controllers.controller, name="controller"),
    path("<int:pk>/membres/", members.members, name="members"),
    path("<int:pk>/membres/ajouter/", members.member_add, name="member_add"),
    path("<int:pk>/membres/<int:member>/", members.member_edit, name="member_edit"),
    path("<int:pk>/membres/<int:member>/depart/", members.member_end, name="member_end"),
    path("<int:pk>/composition/preparer/", compositions.composition_prepare, name="composition_prepare"),
    path("<int:pk>/composition/<int:version>/", compositions.composition, name="composition"),
    path("<int:pk>/composition/<int:version>/acte.pdf", compositions.composition_pdf, name="composition_pdf"),
    path("<int:pk>/documents/deposer/", uploads.upload_add, name="upload_add"),
    path("<int:pk>/documents/<uuid:key>/", uploads.upload, name="upload"),
    path("<int:pk>/documents/<uuid:key>/communiquer/", uploads.upload_share, name="upload_share"),
    path("<int:pk>/documents/<uuid:key>/supprimer/", uploads.upload_remove, name="upload_remove"),
    path("<int:pk>/importer/<str:subject>/", imports.import_start, name="import_start"),
    path("<int:pk>/tableaux/<int:draft>/colonnes/", imports.import_columns, name="import_columns"),
    path("<int:pk>/tableaux/<int:draft>/", imports.import_preview, name="import_preview"),
    path("<int:pk>/tableaux/<int:draft>/laissees/", imports.import_left, name="import_left"),
    path("<int:pk>/tableaux/<int:draft>/supprimer/", imports.import_discard, name="import_discard"),
]
