"""What the law expects, for screens that need one figure or one list of it."""

from datetime import date

from prevenance.domains.governance.analysis import facts_for, load_law
from prevenance.domains.governance.models import Council
from prevenance.engines.obligations import Member, members_of_right


def plenary_months(on: date) -> int:
    """Within how many months a council meets in plenary, as the law in force on a day says (CSI D132-8)."""
    for record in load_law().records:
        in_force = record.valid_from <= on and (record.valid_to is None or on <= record.valid_to)
        if record.asks.what == "plenary" and record.effect == "duty" and in_force:
            return record.asks.months
    raise LookupError(f"no text about plenaries on {on}")


def months_before(on: date, months: int) -> date:
    """The same day `months` earlier, or the last one of that month."""
    years, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    for day in (on.day, 30, 29, 28):
        try:
            return date(years, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def of_right(council: Council, on: date) -> list[Member]:
    """The members of right that the law names for this council on a day, each once."""
    found = members_of_right(facts_for(council.territory, on), load_law(), on)
    return list({member.key: member for member, _article in found}.values())
