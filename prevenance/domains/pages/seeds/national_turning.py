"""The nation's orientations by a link, and its restorative-justice programmes: codes of nobody.

Nobody holds a link of these orientations. Programmes are written with the wall down, and are behind it afterwards.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from prevenance.domains.directory.models import (
    Consent,
    OrientationAnswer,
    OrientationLink,
    Participant,
    Programme,
    StageHeld,
    Withdrawal,
    closed_list,
    orientation_terms,
)
from prevenance.domains.directory.models.restorative import restorative_list
from prevenance.domains.directory.rules.orientations import FIGURES, LETTERS
from prevenance.domains.directory.rules.restorative import KIND, purged_on
from prevenance.domains.directory.rules.restorative import LETTERS as OF_CODES
from prevenance.domains.pages.seeds.loading import Shape

if TYPE_CHECKING:
    from prevenance.domains.pages.seeds.national_registers import Country

# No source known here says how many: assumptions. Ten a week a département, kept a year after their links expired; two
# programmes a département, of a few people each.
ORIENTATIONS, OLDEST = 50_000, 400
PROGRAMMES, LEAST_PEOPLE, MOST_PEOPLE = 200, 4, 10

ORIENTATION = Shape(
    OrientationLink, "id code service scope organisation sender need audience wish assessment mailed mailed_at state"
    " made_at expires_at answered_at reminded_on told_on",
)  # fmt: skip
ANSWER = Shape(OrientationAnswer, "id orientation answer day wait reason answered_at")
PROGRAMME = Shape(
    Programme, "id scope organisation service kind court departement starts_on ends_on purge_on opened_by"
)  # fmt: skip
PARTICIPANT = Shape(Participant, "id programme code role")
CONSENT = Shape(Consent, "id participant stage given_on form")
STAGE = Shape(StageHeld, "id participant stage held_on")
WITHDRAWAL = Shape(Withdrawal, "id programme month")

ANSWERED = ("accepted", "accepted", "accepted", "waiting", "refused", "")
AUDIENCES = ("", "femmes", "jeunes", "familles")


def write_orientations(country: "Country", size: Callable[[int], int]) -> None:
    """Where an association helps, by population: to its own service or to another of the département."""
    loader, chance = country.loader, country.loader.chance
    able = [place for place in country.departements if place.pk in country.helpers]
    needs, wishes = ["", *closed_list("needs")], list(closed_list("wishes"))
    open_for = timedelta(days=orientation_terms(loader.today)["open_days"])
    drawn = country.drawn(size(ORIENTATIONS), able)
    for place, code in zip(drawn, codes(country, len(drawn)), strict=True):
        helpers, pk = country.helpers[place.pk], loader.new_id(OrientationLink)
        made = loader.at(loader.days(-chance.randint(1, OLDEST)), chance.randint(9, 17), chance.randint(0, 59))
        answer = chance.choice(ANSWERED)
        answered = made + timedelta(days=chance.randint(0, 9), hours=chance.randint(1, 6)) if answer else None
        if answered is not None and answered > loader.now:
            answer, answered = "", None
        if answered is not None:
            say(country, pk, answer, answered)
            if answer == "waiting" and chance.random() < 0.5 and answered + timedelta(days=4) < loader.now:
                answer = "accepted"
                say(country, pk, answer, answered + timedelta(days=4))
        silent = answered is None and made + timedelta(days=6) < loader.now
        told = (made + timedelta(days=6)).date() if silent else None
        loader.add(
            ORIENTATION, pk, code, chance.choice(country.services[place.pk])[0], helpers.scope, helpers.organisation,
            chance.choice(helpers.people)[0], chance.choice(needs), chance.choice(AUDIENCES), chance.choice(wishes),
            chance.random() < 0.1, True, made + timedelta(minutes=1), answer or "sent", made, made + open_for,
            answered, told, told,
        )  # fmt: skip


def say(country: "Country", orientation: int, answer: str, at: object) -> None:
    loader, chance = country.loader, country.loader.chance
    wait = chance.choice(list(closed_list("waits"))) if answer == "waiting" else ""
    why = chance.choice(list(closed_list("reasons"))) if answer == "refused" else ""
    day = at.date() + timedelta(days=chance.randint(1, 20)) if answer == "accepted" else None  # type: ignore[attr-defined]
    loader.add(ANSWER, loader.new_id(OrientationAnswer), orientation, answer, day, wait, why, at)


def codes(country: "Country", count: int) -> list[str]:
    """Each once, and none that is there already."""
    taken = set(OrientationLink.objects.values_list("code", flat=True))
    letters, figures = len(LETTERS), len(FIGURES)
    found = []
    for rank in country.loader.chance.sample(range(letters**3 * figures**3), count + len(taken)):
        word, number = divmod(rank, figures**3)
        code = "".join(LETTERS[word // letters**place % letters] for place in range(3))
        code += "-" + "".join(FIGURES[number // figures**place % figures] for place in range(3))
        if code not in taken:
            found.append(code)
    return found[:count]


def write_programmes(country: "Country", size: Callable[[int], int]) -> None:
    """Inside `without_wall`. Triggers look for the consent of a stage, and for the stage before: each is written in its
    turn."""
    loader, chance = country.loader, country.loader.chance
    able = [place for place in country.departements if place.pk in country.helpers]
    stages, kinds = list(restorative_list("stages")), list(restorative_list("kinds"))
    reached: list[tuple[int, int, object]] = []
    for rank in range(size(PROGRAMMES) if able else 0):
        place = able[rank % len(able)]
        helpers, pk = country.helpers[place.pk], loader.new_id(Programme)
        starts = loader.days(-chance.randint(120, 400))
        ends = loader.days(chance.randint(20, 500))
        loader.add(
            PROGRAMME, pk, helpers.scope, helpers.organisation, helpers.services[KIND], chance.choice(kinds),
            country.towns[place.pk][0].pk, place.pk, starts, ends, purged_on(ends, loader.today),
            chance.choice(helpers.people)[0],
        )  # fmt: skip
        drawn = {drawn_code(country) for _turn in range(chance.randint(LEAST_PEOPLE, MOST_PEOPLE))}
        for code in sorted(drawn):
            person = loader.new_id(Participant)
            loader.add(
                PARTICIPANT, person, pk, code, chance.choice(("victim", "author", "victim", "author", "relative"))
            )
            reached.append((person, chance.randint(1, len(stages)), starts))
        if chance.random() < 0.1:
            loader.add(WITHDRAWAL, loader.new_id(Withdrawal), pk, loader.today.replace(day=1))
    loader.flush()
    for turn, stage in enumerate(stages):
        for person, last, starts in reached:
            if turn < last:
                given = starts + timedelta(days=5 + 25 * turn)  # type: ignore[operator]
                loader.add(CONSENT, loader.new_id(Consent), person, stage, given, "signed")
                if turn + 1 < last or chance.random() < 0.5:
                    loader.add(STAGE, loader.new_id(StageHeld), person, stage, given + timedelta(days=9))
        loader.flush()


def drawn_code(country: "Country") -> str:
    halves = ["".join(country.loader.chance.choices(OF_CODES, k=3)) for _half in range(2)]
    return "-".join(halves)
