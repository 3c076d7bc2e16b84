"""The complete copy of a file for the person: everything in it, professionals told by function. Drawn, never kept.

Who read the file is another page: it comes from the audit trail, not from the file.
"""

from django.utils.translation import gettext as _

from prevenance.core import vault
from prevenance.domains.accounts.models import Person
from prevenance.domains.followup.analysis.reading import key_of, opened_values
from prevenance.domains.followup.analysis.sections import PARTS, Entry, Section, Who, day, sections, told
from prevenance.domains.followup.models import (
    Alert,
    ArchiveAccess,
    FollowUp,
    Handover,
    Hold,
    Involvement,
    Line,
    Notice,
    RightsRequest,
    Share,
)
from prevenance.domains.followup.models.sharing import WHOLE
from prevenance.domains.followup.rules import clocks, lists
from prevenance.domains.governance.models import Membership


def by_function(followup: FollowUp) -> Who:
    """How professionals are told to the person: the function under which they sit in the group, never their name."""
    seats = Membership.objects.filter(body=followup.body_id).select_related("organisation").order_by("pk")
    functions = {
        seat.person_id: ", ".join(
            filter(None, [seat.title, seat.organisation.name if seat.organisation else ""])
        ) or _("Membre du groupe")
        for seat in seats
    }  # fmt: skip

    def who(person: Person | None) -> str:
        return functions.get(person.pk, _("Professionnel d’un autre groupe")) if person is not None else ""

    return who


def copy(followup: FollowUp, *, without_alerts: bool = False) -> list[Section]:
    """Every part of the file. `without_alerts`: where telling them would harm the child (CASF, L226-2-1)."""
    key, who = key_of(followup), by_function(followup)
    parts = [
        Section("file", _("Le dossier"), [Entry(str(followup), file_facts(followup, who))]),
        *sections(followup, PARTS, key, who),
        Section("people", _("Qui intervient"), people(followup, who)),
    ]
    if not without_alerts:
        parts.append(Section("alerts", _("Alertes accomplies"), alerts(followup, key, who)))
    parts.append(Section("rights", _("Information et droits"), rights(followup, key, who)))
    parts.append(Section("sharing", _("Partages et passages de relais"), shares(followup, key, who)))
    parts.append(Section("keeping", _("Conservation"), keeping(followup, key, who)))
    return parts


def file_facts(followup: FollowUp, who: Who) -> list[tuple[str, str]]:
    line = Line.objects.filter(followup=followup).first()
    facts = told(
        (_("Groupe"), followup.body.name), (_("Catégorie"), str(followup.get_category_display())),
        (_("Tranche d’âge"), clocks.band_label(followup)), (_("Ouvert le"), day(followup.opened_on)),
        (_("Ouvert par"), who(followup.opened_by)), (_("Prochain point"), day(followup.next_review_on)),
        (_("Terminé le"), day(followup.closed_on)), (_("Archivé le"), day(followup.archived_on)),
        (_("S’efface le"), day(followup.purge_on)),
    )  # fmt: skip
    if line is not None and not followup.is_open:
        facts += told(
            (_("Motif de fin"), str(line.get_reason_display())),
            (_("Situation à la sortie"), str(line.get_outcome_display())),
            (_("Situation trois mois après"), str(line.get_outcome_later_display()) if line.outcome_later else ""),
        )
    return facts


def people(followup: FollowUp, who: Who) -> list[Entry]:
    rows = Involvement.objects.filter(followup=followup).select_related("person", "proposed_by")
    return [
        Entry(
            who(row.person),
            told(
                (_("Qualité"), str(row.get_kind_display())), (_("Proposé par"), who(row.proposed_by)),
                (_("Accepté le"), day(row.accepted_at)), (_("Décliné le"), day(row.declined_at)),
                (_("À compter du"), day(row.valid_from)), (_("Jusqu’au"), day(row.valid_to)),
            ),
        )
        for row in rows
    ]  # fmt: skip


def alerts(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    return [
        Entry(
            lists.label("duties", opened_values(row, key)["duty"]),
            told((_("Accomplie le"), day(row.done_on)), (_("Par"), who(row.done_by))),
        )
        for row in Alert.objects.filter(followup=followup).select_related("done_by")
    ]


def rights(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    for notice in Notice.objects.filter(followup=followup).select_related("printed_by"):
        said = opened_values(notice, key)
        facts = told(
            (_("Pour"), lists.label("addressees", said["addressee"])), (_("Par"), who(notice.printed_by)),
            (_("Remise le"), day(notice.handed_on)), (_("Opposition le"), day(notice.objected_on)),
            (_("Suite donnée"), lists.label("objections", said["objection"])),
        )  # fmt: skip
        found.append(Entry(_("Information imprimée le %(day)s") % {"day": day(notice.printed_on)}, facts))
    for demand in RightsRequest.objects.filter(followup=followup).select_related("recorded_by", "answered_by"):
        said = opened_values(demand, key)
        facts = told(
            (_("Demandée par"), lists.label("addressees", said["asked_by"])), (_("Reçue le"), day(demand.received_on)),
            (_("Saisie par"), who(demand.recorded_by)), (_("Réponse avant le"), day(demand.due_on)),
            (_("Réponse"), lists.label("request_answers", said["answer"])),
            (_("Motif du refus"), lists.label("request_refusals", said["refusal"])),
            (_("Répondue le"), day(demand.answered_on)), (_("Répondue par"), who(demand.answered_by)),
        )  # fmt: skip
        found.append(Entry(lists.label("requests", said["kind"]), facts))
    return found


def shares(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    rows = Share.objects.filter(followup=followup).exclude(parts__contains=[WHOLE])
    for share in rows.select_related("to_person", "shared_by"):
        facts = told(
            (_("Avec"), who(share.to_person)), (_("Par"), who(share.shared_by)),
            (_("Finalité"), lists.label("share_purposes", opened_values(share, key)["purpose"])),
            (_("Jusqu’au"), day(share.until)), (_("Retiré le"), day(share.withdrawn_at)),
        )  # fmt: skip
        titles = dict(lists.choices("share_parts"))
        found.append(Entry(", ".join(titles.get(part, part) for part in share.parts), facts))
    for handover in Handover.objects.filter(followup=followup).select_related("to_body__council", "proposed_by"):
        said = opened_values(handover, key)
        facts = told(
            (_("À"), f"{handover.to_body.name}, {handover.to_body.council.name}"),
            (_("Accord écrit"), lists.label("addressees", said["agreed_by"])), (_("Signé le"), day(handover.agreed_on)),
            (_("Situation ce jour-là"), str(dict(Line.Outcome.choices).get(said["outcome"], ""))),
            (_("Proposé par"), who(handover.proposed_by)), (_("Accepté le"), day(handover.accepted_at)),
            (_("Décliné le"), day(handover.declined_at)), (_("Retiré le"), day(handover.withdrawn_at)),
        )  # fmt: skip
        found.append(Entry(_("Passage de relais du %(day)s") % {"day": day(handover.proposed_at)}, facts))
    return found


def keeping(followup: FollowUp, key: vault.Key, who: Who) -> list[Entry]:
    found = []
    for hold in Hold.objects.filter(followup=followup).select_related("set_by"):
        facts = told(
            (_("Motif"), lists.label("hold_reasons", opened_values(hold, key)["reason"])), (_("Par"), who(hold.set_by)),
            (_("Posée le"), day(hold.set_on)), (_("Jusqu’au"), day(hold.until)), (_("Levée le"), day(hold.lifted_on)),
        )  # fmt: skip
        found.append(Entry(_("Conservation imposée"), facts))
    for access in ArchiveAccess.objects.filter(followup=followup).select_related("person", "granted_by"):
        facts = told(
            (_("Lecteur"), who(access.person)), (_("Accordé par"), who(access.granted_by)),
            (_("Motif"), lists.label("archive_reasons", opened_values(access, key)["reason"])),
            (_("Accordé le"), day(access.granted_at)),
        )  # fmt: skip
        found.append(Entry(_("Accès à l’archive"), facts))
    return found
