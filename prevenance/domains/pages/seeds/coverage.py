"""What coverage shows besides the directory: invented victims of one département, and the nation counted once."""

from django.utils import timezone

from prevenance.domains.directory.analysis.nation import counted
from prevenance.domains.directory.models import CoverageRun, DepartementCoverage
from prevenance.domains.directory.rules.nation import departements, state_of
from prevenance.domains.pages.seeds.loading import Loader
from prevenance.domains.territories.models import CrimeSeries, RecordedCrime, Territory

INDICATOR = "Violences, chiffres inventés pour la démonstration"
YEAR, VINTAGE = 2025, 2026
PUBLISHED_FROM = 2_000  # inhabitants: smaller communes are not published, as most are not in the real file


def write_victims(loader: Loader, departement: int) -> None:
    """A series whose name says that it is invented; nothing where real ones were loaded."""
    if CrimeSeries.objects.exclude(indicator=INDICATOR).exists():
        return
    CrimeSeries.objects.all().delete()
    communes = Territory.objects.existing().filter(kind="commune", containers__container=departement).order_by("code")
    figures = {
        commune: max(0, round(commune.weight * loader.chance.uniform(0.001, 0.006)))
        if commune.weight >= PUBLISHED_FROM
        else None
        for commune in communes
    }
    withheld = list(figures.values()).count(None)
    series = CrimeSeries.objects.create(
        indicator=INDICATOR, unit="Victime", year=YEAR, vintage=VINTAGE, published=len(figures) - withheld,
        withheld=withheld,
    )  # fmt: skip
    RecordedCrime.objects.bulk_create(
        RecordedCrime(series=series, commune=commune, value=value) for commune, value in figures.items()
    )


def forget_counts() -> None:
    """Of a directory that is no more."""
    DepartementCoverage.objects.all().delete()
    CoverageRun.objects.all().delete()


def count_nation() -> None:
    """As the night's job does, and every département of it."""
    today, every = timezone.localdate(), departements()
    run = CoverageRun.objects.create(
        day=today, state_counted=state_of(today), state=CoverageRun.State.DONE, done=len(every), total=len(every),
        ended_at=timezone.now(),
    )  # fmt: skip
    for departement in every:
        DepartementCoverage.objects.bulk_create(counted(departement, run))
