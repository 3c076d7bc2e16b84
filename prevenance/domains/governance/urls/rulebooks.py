"""Addresses of rulebooks, charters and their signatures."""

from django.urls import path

from prevenance.domains.governance.views import rulebooks, signatures

urlpatterns = [
    path("<int:pk>/reglements/", rulebooks.rulebooks, name="council_rulebooks"),
    path("<int:pk>/reglements/rediger/", rulebooks.create, name="council_rulebook_create"),
    path("reglements/<int:pk>/", rulebooks.rulebook, name="rulebook"),
    path("reglements/<int:pk>/reglement.pdf", rulebooks.pdf, name="rulebook_pdf"),
    path("reglements/<int:pk>/depuis/<int:version>/", rulebooks.differences, name="rulebook_differences"),
    path("reglements/<int:pk>/ecrire/", rulebooks.write, name="rulebook_write"),
    path("reglements/<int:pk>/abandonner/", rulebooks.discard, name="rulebook_discard"),
    path("reglements/<int:pk>/proposer/", rulebooks.propose, name="rulebook_propose"),
    path("reglements/<int:pk>/adopter/", rulebooks.adopt, name="rulebook_adopt"),
    path("reglements/<int:pk>/retirer/", rulebooks.withdraw, name="rulebook_withdraw"),
    path("reglements/<int:pk>/relancer/", rulebooks.ask, name="rulebook_ask"),
    path("reglements/<int:pk>/signer/", signatures.sign, name="rulebook_sign"),
    path("reglements/<int:pk>/signature/retirer/", signatures.take_back, name="rulebook_take_back"),
]
