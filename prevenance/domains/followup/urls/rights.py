from django.urls import path

from prevenance.domains.followup.views import endings, rights

urlpatterns = [
    path("suivis/<int:file>/droits/", rights.rights, name="rights"),
    path("suivis/<int:file>/droits/information/<int:notice>.pdf", rights.notice_paper, name="notice_paper"),
    path("suivis/<int:file>/droits/information/<int:notice>/remise/", rights.notice_hand, name="notice_hand"),
    path("suivis/<int:file>/droits/information/<int:notice>/opposition/", rights.notice_object, name="notice_object"),
    path("suivis/<int:file>/droits/demandes/ajouter/", rights.request_add, name="request_add"),
    path("suivis/<int:file>/droits/demandes/<int:demand>/", rights.request_answer, name="request_answer"),
    path("suivis/<int:file>/droits/demandes/<int:demand>/copie.pdf", rights.request_copy, name="request_copy"),
    path("suivis/<int:file>/droits/demandes/<int:demand>/rectifier/", rights.request_rectify, name="request_rectify"),
    path("suivis/<int:file>/fin/", endings.file_end, name="file_end"),
    path("suivis/<int:file>/apres/", endings.file_later, name="file_later"),
    path("suivis/<int:file>/conservation/", endings.hold_set, name="hold_set"),
    path("suivis/<int:file>/conservation/lever/", endings.hold_lift, name="hold_lift"),
    path("suivis/archives/", endings.archives, name="archives"),
    path("suivis/archives/<int:archive>/", endings.archive_open, name="archive_open"),
]
