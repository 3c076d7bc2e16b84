"""Three groups and the registers of a mayor, files full of canaries, and everybody who might try to read them.

Who reads what is written here by hand, apart from the code that is attacked: `reads` (every part of a file), `parts`
(some tables of it), `knows` (its number: whoever holds the council or sits in the group reads the agenda).
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from prevenance.core import vault
from prevenance.core.row_security import act_as
from prevenance.domains.accounts.acting import CHOSEN, Actor
from prevenance.domains.accounts.models import Scope
from prevenance.domains.accounts.roles import ROLES
from prevenance.domains.followup.actions import add_reporter, open_channel
from prevenance.domains.followup.analysis import registers
from prevenance.domains.followup.analysis.reading import sealed as seal_into
from prevenance.domains.followup.models import (
    FileKey,
    FollowUp,
    Involvement,
    NumberSeries,
    RegisterSeries,
    SentReport,
)
from prevenance.domains.followup.rules import families as rules
from prevenance.domains.followup.rules.registers import REGISTERS
from prevenance.domains.followup.views import calls, transactions
from prevenance.domains.governance.models import Body, CouncilReach, Membership
from tests.attack.canaries import FIRST_RANK, Planted, Reader
from tests.attack.planting import Ground, fill, fill_entry, seal
from tests.factories import MandateFactory, MeetingFactory, MembershipFactory, actor, scope_of, territory
from tests.factories.followup import Compartment
from tests.factories.registers import Register

TOWN, OTHER_TOWN = "42218", "42187"
PLATFORM = {"kind": "platform", "defaults": {"label": "Plateforme"}}
SCOPES = ("council", "commune", "epci", "departement", "region", "nation", "body", "platform")


@dataclass
class Attacker:
    """Somebody, and what they may have: files read whole, tables read by a share, numbers known."""

    name: str
    actor: Actor | None
    reads: frozenset[str] = frozenset()
    knows: frozenset[str] = frozenset()
    parts: dict[str, frozenset[str]] = field(default_factory=dict)
    wall: frozenset[str] = frozenset()  # groups whose rows the database itself gives
    registers: frozenset[str] = frozenset()  # registers held
    leads: bool = False  # their pages are searched for addresses and forms
    office: bool = False  # walks the whole site
    acts: bool = False  # and tries acts of every domain
    factor: bool = True  # second factor done
    after: object = None  # what ends their right once they are signed in

    def client(self) -> Client:
        client = Client(raise_request_exception=False)
        if self.actor is None:
            return client
        client.force_login(self.actor.person, backend="prevenance.domains.accounts.backends.Mandated")
        session = client.session
        session[CHOSEN] = self.actor.mandate_id
        if self.factor:
            device = TOTPDevice.objects.get_or_create(
                user=self.actor.person, name="test", defaults={"confirmed": True}
            )[0]
            session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
        if self.after:
            self.after()
        return client

    def may_read(self, label: str, place: str) -> bool:
        return label in self.reads or place.partition(".")[0] in self.parts.get(label, ())


ALL = frozenset
# Words of addresses that no type tells. A new one is written here: a test says when it is missing.
SLUGS = {
    "what": ["referent", "cover", "concerned"],
    "stage": [stage.key for stage in calls.stages()], "paper": [paper.key for paper in registers.call_papers()],
    "phase": [stage.key for stage in transactions.stages()],
    "family": list(rules.ORDER),
    "letter": [paper.key for paper in registers.transaction_papers()],
}  # fmt: skip
OFFICES = ("prefect_office", "administrator", "data_protection_officer", "national_secretariat")
REGISTER = ALL({"call", "transaction"})


class AttackWorld:
    """`council` is one of the first town. Files are planted by `plant`, so that the world without them is seen too."""

    slugs = SLUGS

    def __init__(self, council=None):
        today = timezone.localdate()
        self.one = Compartment(TOWN, council=council)  # each reads where they take part
        self.two = Compartment(OTHER_TOWN, adopted_on=today - dt.timedelta(days=400))  # all read all
        self.families = Compartment(TOWN, kind="CDDF", adopted_on=today - dt.timedelta(days=400))
        for rank, group in enumerate((self.one, self.two, self.families)):
            NumberSeries.objects.create(body=group.body, year=today.year, last=FIRST_RANK + 1000 * rank)
        self.register = Register(TOWN)
        for rank, register in enumerate(REGISTERS):
            RegisterSeries.objects.create(
                scope=self.register.scope, register=register, year=today.year, last=FIRST_RANK + 3000 + 1000 * rank
            )
        self.attackers = [*self.of_one(), *self.of_two(), *self.of_families(), *self.outside()]
        self.planted: list[Planted] = []

    # ------------------------------------------------------------------------------------------------- who attacks

    def of_one(self):
        one, council = self.one, self.one.council
        wide = scope_of(territory("departement", "42"))
        holds = {"knows": ALL({"exposed", "victim", "archived"}), "wall": ALL({"one"})}
        hears = {"knows": ALL({"exposed"}), "wall": ALL({"one"})}  # the number on the agenda of the group
        deaf = {"knows": ALL({"exposed"})}  # sits, and did not sign: the agenda alone
        self.referent, self.concerned = one.member("referent"), one.member()
        self.withdrawn, self.gone, self.ended, self.expired = (one.member() for _ in range(4))
        one.sign(self.withdrawn, withdrawn=True)
        yesterday = timezone.localdate() - dt.timedelta(days=1)
        Membership.objects.filter(pk=one.seats[self.gone.person_id].pk).update(valid_to=yesterday)
        self.town = scope_of(council.territory)
        sitting_mayor = one.member("mayor", self.town)
        sibling = self.sibling_group()
        plenary = self.seated(one.plenary)
        self.school = self.seated(one.plenary)
        restricted = Body.objects.create(council=council, kind=Body.Kind.RESTRICTED, name="Restreinte inventée")
        ends = Attacker("member whose mandate was withdrawn", self.ended, after=lambda: self.withdraw(self.ended))
        both = ALL({"exposed", "victim"})
        return [
            Attacker("coordinator", one.coordinator, reads=both | {"report"}, leads=True, **holds),
            Attacker("deputy", one.member("deputy", council.scope), reads=both | {"report"}, **holds),
            Attacker("reporter", one.members[0], reads=both, **hears | {"knows": both}),
            Attacker("referent", self.referent, reads=ALL({"exposed"}), leads=True, **hears),
            Attacker("member concerned", self.concerned, reads=ALL({"exposed"}), **hears),
            Attacker("member who signed", one.members[1], **hears),
            Attacker("member who never signed", one.member(signs=False), **deaf),
            Attacker("member who took their signature back", self.withdrawn, **deaf),
            Attacker("member who left the group", self.gone),
            ends,
            Attacker("member whose mandate is over", self.expired, after=lambda: self.expire(self.expired)),
            Attacker("referent with a password alone", self.referent, factor=False),
            Attacker(
                "mayor, member",
                sitting_mayor,
                reads=REGISTER,
                wall=ALL({"one", "registers"}),
                knows=REGISTER | {"exposed"},
                leads=True,
            ),
            Attacker(
                "mayor, not a member",
                self.register.mayor,
                reads=REGISTER,
                wall=ALL({"registers"}),
                knows=REGISTER | {"exposed"},
            ),
            Attacker(
                "elected member without the registers",
                self.register.delegate(["see_council", "approve"]),
            ),
            Attacker(
                "mayor of another town",
                actor("mayor", scope_of(territory("commune", OTHER_TOWN))),
                knows=ALL({"there"}),
            ),
            Attacker("prosecutor, member", one.member("prosecutor_office", wide), **hears),
            Attacker("prosecutor, not a member", actor("prosecutor_office", wide)),
            Attacker("victim support, member", one.member("victim_support", wide), **hears),
            Attacker("member of another group of the council", sibling),
            Attacker("member of the plenary", plenary),
            Attacker("member of the restricted council", self.seated(restricted)),
            Attacker("group member of the council without a seat", actor("group_member", council.scope)),
            # They told a situation by a channel, and read nothing: neither a file, nor what they told.
            Attacker("school reporter", self.school, leads=True, wall=ALL({"own"})),
        ]

    def of_two(self):
        two = self.two
        here = {"reads": ALL({"there"}), "knows": ALL({"there"}), "wall": ALL({"two"})}
        self.recipient, self.late_recipient = two.members[0], two.member()
        signed_old, unsigned = two.member(), two.member(signs=False)
        two.rulebook = two.adopt(timezone.localdate() - dt.timedelta(days=10))  # the delay to sign runs
        two.declare(reads="all")
        for who in (two.coordinator, two.members[0], two.members[1], self.late_recipient):
            two.sign(who)
        return [
            Attacker("coordinator elsewhere", two.coordinator, **here),
            Attacker(
                "recipient of a share",
                self.recipient,
                parts={"exposed": ALL({"Share", "Goal", "Step"})},
                leads=True,
                **here | {"knows": ALL({"there", "exposed"})},
            ),
            Attacker("recipient of a share that ended", self.late_recipient, **here),
            Attacker("member who signed the old version, within the delay", signed_old, **here),
            Attacker("member elsewhere who never signed", unsigned, knows=ALL({"there"})),
        ]

    def of_families(self):
        families = self.families
        here = {"reads": ALL({"family"}), "knows": ALL({"family"}), "wall": ALL({"families"})}
        current, old = families.members[0], families.member()
        families.rulebook = families.adopt(timezone.localdate() - dt.timedelta(days=20))  # the delay has passed
        families.declare(reads="all")
        for who in (families.coordinator, current, families.members[1]):
            families.sign(who)
        return [
            Attacker("member of the CDDF who signed the version in force", current, leads=True, **here),
            Attacker("member of the CDDF who signed the old version, after the delay", old, knows=ALL({"family"})),
        ]

    def outside(self):
        """Every role that no group seats, from the nearest place that it may have; and who is not signed in."""
        seated = {"coordinator", "deputy", "mayor", "prosecutor_office", "group_member", "referent", "victim_support"}
        found = [
            Attacker(
                role,
                actor(role, self.scope(min(ROLES[role].scopes, key=SCOPES.index))),
                office=role in OFFICES,
                acts=role == "prefect_office",
            )
            for role in ROLES
            if role not in seated
        ]
        return [*found, Attacker("anonymous", None)]

    def scope(self, kind):
        if kind == "platform":
            return Scope.objects.get_or_create(**PLATFORM)[0]
        code = {"commune": TOWN, "epci": "244200770", "departement": "42", "region": "84", "nation": "FR"}[kind]
        return scope_of(territory(kind, code))

    def seated(self, body):
        scope = body.scope or self.one.council.scope
        mandate = MandateFactory(role="group_member", scope=scope)
        MembershipFactory(body=body, person=mandate.person)
        return Actor(mandate.person, mandate, (mandate,))

    def sibling_group(self):
        """A member of another group of the same council, which holds files of its own and signed its texts."""
        council = self.one.council
        scope = Scope.objects.create(
            kind="body", territory=council.territory, label="Autre groupe inventé", holder=council.scope
        )
        CouncilReach.objects.create(council=council, scope=scope)
        body = Body.objects.create(council=council, kind=Body.Kind.GROUP, name="Autre groupe inventé", scope=scope)
        return self.seated(body)

    @staticmethod
    def withdraw(who):
        who.mandate.withdrawn_at = timezone.now()
        who.mandate.save()

    @staticmethod
    def expire(who):
        who.mandate.valid_to = timezone.localdate() - dt.timedelta(days=1)
        who.mandate.save()

    # ------------------------------------------------------------------------------------------------ what is hidden

    def plant(self, *, agendas=True):
        """Files: followed, protected (victim), archived; one of the other town; one of the CDDF."""
        today = timezone.localdate()
        for rank, (label, group, values) in enumerate([
            ("exposed", self.one, {}),
            ("victim", self.one, {"category": "victim"}),
            ("archived", self.one, {}),
            ("there", self.two, {}),
            ("family", self.families, {}),
        ]):  # fmt: skip
            born = dt.date(today.year - 15, 3, 5 + rank)
            one = Planted(label, birth=born)
            identity = {"given_name": one.give("Identity.given_name"), "family_name": one.give("Identity.family_name")}
            one.row = group.file(birth_date=born, identity=identity, **values)
            elsewhere = self.two if group is not self.two else self.one
            ground = Ground(group.members[0].person, elsewhere.body)
            given = {"Involvement": {}}
            if label == "exposed":
                given["Share"] = self.share(self.recipient, until=timezone.now() + dt.timedelta(hours=1))
            else:
                given["Share"] = self.share(self.late_recipient)
            group.acting(group.coordinator)
            fill(one, ground, row_values=given)
            self.planted.append(one)
        self.plant_registers()
        self.plant_report()
        self.take_part()
        self.one.acting(self.one.coordinator)
        archived = self.file("archived").row
        FollowUp.objects.filter(pk=archived.pk).update(
            closed_on=today, archived_on=today, purge_on=today + dt.timedelta(days=30)
        )
        if agendas:
            self.put_on_agendas()
        self.reader = Reader(self.planted)
        act_as(None)
        return self

    def plant_registers(self):
        """Two entries of the mayor's registers, far enough that a letter is printed."""
        today = timezone.localdate()
        self.register.acting(self.register.mayor)
        for rank, (label, make, state) in enumerate([
            ("call", self.register.call, "convened"), ("transaction", self.register.transaction, "offered"),
        ]):  # fmt: skip
            one = Planted(label, birth=dt.date(today.year - 30, 8, 11 + rank))
            identity = {"given_name": "Noé", "family_name": "Inventé", "address": "1 rue de Nulle-Part"}
            one.row = make(state=state, identity=identity | {"birth_date": one.birth.isoformat()})
            fill_entry(one)
            self.planted.append(one)

    def plant_report(self):
        """A situation told by a school to the first group, which has not answered yet."""
        today = timezone.localdate()
        one = Planted("report", birth=dt.date(today.year - 13, 10, 9))
        group = self.one
        group.acting(group.coordinator)
        channel = open_channel(
            body=group.body, name="GPDS du collège inventé", purpose="dropout", agreed_on=today,
            until=today + dt.timedelta(days=90), by=group.coordinator,
        )  # fmt: skip
        reporter = add_reporter(channel=channel, email=self.school.person.email, by=group.coordinator)
        group.acting(self.school)
        one.row = SentReport(
            channel=channel, body=group.body, sent_by=self.school.person, sent_on=today, asked=uuid.uuid4(),
            purge_on=today + dt.timedelta(days=30), key=vault.new(),
        )  # fmt: skip
        FileKey.objects.create(key=one.row.key)
        key = vault.open(one.row.key)
        seal_into(one.row, key, sex="f", birth_date=one.birth.isoformat(), situations=f"absent:{today}")
        seal(one.row, key, one)
        one.rows = {"SentReport": [one.row], "Channel": [channel], "Reporter": [reporter]}
        self.planted.append(one)

    def share(self, to, **values):
        return {"to_person": to.person, "as_body": self.two.body, "shared_by": self.one.members[0].person} | values

    def take_part(self):
        for who, kind in ((self.referent, "referent"), (self.concerned, "concerned")):
            self.one.acting(self.one.coordinator)
            Involvement.objects.create(
                followup=self.file("exposed").row, body=self.one.body, person=who.person, kind=kind,
                proposed_by=self.one.writer, accepted_at=timezone.now(), valid_from=timezone.localdate(),
            )  # fmt: skip

    def put_on_agendas(self):
        began = timezone.now() - dt.timedelta(minutes=1)
        for label, group in (("exposed", self.one), ("there", self.two), ("family", self.families)):
            group.acting(group.coordinator)
            meeting = MeetingFactory(
                body=group.body, starts_at=began, ends_at=began + dt.timedelta(hours=2), state="convened",
                convened_at=began,
            )  # fmt: skip
            number = self.file(label).number
            meeting.items.create(position=1, title=f"Dossier {number}", file_number=number)
            self.file(label).meeting = meeting

    def file(self, label):
        return next(one for one in self.planted if one.label == label)
