from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "prevenance.domains.governance"
    label = "governance"
