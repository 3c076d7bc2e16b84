from django.urls import path

from prevenance.domains.followup.views import handovers, sharing

urlpatterns = [
    path("suivis/<int:file>/partages/", sharing.shares, name="shares"),
    path("suivis/<int:file>/partages/ajouter/", sharing.share_add, name="share_add"),
    path("suivis/<int:file>/partages/<int:share>/retirer/", sharing.share_withdraw, name="share_withdraw"),
    path("suivis/partages/", sharing.received, name="received"),
    path("suivis/partages/<int:share>/", sharing.shared, name="shared"),
    path("suivis/partages/<int:share>/pieces/<int:attachment>/", sharing.shared_attachment, name="shared_attachment"),
    path("suivis/<int:file>/relais/", handovers.handover_propose, name="handover_propose"),
    path("suivis/<int:file>/relais/<int:handover>/retirer/", handovers.handover_withdraw, name="handover_withdraw"),
    path("suivis/<int:file>/relais/<int:handover>/terminer/", handovers.handover_finish, name="handover_finish"),
    path("suivis/relais/", handovers.handovers, name="handovers"),
    path("suivis/relais/<int:proposal>/", handovers.handover, name="handover"),
    path("suivis/relais/<int:proposal>/accepter/", handovers.handover_accept, name="handover_accept"),
    path("suivis/relais/<int:proposal>/decliner/", handovers.handover_decline, name="handover_decline"),
]
