"""What governance holds about a person, in words, for the person."""

from typing import Any

from django.utils.translation import gettext as _

from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.analysis import day, moment
from prevenance.domains.governance.models import (
    Act,
    Attendance,
    CalendarFeed,
    Decision,
    DecisionReminder,
    LetterRecipient,
    Membership,
    Minutes,
    Signature,
    SignatureReminder,
    Upload,
)


def held_about(actor: Actor) -> dict[str, Any]:
    """Every row of councils that names the person, under French headings.

    One's own rows are one's own to read under any mandate, even of a council that the acting one does not reach: they
    are asked for by the person alone, which is narrower than any `visible_to`. A decision still drafted belongs to
    those who prepare: it is told once its minutes are approved.
    """
    me = actor.person_id
    signatures = Signature.objects.filter(person=me).select_related("rulebook__body__council")
    reminders = [*DecisionReminder.objects.filter(person=me), *SignatureReminder.objects.filter(person=me)]
    return {
        _("Participation aux conseils"): [
            {
                _("Conseil"): seat.body.council.name,
                _("Formation"): seat.body.name,
                _("Fonction"): seat.title,
                _("Qualité"): seat.get_quality_display(),
                _("Organisme"): seat.organisation.name if seat.organisation else "",
                _("À compter du"): day(seat.valid_from),
                _("Jusqu’au"): day(seat.valid_to),
            }
            for seat in Membership.objects.filter(person=me)
            .select_related("body__council", "organisation")
            .order_by("-valid_from", "pk")
        ],
        _("Convocations et présences"): [
            {
                _("Réunion"): line.meeting.title,
                _("Conseil"): line.meeting.council.name,
                _("Date"): moment(line.meeting.starts_at),
                _("Courriel envoyé le"): moment(line.sent_at),
                _("Réponse"): str(line.get_answer_display()),
                _("Répondu le"): moment(line.answered_at),
                _("Présence"): str(line.get_presence_display()),
                _("Représenté par"): line.represented_by,
            }
            for line in Attendance.objects.filter(membership__person=me)
            .select_related("meeting__council")
            .order_by("-meeting__starts_at", "pk")
        ],
        _("Décisions portées"): [
            {
                _("Décision"): decision.number,
                _("Conseil"): decision.council.name,
                _("Texte"): decision.text,
                _("Échéance"): day(decision.due_on),
                _("État"): str(decision.get_state_display()),
            }
            for decision in Decision.objects.followed()
            .filter(owner=me)
            .select_related("council")
            .order_by("-year", "-rank", "pk")
        ],
        _("Signatures"): [
            {
                _("Texte signé"): str(row.rulebook),
                _("Conseil"): row.rulebook.body.council.name,
                _("Version"): row.rulebook.version,
                _("Acte"): _("retrait") if row.withdrawn else _("signature"),
                _("Date"): moment(row.at),
            }
            for row in signatures.order_by("-at", "pk")
        ],
        _("Actes dont je suis l’objet"): [
            {
                _("Acte"): act.title,
                _("Conseil"): act.council.name if act.council else act.scope.label,
                _("Référence"): act.reference,
                _("Signé le"): day(act.signed_on),
                _("En vigueur le"): day(act.in_force_from),
                _("Dernier jour"): day(act.last_day),
            }
            for act in Act.objects.filter(person=me, signed_on__isnull=False)
            .select_related("council", "scope", "mandate")
            .order_by("-signed_on", "pk")
        ],
        _("Comptes rendus approuvés"): [
            {
                _("Réunion"): minutes.meeting.title,
                _("Conseil"): minutes.meeting.council.name,
                _("Approuvé le"): moment(minutes.approved_at),
            }
            for minutes in Minutes.objects.filter(approved_by=me)
            .select_related("meeting__council")
            .order_by("-approved_at", "pk")
        ],
        _("Documents déposés"): [
            {
                _("Document"): document.name,
                _("Conseil"): document.council.name if document.council else "",
                _("Déposé le"): moment(document.added_at),
            }
            for document in Upload.objects.filter(added_by=me).select_related("council").order_by("-added_at", "pk")
        ],
        _("Lettres reçues"): [
            {
                _("Objet"): row.letter.subject,
                _("Conseil"): row.council.name,
                _("Envoyée le"): moment(row.sent_at),
            }
            for row in LetterRecipient.objects.filter(person=me)
            .select_related("letter", "council")
            .order_by("-letter__written_at", "pk")
        ],
        _("Agenda personnel"): [
            {_("Adresse ouverte le"): moment(feed.created_at)} for feed in CalendarFeed.objects.filter(person=me)
        ],
        _("Rappels envoyés"): [
            {_("Envoyé le"): moment(at)} for at in sorted((row.sent_at for row in reminders), reverse=True)
        ],
    }
