"""Sessions that know their person, so that each can be listed and closed (a plug point of Django)."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.middleware import SessionMiddleware


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls):
        from prevenance.domains.accounts.models import Session

        return Session

    def create_model_instance(self, data):
        session = super().create_model_instance(data)
        session.person_id = data.get("_auth_user_id")
        session.browser = data.get("browser", "")
        return session


class Sessions(SessionMiddleware):
    """Django's own, under the name that settings read beside the store."""
