"""What each row of a table brought in would do, and why a row cannot come in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prevenance.core.refusals import Refused
from prevenance.core.text import plain
from prevenance.domains.accounts.acting import Actor
from prevenance.domains.accounts.models import Organisation, Person
from prevenance.domains.governance.models import Body, Council, Decision, Import, Membership
from prevenance.domains.governance.rules import import_columns as columns
from prevenance.domains.governance.rules.councils import Stale, check_can_hold
from prevenance.domains.governance.rules.members import contacts_that_are_ours

OUTCOMES = {
    "add": gettext_lazy("Sera ajoutée"),
    "update": gettext_lazy("Mettra à jour"),
    "same": gettext_lazy("Déjà à jour"),
    "bad": gettext_lazy("À corriger"),
}


@dataclass(frozen=True)
class Problem:
    """One cell that keeps its row out: the heading of its column, what it holds, what to do."""

    column: str
    cell: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.column} : {self.sentence}" if self.column else self.sentence


@dataclass
class Verdict:
    """A row: its line in the sheet, its cells, what it means, what it would do (a key of OUTCOMES), what is wrong."""

    line: int
    cells: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    outcome: str = "add"
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    membership: Membership | None = None

    @property
    def good(self) -> bool:
        return self.outcome in ("add", "update")

    @property
    def label(self) -> str:
        return str(OUTCOMES[self.outcome])


def check_can_import(draft: Import, actor: Actor) -> None:
    check_can_hold(draft.council, actor)
    if draft.imported_at is not None:
        raise Stale(
            _("Ce tableau est déjà importé (lignes importées : %(count)d) : rien n’a été ajouté une seconde fois.")
            % {"count": draft.imported_count}
        )


def missing_columns(draft: Import) -> list[str]:
    """Labels of what no column gives and without which no row can come in."""
    given = set(draft.mapping.values())
    needed = [name for name in columns.REQUIRED[draft.subject] if name not in given]
    if draft.subject == Import.Subject.MEMBERS and "full_name" not in given and "family_name" not in given:
        needed.append("family_name")
    return [str(columns.LABELS[draft.subject][name]) for name in needed]


def verdicts(draft: Import) -> list[Verdict]:
    """Every row of the table with what it would do now. A constant number of queries, whatever the rows."""
    read: Callable[[Verdict, Reader], None] = read_member if draft.subject == Import.Subject.MEMBERS else read_decision
    rows = []
    for number, *cells in draft.rows:
        verdict = Verdict(line=number, cells=cells)
        read(verdict, Reader(draft, verdict))
        rows.append(verdict)
    (compare_members if draft.subject == Import.Subject.MEMBERS else compare_decisions)(draft.council, rows)
    for verdict in rows:
        if verdict.problems:
            verdict.outcome = "bad"
    return rows


class Reader:
    """The cells of one row by field, and the place to complain of one."""

    def __init__(self, draft: Import, verdict: Verdict) -> None:
        self.headers, self.verdict = draft.headers, verdict
        self.places = {name: int(place) for place, name in draft.mapping.items()}

    def cell(self, name: str) -> str:
        place = self.places.get(name)
        return self.verdict.cells[place].strip() if place is not None and place < len(self.verdict.cells) else ""

    def complain(self, name: str, sentence: str) -> None:
        place = self.places.get(name)
        heading = self.headers[place] if place is not None else ""
        self.verdict.problems.append(Problem(heading, self.cell(name)[:80], sentence))

    def text(self, name: str, most: int) -> str:
        value = " ".join(self.cell(name).split())
        if len(value) > most:
            self.complain(name, _("Ce texte dépasse %(most)d caractères : raccourcissez-le.") % {"most": most})
        return value

    def day(self, name: str) -> date | None:
        try:
            return columns.date_of(self.cell(name))
        except ValueError:
            self.complain(name, columns.not_a_date(self.cell(name)))
            return None


def read_member(verdict: Verdict, row: Reader) -> None:
    """Fill the verdict with a member's values; the organisation's kind is guessed from its name."""
    given, family = row.text("given_name", 80), row.text("family_name", 80)
    if row.cell("full_name"):
        given, family = columns.names_of(row.text("full_name", 160))
    if not family:
        row.complain("full_name" if "full_name" in row.places else "family_name", _("Le nom manque : ajoutez-le."))
    email = row.cell("email").removeprefix("mailto:").lower()
    if not email:
        row.complain("email", _("L’adresse électronique manque : sans elle, aucune convocation ne peut partir."))
    else:
        try:
            validate_email(email)
        except ValidationError:
            several = any(sign in email for sign in ";, /")
            row.complain(
                "email",
                _("Cette case contient plusieurs adresses : n’en gardez qu’une.")
                if several and email.count("@") > 1
                else _("Ce n’est pas une adresse électronique : écrivez-la comme nom@exemple.fr."),
            )
    quality = columns.quality_of(row.cell("quality"))
    if quality is None:
        row.complain("quality", _("Qualité inconnue : écrivez « président », « de droit », « désigné » ou « invité »."))
    organisation = row.text("organisation", 160)
    verdict.values = {
        "email": email,
        "given_name": given,
        "family_name": family,
        "phone": row.text("phone", 30),
        "organisation": organisation,
        "organisation_kind": columns.organisation_kind_of(organisation) if organisation else Organisation.Kind.OTHER,
        "title": row.text("title", 160),
        "quality": quality or Membership.Quality.DESIGNATED,
        "valid_from": row.day("since"),
    }
    if not row.cell("quality"):
        verdict.values["quality_unsaid"] = True


def compare_members(council: Council, rows: list[Verdict]) -> None:
    """Tell new members from known ones, by address; a second line with the same address cannot come in."""
    emails = [row.values["email"] for row in rows]
    members = {
        member.person.email: member
        for member in Membership.objects.filter(
            body__council=council, body__kind__in=Body.MAIN, valid_to=None, person__email__in=emails
        ).select_related("person", "organisation", "body")
    }
    people = {person.email: person for person in Person.objects.filter(email__in=emails)}
    ours = contacts_that_are_ours([member.person for member in members.values()], council)
    first: dict[str, int] = {}
    for row in rows:
        email, unsaid = row.values["email"], row.values.pop("quality_unsaid", False)
        if email and email in first:
            row.problems.append(
                Problem(
                    "",
                    email,
                    _("Même adresse qu’à la ligne %(line)d : chaque membre a la sienne.") % {"line": first[email]},
                )
            )
            continue
        first.setdefault(email, row.line)
        if email in members:
            compare_member(row, members[email], contact_is_ours=members[email].person_id in ours, unsaid=unsaid)
        elif email in people:
            row.notes.append(
                _("Adresse déjà connue : %(name)s sera ajouté au conseil, sans changer ni nom ni téléphone.")
                % {"name": people[email].name}
            )


def compare_member(row: Verdict, member: Membership, *, contact_is_ours: bool, unsaid: bool) -> None:
    """What the row would change in a known member: an empty cell leaves the value that is there."""
    person = member.person
    now: dict[str, Any] = {
        "given_name": person.given_name, "family_name": person.family_name, "phone": person.phone,
        "organisation": member.organisation.name if member.organisation else "", "title": member.title,
        "quality": member.quality, "valid_from": member.valid_from,
    }  # fmt: skip
    new = {key: row.values[key] or value for key, value in now.items()}
    if unsaid:
        new["quality"] = member.quality
    if not contact_is_ours:
        new |= {key: now[key] for key in ("given_name", "family_name", "phone")}
    if plain(new["organisation"]) == plain(now["organisation"]):
        new["organisation"] = now["organisation"]
    row.membership = member
    row.values |= new
    row.outcome = "same" if new == now else "update"
    row.notes += [
        _("%(what)s : « %(old)s » devient « %(new)s »")
        % {
            "what": columns.LABELS["members"]["since" if key == "valid_from" else key],
            "old": shown(now[key]),
            "new": shown(new[key]),
        }
        for key in now
        if new[key] != now[key]
    ]


def shown(value: Any) -> str:
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(Membership.Quality(value).label) if value in Membership.Quality.values else str(value)


def read_decision(verdict: Verdict, row: Reader) -> None:
    """Fill the verdict with a decision's values: text, who carries it, for when, state, year."""
    text = row.cell("text")
    if not text:
        row.complain("text", _("Le texte de la décision manque : ajoutez-le ou retirez la ligne."))
    if len(text) > 4000:
        row.complain("text", _("Ce texte dépasse %(most)d caractères : raccourcissez-le.") % {"most": 4000})
    state = columns.state_of(row.cell("state"))
    if state is None:
        row.complain("state", _("État inconnu : écrivez « à faire » ou « en cours »."))
    elif state in (Decision.State.DONE, Decision.State.DROPPED):
        row.complain("state", _("Cette décision est close : seules les décisions en cours sont reprises."))
    typed = row.cell("decided_on")
    if typed.isdecimal() and len(typed) == 4:
        year: int | None = int(typed)
    else:
        day = row.day("decided_on")
        year = day.year if day else None
    if year is not None and not 2000 <= year <= timezone.localdate().year:
        row.complain("decided_on", _("L’année %(year)d ne peut être celle d’une décision en cours.") % {"year": year})
    verdict.values = {
        "text": text,
        "owner_label": row.text("owner", 160),
        "due_on": row.day("due_on"),
        "state": state or Decision.State.OPEN,
        "year": year or timezone.localdate().year,
        "owner_id": None,
    }


def compare_decisions(council: Council, rows: list[Verdict]) -> None:
    """Recognise who carries a decision among the members, and decisions that are already there."""
    members = Membership.objects.filter(body__council=council, valid_to=None).select_related("person")
    carriers = {}
    for member in members:
        carriers[plain(member.person.name)] = member.person
        carriers[plain(f"{member.person.family_name} {member.person.given_name}")] = member.person
        carriers[plain(member.person.email)] = member.person
    there = {(year, plain(text)) for year, text in Decision.objects.filter(council=council).values_list("year", "text")}
    seen: dict[tuple[int, str], int] = {}
    for row in rows:
        key = (row.values["year"], plain(row.values["text"]))
        if key in there:
            row.outcome = "same"
        elif key in seen and key[1]:
            row.problems.append(
                Problem("", row.values["text"][:80], _("Même décision qu’à la ligne %(line)d.") % {"line": seen[key]})
            )
        seen.setdefault(key, row.line)
        carrier = carriers.get(plain(row.values["owner_label"])) if row.values["owner_label"] else None
        if carrier is not None:
            row.values |= {"owner_id": carrier.pk, "owner_label": ""}
            row.notes.append(_("Portée par %(name)s, membre du conseil.") % {"name": carrier.name})


def left_aside(draft: Import, rows: list[Verdict]) -> list[list[Any]]:
    """The rows to keep once the good ones are in: those that could not."""
    left = {row.line for row in rows if row.outcome == "bad"}
    return [row for row in draft.rows if row[0] in left]


def check_can_store(subject: str, headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A plenary holds no name of a person helped: a table that seems to is refused before anything is kept."""
    found = columns.columns_of_persons_helped(subject, headers, [row[1:] for row in rows])
    if found:
        raise Refused(
            _(
                "Ce tableau n’a pas été gardé : %(columns)s semble concerner des personnes accompagnées. La loi ne "
                "ne permet à une formation plénière d’en connaître aucune par son nom. Retirez cette colonne et "
                "les lignes qui parlent d’elles, puis recommencez."
            )
            % {"columns": ", ".join(f"« {header} »" for header in found)}
        )
    most = columns.words()["most_rows"]
    if len(rows) > most:
        raise Refused(_("Ce tableau dépasse %(most)d lignes : partagez-le en plusieurs.") % {"most": most})
