"""What a préfet's office keeps: the letters written to its councils, and police groups with their problems."""

from collections.abc import Collection
from datetime import timedelta

from prevenance.core.text import sort_key
from prevenance.domains.governance.models import Body, Council, Letter, LetterRecipient, Membership, Problem
from prevenance.domains.pages.seeds.councils import BODY, COUNCIL, MEMBERSHIP, Sitting
from prevenance.domains.pages.seeds.loading import Shape
from prevenance.domains.pages.seeds.people import People, data, of

LETTER = Shape(Letter, "id scope written_by key subject text written_at")
RECIPIENT = Shape(LetterRecipient, "id letter council person sent_at")
PROBLEM = Shape(
    Problem, "id council year rank theme place description response state opened_on closed_on edit"
)  # fmt: skip
SEATS = ("police", "municipal_police", "housing", "mediation", "school_board")
STATES = ["open", "answered", "answered", "solved", "solved", "solved", "dropped"]


def write_letters(people: People, departement: int, councils: Collection[Sitting], years: int) -> None:
    """Four letters a year from the office of a département to all its councils: coordination and chair."""
    loader, texts = people.loader, data("problems")["letters"]
    scope, author = people.scopes["departement", departement], people.shared.get(("prefect", departement))
    for index in range(4 * years if author else 0):
        line, pk = texts[index % len(texts)], loader.new_id(Letter)
        at = loader.at(loader.days(-12 - 91 * index), 10)
        loader.add(LETTER, pk, scope, author, loader.uuid(), line["subject"], line["text"], at)
        for council in councils:
            to = {member.person for member in (council.holder("coordinator"), council.members[0]) if member}
            loader.extend(RECIPIENT, [(loader.new_id(LetterRecipient), pk, council.pk, one, at) for one in sorted(to)])


def police_group(people: People, council: Sitting, problems: int) -> None:
    """A problem-solving group in the commune of `council`, held by the office of its département."""
    loader, place = people.loader, council.place
    holder = people.scope("departement", place.departement, place.departement_name)
    name = f"Groupe de partenariat opérationnel {of(place.name)}"[:200]
    founded_on = loader.days(-1_100)
    pk, body = loader.new_id(Council), loader.new_id(Body)
    scope = people.new_scope("council", place.pk, name, holder)
    loader.add(COUNCIL, pk, "GPO", name, sort_key(name), place.pk, scope, founded_on, None, None, loader.now)
    loader.add(BODY, body, pk, Body.Kind.COMMITTEE, "Groupe de partenariat opérationnel")
    for member in (member for member in council.members if member.seat in SEATS):
        loader.add(
            MEMBERSHIP, loader.new_id(Membership), body, member.person, people.organisations[member.organisation],
            member.title, "designated", "", founded_on, None,
        )  # fmt: skip
    invented, ranks = data("problems")["problems"], dict[int, int]()
    for index in range(problems):
        line, opened_on = invented[index % len(invented)], loader.days(-1_000 + 990 * index // problems)
        state = loader.chance.choice(STATES) if index < problems - 4 else "open"
        over = state in ("solved", "dropped")
        closed_on = min(opened_on + timedelta(days=loader.chance.randint(10, 90)), loader.today) if over else None
        ranks[opened_on.year] = ranks.get(opened_on.year, 0) + 1
        loader.add(
            PROBLEM, loader.new_id(Problem), pk, opened_on.year, ranks[opened_on.year], line["theme"], line["place"],
            line["description"], line["response"] if state != "open" else "", state, opened_on, closed_on, 1,
        )  # fmt: skip
