"""prevenance obligations CODE: what the law expects of a territory, as the screens say it."""

import datetime
import json
import textwrap

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from prevenance.domains.governance.analysis import facts_for, load_law
from prevenance.domains.territories.models import FormerCode, Territory
from prevenance.engines.obligations import obligations, what_if
from prevenance.engines.obligations.wording import day

ORDER = ("commune", "epci", "ept", "departement", "region", "nation")  # a code may be a département's and a region's


class Command(BaseCommand):
    help = "Dit ce que les textes attendent d’un territoire, et pourquoi."

    def add_arguments(self, parser):
        parser.add_argument("code", help="code Insee d’une commune ou d’un département, SIREN d’une intercommunalité")
        parser.add_argument("--date", default="", help="jour demandé, AAAA-MM-JJ (aujourd’hui sinon)")
        parser.add_argument(
            "--with", dest="assumptions", action="append", default=[], metavar="FAIT=VALEUR",
            help="hypothèses, par exemple council=CISPD,qpv=yes ; clés : council, qpv, coordinator, plenary, "
            "population, competence, opposition",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="résultat en JSON")

    def handle(self, code, date, assumptions, json, **options):
        on = parse_day(date)
        territory = find(code.strip().upper())
        try:
            facts = what_if(facts_for(territory, on), ",".join(assumptions))
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        found = obligations(facts, load_law(), on)
        show = as_json if json else as_text
        self.stdout.write(show(territory, facts, on, assumptions, found))


def parse_day(text):
    """The day asked, today when none is. Raises CommandError."""
    if not text:
        return timezone.localdate()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"Date non comprise « {text} » ; écrivez-la AAAA-MM-JJ, par exemple 2020-06-30.") from None


def find(code):
    """The territory of a code, today's or a former one. Raises CommandError."""
    found = sorted(Territory.objects.filter(code=code), key=lambda t: (t.until is not None, ORDER.index(t.kind)))
    if found:
        return found[0]
    former = FormerCode.objects.select_related("territory").filter(code=code).first()
    if former:
        return former.territory
    if not Territory.objects.exists():
        raise CommandError("Les territoires ne sont pas chargés ; lancez d’abord : prevenance load_territories")
    raise CommandError(f"Aucun territoire n’a le code « {code} » (code Insee ou SIREN attendu).")


def as_json(territory, facts, on, assumptions, found):
    result = {
        "territory": {"code": facts.code, "kind": facts.kind, "name": territory.name, "place": facts.place},
        "date": on.isoformat(),
        "assumptions": assumptions,
        "populations": {
            key: {"value": figure.value, "year": figure.year} for key, figure in sorted(facts.populations.items())
        },
        "obligations": [one.as_dict() for one in found],
    }
    return json.dumps(result, ensure_ascii=False, indent=2)


def as_text(territory, facts, on, assumptions, found):
    lines = [f"{territory.name} ({territory.get_kind_display().lower()} {facts.code}), au {day(on)}"]
    if assumptions:
        lines.append(f"Hypothèses : {', '.join(assumptions)}")
    if not found:
        lines += ["", "Aucune règle enregistrée ne concerne ce territoire."]
    for one in found:
        lines += ["", f"{one.title} · {one.article}", f"  {one.answer.label}"]
        lines += textwrap.wrap(one.why, 100, initial_indent="  ", subsequent_indent="  ")
        lines += [f"  Il manque : {name}" for name in one.missing]
    return "\n".join(lines)
