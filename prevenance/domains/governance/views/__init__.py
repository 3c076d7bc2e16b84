"""Screens of councils and meetings."""
