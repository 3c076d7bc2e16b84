from django.urls import path

from prevenance.domains.followup.views import files, reading

urlpatterns = [
    path("suivis/", files.files, name="files"),
    path("suivis/<int:file>/", files.file, name="file"),
    path("suivis/<int:file>/motif/", reading.file_reason, name="file_reason"),
]
