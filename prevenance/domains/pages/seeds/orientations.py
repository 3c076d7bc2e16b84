"""The demonstration's orientations by a link: of codes of nobody. Their links open nothing: nobody holds them."""

from collections.abc import Mapping
from datetime import timedelta

from prevenance.domains.directory.models import OrientationAnswer, OrientationLink, orientation_terms
from prevenance.domains.pages.seeds.loading import Shape
from prevenance.domains.pages.seeds.people import People, data

ORIENTATION = Shape(
    OrientationLink, "id code service scope sender need audience wish assessment assessed_on mailed mailed_at state"
    " made_at expires_at answered_at",
)  # fmt: skip
ANSWER = Shape(OrientationAnswer, "id orientation answer day wait reason answered_at")


def write(people: People, services: Mapping[str, int], sender: int, scope: int) -> None:
    """`services`: those of the demonstration by name."""
    loader = people.loader
    open_for = timedelta(days=orientation_terms(loader.today)["open_days"])
    for told in data("orientations")["orientations"]:
        pk, made = loader.new_id(OrientationLink), loader.at(loader.days(-told["made"]), 10)
        state, first, assessed = "sent", None, None
        for days, answer, more in told.get("answers", []):
            at = made + timedelta(days=days, hours=3)
            first = first or at
            day = at.date() + timedelta(days=more) if answer in ("accepted", "assessed") else None
            if answer == "assessed":
                assessed = day
            else:
                state = answer
            loader.add(
                ANSWER, loader.new_id(OrientationAnswer), pk, answer, day, more if answer == "waiting" else "",
                more if answer == "refused" else "", at,
            )  # fmt: skip
        loader.add(
            ORIENTATION, pk, told["code"], services[told["service"]], scope, sender, told["need"],
            told.get("audience", ""), told["wish"], told.get("assessment", False), assessed, True,
            made + timedelta(minutes=1), state, made, made + open_for, first,
        )  # fmt: skip
