from django.apps import AppConfig
from django.db.models.signals import post_migrate


class GovernanceConfig(AppConfig):
    name = "prevenance.domains.governance"
    label = "governance"

    def ready(self):
        from prevenance.domains.governance.actions.exchange_texts import load_after_migration

        # Dated texts are data that the database itself reads: the owner writes them whenever it migrates.
        post_migrate.connect(load_after_migration, sender=self, dispatch_uid="governance.exchange_texts")
