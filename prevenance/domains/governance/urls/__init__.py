"""Addresses of councils and of what they do."""

from prevenance.domains.governance.urls import councils, meetings

app_name = "governance"
urlpatterns = councils.urlpatterns + meetings.urlpatterns
