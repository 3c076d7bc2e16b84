"""What goes when a controller is forgotten: all that it has, and what cannot stand without it."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models import Q

from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.analysis.everything import files, owned
from prevenance.domains.governance.models import (
    Act,
    ActConsultation,
    ActSignature,
    HandOver,
    Letter,
    LetterRecipient,
    Upload,
)


def erased_with(scope: Scope) -> Iterator[tuple[type[models.Model], models.QuerySet[Any]]]:
    """(table, rows) of all that goes, each table of governance once.

    What is another controller's too stays theirs: a letter that somebody else wrote or received, the signature that
    this one gave to an agreement of another.
    """
    acts = Act.objects.filter(Q(scope=scope) | Q(council__scope__holder=scope)).order_by()
    elsewhere = LetterRecipient.objects.exclude(council__scope__holder=scope).values("letter")
    letters = Letter.objects.filter(scope=scope).exclude(pk__in=elsewhere).order_by()
    special: dict[type[models.Model], models.QuerySet[Any]] = {
        Act: acts,
        ActConsultation: ActConsultation.objects.filter(act__in=acts.values("pk")),
        ActSignature: ActSignature.objects.filter(act__in=acts.values("pk")),
        HandOver: HandOver.objects.filter(
            Q(problem__council__scope__holder=scope) | Q(body__council__scope__holder=scope)
        ),
        Letter: letters,
        LetterRecipient: LetterRecipient.objects.filter(council__scope__holder=scope),
        Upload: Upload.objects.filter(Q(pk__in=files(scope).order_by().values("pk")) | Q(pk__in=acts.values("scan"))),
    }
    for model, rows in owned(scope):
        yield model, special.get(model, rows).order_by("pk")
