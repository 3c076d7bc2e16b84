from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    name = "prevenance.domains.territories"
    label = "territories"
