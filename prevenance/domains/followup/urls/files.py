from django.urls import path

from prevenance.domains.followup.views import files, lists, opening, people, reading, readings, terms

urlpatterns = [
    path("suivis/", lists.files, name="files"),
    path("suivis/chercher/", lists.search, name="search"),
    path("suivis/lectures/", readings.review, name="readings_review"),
    path("suivis/groupes/<int:body>/regles/", terms.terms, name="terms"),
    path("suivis/ouvrir/", opening.file_open, name="file_open"),
    path("suivis/propositions/<int:part>/", people.proposal, name="proposal"),
    path("suivis/<int:file>/", files.file, name="file"),
    path("suivis/<int:file>/motif/", reading.file_reason, name="file_reason"),
    path("suivis/<int:file>/identite/", files.identity, name="identity"),
    path("suivis/<int:file>/representants/", files.representatives_edit, name="representatives"),
    path("suivis/<int:file>/situations/ajouter/", files.fact_add, name="fact_add"),
    path("suivis/<int:file>/situations/<int:fact>/fin/", files.fact_end, name="fact_end"),
    path("suivis/<int:file>/intervenants/", people.people, name="people"),
    path("suivis/<int:file>/intervenants/ajouter/<slug:what>/", people.people_add, name="people_add"),
    path("suivis/<int:file>/intervenants/<int:part>/retirer/", people.part_withdraw, name="part_withdraw"),
    path("suivis/<int:file>/intervenants/<int:part>/fin/", people.part_end, name="part_end"),
    path("suivis/<int:file>/lectures/", readings.readings, name="readings"),
]
