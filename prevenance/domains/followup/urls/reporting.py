from django.urls import path

from prevenance.domains.followup.views import reporting, reports

urlpatterns = [
    path("suivis/groupes/<int:body>/circuits/", reports.channels, name="channels"),
    path("suivis/groupes/<int:body>/circuits/ouvrir/", reports.channel_open, name="channel_open"),
    path("suivis/circuits/<int:channel>/", reports.channel, name="channel"),
    path("suivis/circuits/<int:channel>/fermer/", reports.channel_close, name="channel_close"),
    path("suivis/circuits/<int:channel>/personnes/ajouter/", reports.reporter_add, name="reporter_add"),
    path(
        "suivis/circuits/<int:channel>/personnes/<int:reporter>/retirer/", reports.reporter_remove,
        name="reporter_remove",
    ),
    path("suivis/signaler/", reporting.report_in, name="report_in"),
    path("suivis/signaler/<int:channel>/", reporting.report_send, name="report_send"),
    path("suivis/signalements/", reports.reports, name="reports"),
    path("suivis/signalements/<int:signal>/", reports.report, name="report"),
    path("suivis/signalements/<int:signal>/retenir/", reports.report_accept, name="report_accept"),
    path("suivis/signalements/<int:signal>/ecarter/", reports.report_decline, name="report_decline"),
]  # fmt: skip
