"""prevenance seed: a demonstration département, or a nation's worth of rows for measures. All invented."""

import random
import time
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from prevenance.core.audit import MACHINE
from prevenance.core.refusals import Refused
from prevenance.domains.pages.seeds import (
    audit,
    coverage,
    database,
    demonstration,
    followups,
    national,
    national_plans,
    national_registers,
    protection,
    recheck,
    registers,
)
from prevenance.domains.pages.seeds.councils import write_reaches
from prevenance.domains.pages.seeds.loading import Loader
from prevenance.domains.pages.seeds.people import People
from prevenance.domains.strategy.actions.catalogue import load_strategies
from prevenance.domains.territories.models import Territory

YEARS_OF_VALUES = 5  # of national_plans.PERIODS quarters


class Command(BaseCommand):
    help = "Remplit une base de démonstration ; refuse toute base qui contient de vraies données."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--size", choices=["demonstration", "national"], default="demonstration",
            help="un département pour montrer, ou la France entière pour mesurer",
        )  # fmt: skip
        parser.add_argument("--part", type=float, default=1.0, help="part de la taille nationale, de 0,001 à 1")
        parser.add_argument("--audit-rows", type=int, help="lignes du journal des actes (taille nationale)")
        parser.add_argument(
            "--random-seed", type=int, default=2024, help="graine du hasard : même graine, mêmes données"
        )
        parser.add_argument("--on", type=date.fromisoformat, help="jour de la démonstration (aujourd’hui)")
        parser.add_argument(
            "--registers-only", action="store_true",
            help="ajouter les registres de l’annuaire à une base nationale remplie avant qu’il y en eût",
        )  # fmt: skip
        parser.add_argument("--if-missing", action="store_true", help="ne rien faire si la démonstration est là")

    def handle(self, *, size, part, audit_rows, random_seed, on, registers_only, if_missing, **options):
        self.began = time.monotonic()
        if not 0.001 <= part <= 1:
            raise CommandError("--part va de 0,001 à 1.")
        if if_missing and database.is_marked():
            return
        if not Territory.objects.exists():
            raise CommandError("La France n’est pas chargée : lancez d’abord « prevenance load_territories ».")
        self.random_seed, today = random_seed, on or timezone.localdate()
        if registers_only:
            self.add_registers(today, part)
            return
        loader = Loader(today, random.Random(random_seed))  # noqa: S311  (invented data)
        try:
            with transaction.atomic():
                database.mark()
                database.empty()
                # A tool sheet may come from a success: emptying reaches the toolbox, whose first sheets come back.
                load_strategies(by=MACHINE)
                rows = round(national.AUDIT_ROWS * part) if audit_rows is None else audit_rows
                self.fill(loader, national.Size(part, rows) if size == "national" else None)
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal
        self.say("terminé : base de démonstration, où tout est inventé sauf les territoires")

    def fill(self, loader, size):
        """Write everything, then check a thousandth of it before it is kept."""
        people = People(loader)
        with (
            database.without_trigger("governance_minutessection", "governance_section_locked"),
            database.without_trigger("governance_decision", "governance_decision_locked"),
            database.without_trigger("governance_rulebook", "governance_rulebook_locked"),
            database.without_trigger("governance_signature", "governance_signature_checked"),
            database.without_trigger("strategy_amendment", "strategy_amendment_locked"),
            database.without_trigger("strategy_change", "strategy_change_locked"),
            database.without_trigger("strategy_provision", "strategy_provision_locked"),
            database.without_trigger("strategy_indicatorvalue", "strategy_value_begins"),
            database.without_trigger("governance_act", "governance_act_born_unsigned"),
        ):
            built = demonstration.build(people)
            councils = [council for council, _history in built.councils]
            chains, groups = national.build(people, size, councils, built.controllers, self.say) if size else ([], [])
            loader.finish()
        coverage.write_victims(loader, councils[0].place.departement)
        coverage.forget_counts()
        if not size:  # of a hundred thousand services, the night's job does it
            coverage.count_nation()
        if size:
            national_plans.build(date(loader.today.year - YEARS_OF_VALUES, 1, 1), loader.today, self.say)
        national_plans.total(loader.today, self.say)
        write_reaches()
        files = followups.fill(loader, built.groups, self.say)
        files += followups.fill(loader, groups, self.say, whole=False)
        registers.write(demonstration.EMAIL.format(role="mayor"))
        protection.write(demonstration.EMAIL)
        if size:
            files += national_registers.fill(loader.today, self.random_seed, size, self.say)
        acts = audit.record(built.councils)
        readings = audit.record_readings(built.groups)
        if size:
            acts += audit.record_many(loader, chains, size.audit_rows)
            readings += audit.record_many_readings(loader, groups, size(national.READINGS))
            self.say(f"{acts} lignes au journal des actes, {readings} lectures de dossiers")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # else the first queries would be planned as if tables were empty
        checked = files + recheck.recheck(loader)
        checked += recheck.recheck_chains([f"scope:{council.scope}" for council in councils], acts)
        checked += recheck.recheck_chains([f"followup:{group.body}" for group in [*groups, *built.groups]], readings)
        self.say(f"{sum(loader.written.values())} lignes écrites, {checked} vérifiées par les règles")

    def add_registers(self, today, part):
        if not database.is_marked():
            raise CommandError("Cette base n’est pas une base de démonstration : rien n’y a été ajouté.")
        try:
            with transaction.atomic():
                checked = national_registers.fill(today, self.random_seed, national.Size(part, 0), self.say)
        except Refused as refusal:
            raise CommandError(refusal.reason) from refusal
        self.say(f"terminé : {checked} lignes vérifiées par les règles")

    def say(self, text):
        self.stderr.write(f"{time.monotonic() - self.began:6.1f} s  {text}")
