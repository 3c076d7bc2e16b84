"""Addresses of a council's partners and their commitments."""

from django.urls import path

from prevenance.domains.governance.views import partners

urlpatterns = [
    path("<int:pk>/partenaires/", partners.partners, name="partners"),
    path("<int:pk>/partenaires/<int:organisation>/", partners.partner, name="partner"),
    path("<int:pk>/partenaires/<int:organisation>/engagement/", partners.commitment_add, name="commitment_add"),
    path("<int:pk>/engagements/<int:commitment>/", partners.commitment_edit, name="commitment_edit"),
    path("<int:pk>/engagements/<int:commitment>/retirer/", partners.commitment_remove, name="commitment_remove"),
]
