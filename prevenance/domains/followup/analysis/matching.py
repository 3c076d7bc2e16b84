"""Names compared in memory, in one group, only when a file opens or a name is looked for: no index holds one."""

from collections.abc import Collection, Iterable
from datetime import date

from prevenance.core import vault
from prevenance.core.text import plain
from prevenance.domains.followup.analysis import hanging
from prevenance.domains.followup.analysis.reading import place
from prevenance.domains.followup.models import FollowUp, Identity, Involvement
from prevenance.domains.governance.models import Body


def opened_identities(followups: Iterable[FollowUp], fields: tuple[str, ...]) -> list[tuple[FollowUp, dict[str, str]]]:
    """(file, what its identity says) for files whose key is still there. Two queries, whatever their number."""
    found = {followup.pk: followup for followup in followups}
    keys = vault.open_many([followup.key for followup in found.values()])
    places = [place(Identity, field) for field in fields]
    opened = []
    for number, file, *values in hanging.identities(list(found), fields=fields):
        if (key := keys.get(found[file].key)) is not None:
            said = [key.open(value, where, number) for value, where in zip(values, places, strict=True)]
            opened.append((found[file], dict(zip(fields, said, strict=True))))
    return opened


def doubles(body: Body, given_name: str, family_name: str, birth_date: date) -> list[FollowUp]:
    """Open files of the group that may be of the same person: same birth date, or same name however it is written."""
    name = sorted(plain(f"{given_name} {family_name}").split())
    every = FollowUp.objects.filter(body=body).open().order_by("number")
    return [
        followup
        for followup, values in opened_identities(every, ("given_name", "family_name", "birth_date"))
        if values["birth_date"] == birth_date.isoformat()
        or sorted(plain(f"{values['given_name']} {values['family_name']}").split()) == name
    ]


def referents(followups: Collection[int]) -> dict[int, str]:
    """{file: name of who follows}, in one query."""
    kinds = Involvement.Kind
    rows = Involvement.objects.filter(followup__in=followups, kind=kinds.REFERENT, valid_to=None).current()
    return {row.followup_id: row.person.name for row in rows.select_related("person")}


def named(followups: Iterable[FollowUp], words: str) -> list[tuple[FollowUp, str]]:
    """(file, « Prénom Nom ») where each of `words` begins a word of the name: neither accents nor case count."""
    asked = plain(words).split()
    if not asked:
        return []
    found = []
    for followup, values in opened_identities(followups, ("given_name", "family_name")):
        name = f"{values['given_name']} {values['family_name']}".strip()
        said = plain(name).split()
        if all(any(word.startswith(one) for word in said) for one in asked):
            found.append((followup, name))
    return sorted(found, key=lambda pair: (plain(pair[1]), pair[0].number))
