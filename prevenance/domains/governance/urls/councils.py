"""Addresses of councils, members, imports, documents."""

urlpatterns = []
