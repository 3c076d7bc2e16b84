from django.core.management.commands.migrate import Command as Migrate

from prevenance.core.row_security import give_rights


class Command(Migrate):
    """Django's own, then the application role receives what each model declares, and no more."""

    def handle(self, *args, **options):
        super().handle(*args, **options)
        give_rights()
