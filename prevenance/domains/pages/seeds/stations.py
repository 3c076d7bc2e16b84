"""The demonstration's clinics, rounds, social workers in stations and agreements between partners."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from prevenance.core.text import sort_key
from prevenance.domains.directory.models import (
    AgreementParty,
    Door,
    PartnersAgreement,
    Round,
    StationAgreement,
    StationFunding,
    StationPost,
)
from prevenance.domains.directory.rules.rhythms import weekly_mean
from prevenance.domains.pages.seeds.loading import Shape
from prevenance.domains.pages.seeds.people import People, Place, data

ROUND = Shape(Round, "id service name vehicle starts_on updated_on created_by")
DOOR = Shape(
    Door, "id service round rank place commune address hours weekly_hours starts_on updated_on created_by"
)  # fmt: skip
POST = Shape(
    StationPost, "id departement commune station sort_name force employer_kind employer weekly_hours opened_on"
    " vacant_since updated_on created_by",
)  # fmt: skip
POST_AGREEMENT = Shape(StationAgreement, "id post signed_on starts_on ends_on")
FUNDING = Shape(StationFunding, "id post year total state")
AGREEMENT = Shape(
    PartnersAgreement, "id departement object name signed_on starts_on ends_on updated_on created_by"
)  # fmt: skip
PARTY = Shape(AgreementParty, "id agreement name")


def write_doors(people: People, known: Mapping[str, Place], service: int, told: Mapping[str, Any], author: int) -> None:
    """`told` of a service: its doors, each {place, commune, hours}, and its rounds, each {name, vehicle, stops}."""
    since = people.loader.days(-300)
    for door in told.get("doors", []):
        _door(people, known, service, None, 0, door, since, author)
    for told_round in told.get("rounds", []):
        pk = people.loader.new_id(Round)
        people.loader.add(ROUND, pk, service, told_round["name"], told_round["vehicle"], since, since, author)
        for rank, stop in enumerate(told_round["stops"], start=1):
            _door(people, known, service, pk, rank, stop, since, author)


def _door(
    people: People, known: Mapping[str, Place], service: int, round: int | None, rank: int, told: Mapping[str, Any],
    since: date, author: int,
) -> None:  # fmt: skip
    at = known[told["commune"]]
    people.loader.add(
        DOOR, people.loader.new_id(Door), service, round, rank, told["place"], at.pk, told.get("address", ""),
        told["hours"], weekly_mean(told["hours"], at.code, since), since, since, author,
    )  # fmt: skip


def write(people: People, known: Mapping[str, Place], author: int) -> None:
    """Posts and agreements of data/demonstration/registers.yaml; days are counted from the seed."""
    loader, told = people.loader, data("registers")
    for post in told["posts"]:
        at, pk = known[post["commune"]], loader.new_id(StationPost)
        loader.add(
            POST, pk, at.departement, at.pk, post["station"], sort_key(post["station"]), post["force"],
            post["employer_kind"], post["employer"], post["hours"], loader.days(post["opened"]),
            None if post.get("vacant") is None else loader.days(post["vacant"]), loader.days(-30), author,
        )  # fmt: skip
        for starts, ends in post["agreements"]:
            loader.add(
                POST_AGREEMENT, loader.new_id(StationAgreement), pk, loader.days(starts - 15), loader.days(starts),
                loader.days(ends),
            )  # fmt: skip
        for years, total, state in post["fundings"]:
            loader.add(FUNDING, loader.new_id(StationFunding), pk, loader.today.year + years, total, state)
    for agreement in told["agreements"]:
        pk, starts = loader.new_id(PartnersAgreement), loader.days(agreement["starts"])
        loader.add(
            AGREEMENT, pk, known[agreement["departement"]].pk, agreement["object"], agreement["name"], starts, starts,
            loader.days(agreement["ends"]), starts, author,
        )  # fmt: skip
        loader.extend(PARTY, [(loader.new_id(AgreementParty), pk, name) for name in agreement["parties"]])
