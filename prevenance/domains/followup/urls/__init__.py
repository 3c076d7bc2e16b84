"""Addresses of the followup domain, under /suivis/ and /registres/."""

from prevenance.domains.followup.urls import figures, files, registers, reporting, rights, sharing, work

app_name = "followup"
urlpatterns = [
    *figures.urlpatterns,
    *files.urlpatterns,
    *work.urlpatterns,
    *rights.urlpatterns,
    *sharing.urlpatterns,
    *registers.urlpatterns,
    *reporting.urlpatterns,
]
