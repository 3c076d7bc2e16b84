from django.apps import AppConfig


class StrategyConfig(AppConfig):
    name = "prevenance.domains.strategy"
    label = "strategy"
