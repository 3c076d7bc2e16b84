"""Sessions that know their person, so that each can be listed and closed (a plug point of Django).

Django writes the whole row again at each save. What the list shows is therefore kept in the session's own data and
copied to the columns: when it was opened, when it was last seen (to ten minutes), by which browser.
"""

import datetime as dt
import time

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.utils import timezone

OPENED, SEEN, BROWSER = "opened", "seen", "browser"
SEEN_EVERY = 600  # seconds: more often would be a write at each page

# The first that the browser's own description contains: the order matters, since they all claim to be one another.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
]
SYSTEMS = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
]


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls):
        from prevenance.domains.accounts.models import Session

        return Session

    def create_model_instance(self, data):
        session = super().create_model_instance(data)
        session.person_id = data.get("_auth_user_id")
        session.browser = data.get(BROWSER, "")
        for column, key in (("created_at", OPENED), ("last_seen_at", SEEN)):
            if key in data:
                setattr(session, column, dt.datetime.fromtimestamp(data[key], tz=dt.UTC))
        return session


class Sessions(SessionMiddleware):
    """Django's own, under the name that settings read beside the store."""


def begin(session, user_agent):
    """Note when and where a session begins."""
    session[OPENED] = session[SEEN] = int(time.time())
    session[BROWSER] = browser_name(user_agent)


def see(session):
    """Note that the session is in use, at most every ten minutes; this also puts its end off."""
    now = int(time.time())
    if now - session.get(SEEN, 0) >= SEEN_EVERY:
        session.setdefault(OPENED, now)
        session[SEEN] = now


def browser_name(user_agent):
    """« Firefox, Windows » out of what the browser says of itself: enough to recognise one's own, and no more."""
    found = [next((name for mark, name in marks if mark in user_agent), "") for marks in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found))


def clear_expired():
    """Delete the sessions that have ended; how many."""
    expired = SessionStore.get_model_class().objects.filter(expire_date__lt=timezone.now())
    return expired.delete()[0]
