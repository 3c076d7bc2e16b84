"""Addresses of meetings, minutes, decisions."""

urlpatterns = []
