from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "prevenance.domains.accounts"
    label = "accounts"
