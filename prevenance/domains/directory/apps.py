from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "prevenance.domains.directory"
    label = "directory"
