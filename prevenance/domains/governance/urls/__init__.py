"""Addresses of councils and of what they do."""

from prevenance.domains.governance.urls import acts, councils, meetings, partners, rulebooks

app_name = "governance"
urlpatterns = (
    acts.urlpatterns + councils.urlpatterns + meetings.urlpatterns + rulebooks.urlpatterns + partners.urlpatterns
)
