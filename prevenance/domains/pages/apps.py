from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "prevenance.domains.pages"
    label = "pages"
