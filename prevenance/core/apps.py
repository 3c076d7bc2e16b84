from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "prevenance.core"
    label = "core"
