"""Fixtures of the accounts: a fast hasher that counts its work, the clock of one-time passwords, waiting jobs."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from prevenance.domains.accounts.models import Scope
from tests.factories import CouncilFactory, actor, coordinator_of, scope_of, territory

PASSWORD = "une longue phrase inventée"
KEY = "3132333435363738393031323334353637383930"


class CountingHasher(MD5PasswordHasher):
    """Quick, and counts how many passwords were hashed: what an attacker would measure as time."""

    algorithm = "counting"
    hashed = 0

    def encode(self, password, salt):
        CountingHasher.hashed += 1
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["tests.domains.accounts.conftest.CountingHasher"]
    CountingHasher.hashed = 0


@pytest.fixture
def with_password():
    """with_password(person): the person has an account whose password is PASSWORD."""

    def open_account(person):
        person.set_password(PASSWORD)
        person.save()
        return person

    return open_account


@pytest.fixture
def with_device(with_password):
    """with_device(person): the person has an account and a confirmed application of codes, of key KEY."""

    def install(person):
        if not person.has_usable_password():
            with_password(person)
        return TOTPDevice.objects.create(user=person, name="totp", confirmed=True, key=KEY)

    return install


def code_now(steps=0, key=KEY):
    """The six digits that the application shows, `steps` times 30 seconds from now."""
    return f"{totp(bytes.fromhex(key), t0=-30 * steps):06d}" if steps else f"{totp(bytes.fromhex(key)):06d}"


@pytest.fixture
def run_jobs():
    """Do every job that was put in the queue and not done yet; how many there were."""
    done = set()

    def run():
        jobs = ProcrastinateJob.objects.filter(status="todo", scheduled_at=None).exclude(pk__in=done).order_by("pk")
        jobs = list(jobs)
        for job in jobs:
            done.add(job.pk)
            app.tasks[job.task_name].func(**job.args)
        return len(jobs)

    return run


@pytest.fixture
def council(db):
    return CouncilFactory()


@pytest.fixture
def coordinator(council):
    return coordinator_of(council)


@pytest.fixture
def mayor(council):
    return actor("mayor", scope_of(council.territory))


@pytest.fixture
def administrator(db):
    platform = Scope.objects.get_or_create(kind=Scope.Kind.PLATFORM, defaults={"label": "Plateforme"})[0]
    return actor("administrator", platform)


@pytest.fixture
def other_council(db):
    return CouncilFactory(territory=territory("commune", "69123"))


@pytest.fixture
def sign_in_by_hand(client, with_device):
    """sign_in_by_hand(person): password, then code, as a person does; returns the client."""

    def enter(person):
        with_device(person)
        client.post("/compte/entrer/", {"username": person.email, "password": PASSWORD})
        client.post("/compte/second-facteur/", {"code": code_now()})
        return client

    return enter
