"""Addresses of acts."""

from django.urls import path

from prevenance.domains.governance.views import acts

urlpatterns = [
    path("actes/", acts.act_list, name="acts"),
    path("actes/preparer/", acts.act_choose, name="act_choose"),
    path("actes/preparer/<slug:key>/", acts.act_prepare, name="act_prepare"),
    path("actes/<int:pk>/", acts.act, name="act"),
    path("actes/<int:pk>/modifier/", acts.act_edit, name="act_edit"),
    path("actes/<int:pk>/retirer/", acts.act_remove, name="act_remove"),
    path("actes/<int:pk>/transmettre/", acts.act_submit, name="act_submit"),
    path("actes/<int:pk>/avis/<int:line>/", acts.act_opinion, name="act_opinion"),
    path("actes/<int:pk>/signatures/<int:line>/", acts.act_sign, name="act_sign"),
    path("actes/<int:pk>/acte.pdf", acts.act_pdf, name="act_pdf"),
    path("actes/<int:pk>/exemplaire/", acts.act_copy, name="act_copy"),
    path("actes/<int:pk>/exemplaire/deposer/", acts.act_copy_add, name="act_copy_add"),
    path("actes/<int:pk>/fin/", acts.act_end, name="act_end"),
]
