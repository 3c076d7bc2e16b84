"""Placement beside others: the same optimum as PySAL spopt 50 × faster, a certified gap of 1 % for all of France.

Real communes and inhabitants, candidates drawn among inhabitants with a seed, minutes by the travel model. spopt
starts from a full table of minutes, and so do we beside it. For all of France, 100 and 200 sites: the quick method,
whose bound is checked by itself, and HiGHS alone for as many seconds as asked. A préfecture's question, three more
posts in a département that has two, is asked of every one: what the engine takes of the 300 ms that a page has, by the
clock and by the processor, which others use too.
"""

import argparse
import statistics
import sys
import time
from functools import partial

import numpy as np

from benchmarks._measuring import Report, interleaved, machine
from benchmarks._siting import DAY, Case, Country, by_highs, by_spopt, full_table, timed
from prevenance.core.travel import ways
from prevenance.engines.placement import EXISTING, Aim, Placement, Problem, place

POINTS, SITES, WITHIN, NUMBER = 5_000, 500, 30.0, 20
NATION, NATION_SITES = 35_000, 2_000
NUMBERS, TIMES = (100, 200), (30.0, 60.0)
SEVERAL = 5  # of our own measures for one of spopt


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--part", type=float, default=1.0)
    options.add_argument("--seconds", type=float, default=60.0, help="temps laissé à HiGHS seul")
    asked = options.parse_args()
    report, country = Report(), Country()
    print(f"{machine()} ; entre parenthèses, temps de processeur")
    beside_spopt(report, country, asked.part, asked.rounds)
    nation(report, country, asked.part, asked.seconds)
    departements(report, country, asked.part)
    return report.end()


def beside_spopt(report: Report, country: Country, part: float, rounds: int) -> None:
    points, sites, number = round(POINTS * part), round(SITES * part), max(round(NUMBER * part), 2)
    case = country.drawn(points, sites, 2 * WITHIN)
    table = full_table(case.pairs)
    found: list[Placement] = []
    theirs: list[float] = []

    def ours() -> None:
        demand, site = np.nonzero(table <= WITHIN)
        problem = Problem.of(case.weight, demand, site, table[demand, site], sites=sites)
        found.append(place(problem, Aim("mclp", WITHIN, number), clock=time.monotonic))

    def spopt() -> list[float]:
        worth, seconds = by_spopt(table, case.weight, WITHIN, number)
        theirs.append(worth)
        return [seconds]

    once = timed(ours)
    mine, other = interleaved(rounds, lambda: [once()[0] for _time in range(SEVERAL)], spopt)
    report.title(f"Couverture maximale exacte, {points} points, {sites} candidats, {number} à ouvrir, {WITHIN:g} min")
    report.fact("Prévenance, du tableau à la réponse", f"{mine * 1000:.0f} ms", f"écart {found[0].gap:.1e}")
    report.fact("spopt et CBC", f"{other:.1f} s")
    apart = [f"{one.objective} ≠ {them}" for one in found for them in theirs if abs(one.objective - them) > 1e-9 * them]
    report.none("optimum différent", apart)
    decided = report.promise if part == 1 else report.hope
    decided("Prévenance / spopt", mine / other, 1 / 50)


def nation(report: Report, country: Country, part: float, seconds: float) -> None:
    points, sites = min(round(NATION * part), len(country.weight)), round(NATION_SITES * part)
    everything = country.drawn(points, sites, max(TIMES))
    for within in TIMES:
        case = everything.within(within)
        for number in (round(number * part) for number in NUMBERS):
            one_of_nation(report, case, within, number, seconds * part)
    case = country.drawn(points, sites, 90.0)
    report.title(f"Temps moyen, {points} points, {sites} candidats, {len(case.pairs)} trajets de 90 min au plus")
    for number in (round(number * part) for number in NUMBERS):
        found, took = quick(case.problem(), Aim("pmedian", 90.0, number))
        said = f"{number} ouvertures : {found.objective:.2f} min, écart certifié {found.gap:.3%}"
        report.fact(said, took, "HiGHS seul : non essayé")


def one_of_nation(report: Report, case: Case, within: float, number: int, seconds: float) -> None:
    found, took = quick(case.problem(), Aim("mclp", within, number))
    begin = time.process_time()
    worth, gap, alone = by_highs(case, number, seconds)
    worked = time.process_time() - begin
    report.title(f"{len(case.weight)} points, {case.pairs.supplies} candidats, {number} à ouvrir, {within:g} min")
    report.fact("Prévenance, méthode rapide", took, f"{found.objective:.0f} habitants")
    report.fact("HiGHS seul", both(alone, worked), f"{worth:.0f} habitants, écart {gap:.2%}")
    report.promise("écart certifié", found.gap * 100, 1.0, "%")
    report.none(
        "borne sous ce que HiGHS a trouvé", [f"{worth} > {found.bound}"] if worth > found.bound * (1 + 1e-9) else []
    )
    report.none("sans certificat", [] if found.proof == "certificate" else [found.proof])


def quick(problem: Problem, aim: Aim) -> tuple[Placement, str]:
    begin, work = time.perf_counter(), time.process_time()
    found = place(problem, aim, method="fast", clock=time.monotonic)
    return found, both(time.perf_counter() - begin, time.process_time() - work)


def both(clock: float, processor: float) -> str:
    """Seconds by the clock, and of processor: a machine shared with others makes them differ."""
    return f"{clock:.1f} ({processor:.1f}) s"


def departements(report: Report, country: Country, part: float) -> None:
    """Every commune asks and may have a post; the two with the most inhabitants have one; three more, exactly."""
    several = [ranks for ranks in country.departements().values() if len(ranks) > 10]
    several = several[:: max(round(1 / part), 1)]
    report.title(f"Trois ouvertures de plus dans un département, prouvées, {len(several)} départements")
    for aim in (Aim("mclp", 20.0, 3), Aim("mclp", 30.0, 3), Aim("pmedian", 60.0, 3)):
        taken, worked, gaps = [], [], []
        for ranks in several:
            begin = time.process_time()
            taken += timed(partial(what_if, country, ranks, aim, gaps))()
            worked.append(time.process_time() - begin)
        clock, processor = (f"{statistics.median(some) * 1000:.0f}" for some in (taken, worked))
        worst = f"la plus longue {max(taken):.1f} s ; plus grand écart {max(gaps):.0e}"
        report.fact(f"{aim.model}, {aim.within:g} min, médiane", f"{clock} ({processor}) ms", worst)


def what_if(country: Country, ranks: np.ndarray, aim: Aim, gaps: list[float]) -> None:
    """From points to the answer, trajectories included."""
    here, weight = country.points.where(ranks), country.weight[ranks]
    state = np.zeros(len(ranks), dtype=np.int64)
    state[np.argsort(-weight, kind="stable")[:2]] = EXISTING
    assert aim.within is not None
    case = Case(weight, ways(here, here, on=DAY).pairs(aim.within))
    gaps.append(place(case.problem(state), aim, clock=time.monotonic, seconds=30).gap)


if __name__ == "__main__":
    sys.exit(main())
