"""Addresses of the followup domain, under /suivis/ and /registres/."""

from prevenance.domains.followup.urls import files, registers, rights, sharing, work

app_name = "followup"
urlpatterns = [
    *files.urlpatterns,
    *work.urlpatterns,
    *rights.urlpatterns,
    *sharing.urlpatterns,
    *registers.urlpatterns,
]
