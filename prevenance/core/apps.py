from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "prevenance.core"
    label = "core"

    def ready(self) -> None:
        from prevenance.core import client_address  # noqa: F401 - declares its deployment check
        from prevenance.core.vault import checks  # noqa: F401 - the same
