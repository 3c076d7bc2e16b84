"""Addresses of clinics and of rounds."""

from django.urls import path

from prevenance.domains.directory.views import doors, rounds

urlpatterns = [
    path("permanences/", doors.doors, name="doors"),
    path("permanences/<int:door>/modifier/", doors.door_edit, name="door_edit"),
    path("permanences/<int:door>/terminer/", doors.door_end, name="door_end"),
    path("services/<int:service>/permanences/ajouter/", doors.door_add, name="door_add"),
    path("services/<int:service>/tournees/ajouter/", rounds.round_add, name="round_add"),
    path("tournees/", rounds.rounds, name="rounds"),
    path("tournees/<int:round>/", rounds.round, name="round"),
    path("tournees/<int:round>/modifier/", rounds.round_edit, name="round_edit"),
    path("tournees/<int:round>/terminer/", rounds.round_end, name="round_end"),
    path("tournees/<int:round>/couverture/", rounds.round_coverage, name="round_coverage"),
    path("tournees/<int:round>/arrets/ajouter/", rounds.stop_add, name="stop_add"),
    path("tournees/arrets/<int:stop>/avancer/", rounds.stop_move, name="stop_move"),
]
