"""Who may sign in (a plug point of Django): an open account with a password."""

from django.contrib.auth.backends import BaseBackend

from prevenance.domains.accounts.models import Person


class Mandated(BaseBackend):
    """E-mail and password. Takes as long for an unknown address as for a wrong password."""

    def authenticate(self, request, username=None, password=None):
        if not username or password is None:
            return None
        person = Person.objects.filter(email=username.strip().lower()).first()
        if person is None or not person.has_usable_password():
            Person().set_password(password)  # same work, so that time tells nothing
            return None
        return person if person.check_password(password) and person.is_active else None

    def get_user(self, person_id):
        return Person.objects.filter(pk=person_id, is_active=True).first()
