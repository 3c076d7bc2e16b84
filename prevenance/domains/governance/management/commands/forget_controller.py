"""prevenance forget_controller: erase all that was a controller's, once it has left long enough."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from prevenance.core.audit import MACHINE
from prevenance.core.dates import date_format
from prevenance.core.refusals import Refused
from prevenance.domains.accounts.models import Scope
from prevenance.domains.governance.actions import leaving as actions
from prevenance.domains.governance.analysis.leaving import erased_with
from prevenance.domains.governance.rules import leaving as rules


class Command(BaseCommand):
    help = (
        "Efface tout ce qui était à un responsable de traitement parti de la plateforme, une fois son délai passé "
        "(data/governance/leaving_days.yaml). Sans --erase, compte et n’efface rien. Se relance sans risque : "
        "tout s’efface, ou rien. Sans argument, nomme les responsables dont le délai est passé."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        kinds = [Scope.Kind.COMMUNE, Scope.Kind.EPCI, Scope.Kind.DEPARTEMENT]
        parser.add_argument("kind", nargs="?", choices=[str(kind) for kind in kinds], metavar="NATURE",
                            help="commune, epci ou departement")  # fmt: skip
        parser.add_argument("code", nargs="?", metavar="CODE", help="code officiel du territoire : 42218")
        parser.add_argument("--erase", action="store_true", help="efface vraiment ; on n’y revient pas")

    def handle(self, *, kind=None, code=None, erase=False, **options):
        if code is None:
            self.list_due()
            return
        scope = Scope.objects.filter(kind=kind, territory__code=code).first()
        if scope is None:
            raise CommandError(f"Aucun responsable connu sous « {kind} {code} ».")
        try:
            if erase:
                rows = actions.forget_controller(scope=scope, by=MACHINE, told=self.tell)
                self.stdout.write(f"{scope.label} : {rows} lignes effacées, et leurs fichiers. Le journal reste.")
                return
            rules.check_can_forget(scope, timezone.localdate())
        except Refused as refusal:
            raise CommandError(str(refusal.reason)) from refusal
        rows = 0
        for model, found in erased_with(scope):
            count = found.count()
            rows += count
            self.tell(str(model._meta.verbose_name), count)
        self.stdout.write(f"{scope.label} : {rows} lignes seraient effacées. Rien ne l’est : ajoutez --erase.")

    def tell(self, what, count):
        if count:
            self.stderr.write(f"{what} : {count}")

    def list_due(self):
        gone = rules.due_to_forget(timezone.localdate())
        for record in gone:
            scope, day = record.scope, date_format(record.left_on, "j F Y")
            self.stdout.write(f"{scope.kind} {scope.territory.code} : {scope.label}, parti le {day}")
        if not gone:
            self.stdout.write("Aucun responsable parti n’est à effacer.")
