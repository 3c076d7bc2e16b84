"""What each composed function is asked, on the demonstration: `WHO` is every actor in turn.

A function that is composed has its line here: tests/house/test_composed.py fails without it.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from prevenance.core.row_security import act_as
from prevenance.domains.accounts.models import Organisation, Person, Scope
from prevenance.domains.directory.models import Closure, Door, Service, Structure
from prevenance.domains.followup.models import (
    Alert,
    Contact,
    Fact,
    FollowUp,
    Involvement,
    Report,
    Representative,
    Step,
    Tally,
)
from prevenance.domains.governance.models import (
    Act,
    AgendaItem,
    AgendaProposal,
    Body,
    Council,
    Decision,
    Meeting,
    Minutes,
    Rulebook,
)
from prevenance.domains.strategy.models import (
    Amendment,
    Indicator,
    IndicatorValue,
    Plan,
    PlanIndicator,
    Provision,
    Sheet,
    Strategy,
)
from prevenance.domains.territories.models import Territory
from tests.factories.strategy import ValueFactory
from tests.seeded import invented

WHO = object()
NONE = 2**40  # the number of nothing
LONG_AGO = dt.date(2020, 1, 1)
LAW = "fipd-commune"
MISSING = (0, NONE, 2**63)  # addresses may be typed


def ask(*values, **options):
    return values, options


def each(rows, make):
    """What is asked of each row, and of what does not exist."""
    return [make(row) for row in rows]


def both(name, asked):
    """Each of these, with a yes and with a no."""
    return [(values, options | {name: way}) for values, options in asked for way in (True, False)]


def numbers(rows):
    return [row.pk for row in rows]


@dataclass
class World:
    """Rows of the demonstration, of several councils and plans, and days about today."""

    today: dt.date = field(default_factory=timezone.localdate)
    now: dt.datetime = field(default_factory=timezone.now)

    def __post_init__(self):
        self.days = [self.today, self.today - dt.timedelta(days=400), self.today + dt.timedelta(days=90)]
        self.moments = [self.now, self.now - dt.timedelta(days=400), self.now + dt.timedelta(days=400)]
        self.councils = [*Council.objects.order_by("-meetings__starts_at", "pk").distinct("pk").order_by("pk")[:4]]
        written = Minutes.objects.order_by("meeting").values("meeting")
        self.meetings = [*Meeting.objects.filter(pk__in=written).order_by("pk")[:3],
                         *Meeting.objects.exclude(pk__in=written).order_by("-pk")[:3]]  # fmt: skip
        self.bodies = [*Body.objects.order_by("pk")[:3], *Body.objects.filter(exchanged=True)[:1]]
        self.rulebooks = [*Rulebook.objects.filter(signatures__isnull=False).distinct().order_by("pk")[:2],
                          *Rulebook.objects.order_by("-pk")[:2]]  # fmt: skip
        self.decisions = [*Decision.objects.filter(progress__isnull=False).distinct().order_by("pk")[:7]]
        self.scopes = numbers(Scope.objects.filter(kind="council").order_by("pk")[:9])
        self.organisations = numbers(Organisation.objects.order_by("pk")[:60])
        self.people = [*Person.objects.filter(email__endswith="@demonstration.invalid").order_by("pk")[:6]]
        self.places = [*Territory.objects.filter(kind="departement", code__in=["42", "62"]).order_by("pk"),
                       *{council.territory for council in self.councils}]  # fmt: skip
        self.plans = [*Plan.objects.order_by("pk")[:6]]
        self.sheets = [*Sheet.objects.filter(notes__isnull=False).distinct().order_by("pk")[:2],
                       *Sheet.objects.filter(steps__isnull=False).distinct().order_by("-pk")[:2]]  # fmt: skip
        self.strategies = [*Strategy.objects.order_by("pk")]
        self.indicators = [*Indicator.objects.filter(totals__isnull=False).distinct().order_by("pk")[:3],
                           *Indicator.objects.order_by("-pk")[:1]]  # fmt: skip
        self.starts = {one.pk: one.totals.order_by("-starts_on").values_list("starts_on", flat=True).first()
                       for one in self.indicators}  # fmt: skip
        self.drafts = [*Amendment.objects.filter(state="draft").order_by("pk")[:2]]
        values = IndicatorValue.objects.select_related("indicator").order_by("pk")
        self.values = [*values[:3]]
        self.parts = [*Provision.objects.order_by("part").values_list("part", flat=True).distinct()[:3]]
        self.followed = [*PlanIndicator.objects.order_by("pk").values_list("indicator", flat=True)[:5]]

        self.doors = numbers(Door.objects.order_by("pk")[:6])
        self.services, self.structures = numbers(Service.objects.all()[:6]), numbers(Structure.objects.all()[:4])
        # What contains the first département's communes, where most services are.
        self.everywhere = [*Territory.objects.filter(contents__contained=self.places[0]).values_list("pk", flat=True)]

        # Members of a group that holds files, behind the wall: read as somebody who may.
        act_as(invented("coordinator").mandate_id)
        held = {model.objects.order_by("pk").values_list("followup_id", flat=True).first()
                for model in (Contact, Fact, Report, Representative, Step)}  # fmt: skip
        files = [*FollowUp.objects.filter(pk__in=held), *FollowUp.objects.order_by("-pk")[:3]]
        self.files, self.groups = numbers(files), sorted({file.body_id for file in files})
        parts = Involvement.objects.order_by("person", "pk").distinct("person").values_list("person", flat=True)
        self.taking_part = [*parts[:6]]

        self.quarters = [dt.date(2026, 4, 1), dt.date(2026, 7, 1), self.today]

    def lists(self, values):
        """None, one, several, and several of another length; a number may be there twice."""
        return [[], values[:1], values[:3], values, [*values[:2], *values[:2]], [NONE]]

    def fill(self):
        """What the demonstration has none of; the transaction of the tests takes it away."""
        for body in self.bodies:
            AgendaProposal.objects.create(body=body, title="Point proposé", proposed_by=self.people[0])
        for meeting in self.meetings:
            AgendaItem.objects.create(meeting=meeting, position=90, title="Point de droit", law_key=LAW)
        for file in FollowUp.objects.filter(pk__in=self.files):
            Alert.objects.create(followup=file, body_id=file.body_id, done_on=self.today, done_by=self.people[0])
        for service in self.services[:2]:
            Closure.objects.create(service_id=service, starts_on=self.today, ends_on=self.today)
        wide = Territory.objects.filter(kind__in=("departement", "nation"))
        for place in wide.filter(Q(code__in=["42", "62"]) | Q(kind="nation")):
            for rank, starts_on in enumerate(self.quarters[:2]):
                Tally.objects.create(
                    territory=place, starts_on=starts_on, category="exposed", sex="f", age_band="13-15",
                    groups=3 + rank, entered=rank, left=0, followed=20 + rank, with_referent=2, months=0,
                    outcomes={}, outcomes_later={},
                )  # fmt: skip
        known = self.values[0]
        self.values.append(
            ValueFactory(plan=known.plan, indicator=known.indicator, territory=known.territory, starts_on=LONG_AGO)
        )


def chosen_of(w):
    return [
        *(ask(WHO, None, None, words="", kind="", state=state) for state in ("", "all", "ended")),
        ask(WHO, None, None, words="saint", kind="CLSPD", state=""),
        *(ask(WHO, place, None, words="", kind="", state="all") for place in (*numbers(w.places), *MISSING)),
        *(ask(WHO, None, day, words="", kind="", state="") for day in w.days),
    ]


GOVERNANCE = {
    "analysis.acts.chosen_acts": lambda w: [
        *(ask(WHO, None, kind=kind, state="") for kind in ("", *Act.Kind.values)),
        *(ask(WHO, None, kind="", state=state) for state in Act.State.values),
        *(ask(WHO, council, kind="", state="") for council in (*numbers(w.councils), *MISSING)),
    ],
    "analysis.agenda.followed_by": lambda w: each(w.meetings, lambda m: ask(WHO, m.council_id, m.pk, m.body_id)),
    "analysis.agenda.over_before": lambda w: [
        ask(m.body_id, at, m.pk) for m in w.meetings for at in (m.starts_at, *w.moments)
    ],
    "analysis.agenda.unspoken_of": lambda w: [
        ask(m.body_id, off, held) for m in w.meetings for off in w.lists(numbers(w.meetings)) for held in (None, m.pk)
    ],
    "analysis.agenda.proposed_to": lambda w: each(w.bodies, lambda body: ask(WHO, body.pk)),
    "analysis.agenda.titles_of": lambda w: each([*numbers(w.meetings), *MISSING], ask),
    "analysis.calendar.open_bodies": lambda w: each([*numbers(w.councils), *MISSING], lambda pk: ask(WHO, pk)),
    "analysis.calendar._bodies": lambda w: [ask(council.pk, day) for council in w.councils for day in w.days],
    "analysis.calendar._held": lambda w: [
        ask(council.pk, since, before) for council in w.councils for since in w.moments for before in w.moments
    ],
    "analysis.coordination._named": lambda w: [ask(scopes, day) for scopes in w.lists(w.scopes) for day in w.days],
    "analysis.councils.listed_councils": chosen_of,
    "analysis.councils.counted_councils": chosen_of,
    "analysis.councils.departements_seen": lambda w: [ask(WHO)],
    "analysis.councils.departements_around": lambda w: each(
        w.lists(numbers(w.places)), lambda places: ask(WHO, places)
    ),
    "analysis.meeting.points_of": lambda w: each([*numbers(w.meetings), *MISSING], ask),
    "analysis.meeting.lines_of": lambda w: both("held", each(numbers(w.meetings), lambda pk: ask(WHO, pk))),
    "analysis.meeting.versions_of": lambda w: both("held", each(numbers(w.meetings), ask)),
    "analysis.meeting.decisions_of": lambda w: both("held", each(numbers(w.meetings), ask)),
    "analysis.my_day.councils_of": lambda w: [ask(WHO)],
    "analysis.my_day.councils_watched": lambda w: each(w.days, lambda day: ask(WHO, day)),
    "analysis.my_day.meetings_unfinished": lambda w: both("approving", each(w.lists(numbers(w.councils)), ask)),
    "analysis.my_day.signed_or_answered": lambda w: [
        ask(WHO, reached, at) for reached in w.lists(numbers(w.councils)) for at in w.moments
    ],
    "analysis.my_day.decisions_of": lambda w: [
        ask(held, day) for held in w.lists(numbers(w.councils)) for day in w.days
    ],
    "analysis.my_day.decisions_carried": lambda w: [
        ask(person.pk, reached, held, w.days[2])
        for person in w.people for reached in w.lists(numbers(w.councils)) for held in ([], numbers(w.councils)[:1])
    ],
    "analysis.my_day.convocations_to_answer": lambda w: [
        ask(person.pk, reached, at)
        for person in w.people for reached in w.lists(numbers(w.councils)) for at in w.moments
    ],
    "analysis.record._years": lambda w: both("held", each(numbers(w.councils), lambda pk: ask(WHO, pk))),
    "analysis.record.decided": lambda w: both("held", [
        ask(WHO, body.council_id, one, year=year)
        for body in w.bodies for one in (None, body.pk) for year in (w.today.year, w.today.year - 1)
    ]),
    "analysis.record._notes": lambda w: each(w.lists(numbers(w.decisions)), ask),
    "analysis.rulebooks.signed_on": lambda w: each([*numbers(w.rulebooks), *MISSING], ask),
    "analysis.rulebooks.sitting_in": lambda w: each([*numbers(w.bodies), *MISSING], ask),
    "rules.proposals.law_on_agendas": lambda w: [
        ask(m.council_id, m.starts_at, before, keys=keys)
        for m in w.meetings for before in (m.ends_at, m.starts_at, *w.moments) for keys in ((LAW,), (LAW, "autre"))
    ],
    "views.councils.reached_council": lambda w: each([*numbers(w.councils), *MISSING], lambda pk: ask(WHO, pk)),
    "views.meetings.reached_meeting": lambda w: each([*numbers(w.meetings), *MISSING], lambda pk: ask(WHO, pk)),
    "views.partners.chosen_partners": lambda w: [
        ask(WHO, council.pk, words=words, kind=kind, written=written)
        for council in w.councils
        for words, kind, written in (("", "", ""), ("a", "", "yes"), ("", "association", ""), ("", "", "no"))
    ],
    "views.partners.counted_commitments": lambda w: [
        ask(WHO, council.pk, some) for council in w.councils for some in w.lists(w.organisations)
    ],
    "views.partners.seats_of": lambda w: [
        ask(WHO, council.pk, some) for council in w.councils for some in w.lists(w.organisations)
    ],
    "views.rulebooks.reached_rulebook": lambda w: each([*numbers(w.rulebooks), *MISSING], lambda pk: ask(WHO, pk)),
}  # fmt: skip

STRATEGY = {
    "analysis.catalogue._measures": lambda w: each([*numbers(w.strategies), *MISSING], ask),
    "analysis.catalogue._actions": lambda w: each([*numbers(w.strategies), *MISSING], ask),
    "analysis.catalogue._served_here": lambda w: [ask(WHO)],
    "analysis.catalogue._progress_here": lambda w: [ask(WHO)],
    "analysis.followed.first_lines": lambda w: both("held", each(numbers(w.plans), lambda pk: ask(pk, rows=3))),
    "analysis.followed.counted": lambda w: both("held", each([*numbers(w.plans), *MISSING], ask)),
    "analysis.followed.asked_for": lambda w: both("held", [
        ask(plan, kind=kind) for plan in numbers(w.plans) for kind in ("year", "quarter")
    ]),
    "analysis.followed.values_followed": lambda w: both("held", [
        ask(plan, some, w.followed[0], sheets, WHO)
        for plan in numbers(w.plans[:4])
        for some in w.lists(w.followed)[:5:2] for sheets in w.lists(numbers(w.sheets))[::2]
    ]),
    "analysis.followed._typed": lambda w: [
        ask(one.plan_id, place, one.starts_on, kind=one.indicator.period)
        for one in w.values for place in (one.territory_id, NONE)
    ],
    "analysis.followed._elsewhere": lambda w: [
        ask(one.plan_id, place, one.starts_on, kind=one.indicator.period)
        for one in w.values for place in (one.territory_id, NONE)
    ],
    "analysis.my_day._to_follow": lambda w: both("only_late", each(w.days, lambda day: ask(WHO, day, most=8))),
    "analysis.plans.first_going_on": lambda w: [ask(WHO, rows=rows) for rows in (1, 51)],
    "analysis.plans.going_on": lambda w: [ask(WHO)],
    "analysis.plans.lines": lambda w: each(w.lists(numbers(w.plans)), lambda plans: ask(plans, WHO)),
    "analysis.plans.sheets_of": lambda w: each(w.lists(numbers(w.plans)), ask),
    "analysis.plans.found": lambda w: [
        ask(pk, WHO, related=related)
        for pk in (*numbers(w.plans), *MISSING) for related in (("territory",), ("territory", "council"))
    ],
    "analysis.plans.around": lambda w: each(w.plans, lambda plan: ask(plan.pk, plan.parent_id, WHO)),
    "analysis.plans.amendments_of": lambda w: both("held", each(numbers(w.plans), ask)),
    "analysis.plans._sheets_by_state": lambda w: each([*numbers(w.plans), *MISSING], ask),
    "analysis.plans._indicators_of": lambda w: each([*numbers(w.plans), *MISSING], ask),
    "analysis.plans._parts_written": lambda w: each(w.drafts, lambda draft: ask(draft.pk, draft.plan_id)),
    "analysis.series.found": lambda w: both("served", each([*numbers(w.indicators), *MISSING], lambda i: ask(i, WHO))),
    "analysis.series.first_on": lambda w: both("waits", [
        ask(one, day, WHO, rows=rows) for one, day in (*w.starts.items(), (NONE, None)) for rows in (2, 51)
    ]),
    "analysis.series.counted_on": lambda w: both("waits", each(w.starts.items(), lambda one: ask(*one, WHO))),
    "analysis.series._totals_at": lambda w: [
        ask(indicator.pk, place.pk, WHO) for indicator in w.indicators for place in w.places
    ],
    "analysis.series._totals": lambda w: [ask(one, day) for one, day in w.starts.items() if day],
    "analysis.series._totals_of": lambda w: [
        ask(one, day, some) for one, day in w.starts.items() if day for some in w.lists(numbers(w.places))
    ],
    "analysis.series._reporters": lambda w: [
        ask(one, some) for one in w.starts for some in w.lists(numbers(w.places))
    ],
    "analysis.series.followed_where_one_acts": lambda w: each([*w.followed, NONE], lambda pk: ask(pk, WHO)),
    "analysis.sheets.first_lines": lambda w: both("held", [
        ask(plan, day, rows=4) for plan in numbers(w.plans) for day in w.days
    ]),
    "analysis.sheets.measures_served": lambda w: both("held", each([*numbers(w.plans), *MISSING], ask)),
    "analysis.sheets.leads_of": lambda w: both("held", each([*numbers(w.plans), *MISSING], ask)),
    "analysis.sheets.read": lambda w: both("held", each(w.sheets, lambda s: ask(s.plan_id, WHO, number=s.number))),
    "analysis.sheets.steps_of": lambda w: each([*numbers(w.sheets), *MISSING], ask),
    "analysis.sheets._notes_and_moves": lambda w: each([*numbers(w.sheets), *MISSING], ask),
    "analysis.sheets._in_force": lambda w: [
        ask(plan, day, parts=parts) for plan in numbers(w.plans) for day in w.days
        for parts in (tuple(w.parts), tuple(w.parts[:1]))
    ],
    "analysis.sheets._actions_served": lambda w: each([*numbers(w.sheets), *MISSING], ask),
    "analysis.texts._versions": lambda w: each([*numbers(w.plans), *MISSING], ask),
    "views.catalogue.all_strategies": lambda w: [ask(WHO)],
    "views.toolbox.measures_served": lambda w: [ask(WHO)],
    "views.totals.existing": lambda w: [
        ask(WHO, level=level, here=here) for level in ("departement", "region") for here in (True, False)
    ],
}  # fmt: skip

# What hangs on files: rows come for whoever the wall of the database lets through, here a coordinator and a stranger.
FOLLOWUP = {
    "parts_in": lambda w: each(w.lists(w.files), ask),
    "people_of": lambda w: each([*w.files, *MISSING], ask),
    "identity_of": lambda w: each([*w.files, *MISSING], ask),
    "identities": lambda w: [
        ask(some, fields=fields)
        for some in w.lists(w.files) for fields in (("family_name",), ("family_name", "given_name", "birth_date"))
    ],
    "representatives_of": lambda w: each([*w.files, *MISSING], ask),
    "facts_of": lambda w: each([*w.files, *MISSING], ask),
    "reports_of": lambda w: each([*w.files, *MISSING], ask),
    "goals_of": lambda w: each([*w.files, *MISSING], ask),
    "steps_of": lambda w: each([*w.files, *MISSING], ask),
    "contacts_of": lambda w: each([*w.files, *MISSING], ask),
    "alerts_of": lambda w: each([*w.files, *MISSING], ask),
}  # fmt: skip

# Lists of file numbers, days and counts: they open nothing.
NUMBERS = {
    "analysis.finding.groups": lambda w: [ask(WHO)],
    "analysis.finding.running": lambda w: each(w.moments, lambda at: ask(WHO, at)),
    "analysis.finding.referents": lambda w: each(w.moments, lambda at: ask(WHO, at)),
    "analysis.finding.proposed": lambda w: [ask(WHO)],
    "analysis.deadlines.of_both": lambda w: [ask(WHO, at, day, day) for day in w.days for at in w.moments],
    "analysis.deadlines.of_files": lambda w: [ask(WHO, at, day) for day in w.days for at in w.moments],
    "analysis.deadlines.of_orientations": lambda w: [ask(WHO, at, day) for day in w.days for at in w.moments],
    "analysis.my_day.parts_of": lambda w: [ask(WHO, day, at) for day in w.days for at in w.moments],
    "analysis.readings.told_of": lambda w: [
        ask(file, body, at) for file in [*w.files, *MISSING] for body in w.groups for at in w.moments
    ],
    "analysis.readings.seats": lambda w: [ask(body, some) for body in w.groups for some in w.lists(w.taking_part)],
    "statistics.lines_counted": lambda w: [ask(WHO)],
    "statistics.quarters": lambda w: [ask(WHO)],
    "statistics.by_territory": lambda w: [
        ask(WHO, day, measure=measure, kind=kind)
        for day in w.quarters for measure in ("followed", "entered") for kind in ("departement", "nation")
    ],
}  # fmt: skip

FINDING_HELP = {
    "directory.analysis.finding.containers_of": lambda w: each([*numbers(w.places), *MISSING], ask),
    "directory.analysis.finding.doors_among": lambda w: each(w.lists(w.doors), ask),
    "directory.analysis.finding.offered_among": lambda w: each(w.lists(w.services), ask),
    "directory.analysis.finding.offered_through": lambda w: [
        ask(around, day, need=need, audience=audience, language=language)
        for around in w.lists(w.everywhere)
        for day in w.days
        for need, audience, language in (("", "", ""), ("haine", "femmes", "lsf"), ("", "", "en"))
    ],
    "directory.analysis.finding.doors_through": lambda w: [
        ask(around, day, need=need, audience="", language="")
        for around in w.lists(w.everywhere)
        for day in w.days
        for need in ("", "haine")
    ],
    "directory.analysis.stations.to_renew": lambda w: [
        ask(WHO, day, before) for day in w.days for before in (*w.days, w.today + dt.timedelta(days=2000))
    ],
    "directory.models.closures.periods_of": lambda w: [
        ask(services, structures) for services in w.lists(w.services) for structures in w.lists(w.structures)
    ],
    "pages.analysis.outlines_in": lambda w: each(w.lists(numbers(w.places)), ask),
}

REGISTERS = {
    "analysis.coverage.communes_read": lambda w: [ask(pk, one) for pk in numbers(w.places) for one in (None, 1)],
    "analysis.scheme.agreements_signed": lambda w: [ask(WHO, pk, day) for pk in numbers(w.places) for day in w.days],
    "analysis.scheme.doors_of": lambda w: [ask(WHO, pk, day) for pk in numbers(w.places) for day in w.days],
    "analysis.stations.posts_of": lambda w: [ask(WHO, pk, 2025) for pk in (*numbers(w.places), *MISSING)],
    "analysis.stations.posts_open": lambda w: each(w.lists(numbers(w.places)), lambda p: ask(WHO, p, w.today, 2025)),
    "views.circuits.departements_acted_in": lambda w: [ask(WHO)],
    "views.departements.departements_read": lambda w: [ask(WHO)],
}

SAMPLES = {
    **FINDING_HELP,
    **{f"directory.{name}": asked for name, asked in REGISTERS.items()},
    **{f"followup.{name}": asked for name, asked in NUMBERS.items()},
    **{f"followup.analysis.hanging.{name}": asked for name, asked in FOLLOWUP.items()},
    **{f"governance.{name}": asked for name, asked in GOVERNANCE.items()},
    **{f"strategy.{name}": asked for name, asked in STRATEGY.items()},
}
