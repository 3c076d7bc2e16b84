"""Where to open: the three models, exact or quick, and what is proved of the answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Literal

import numpy as np

from prevenance.engines.placement.benefits import Benefits, benefits_of, horizon, left_over, within_time
from prevenance.engines.placement.choosing import Choice, Clock, Effort, chosen
from prevenance.engines.placement.covering import cover_by_solver, fewest, fewest_bringing
from prevenance.engines.placement.flows import CLOSE, Flow, Network, fewest_serving, most_served
from prevenance.engines.placement.merging import merged
from prevenance.engines.placement.problem import EXISTING, FORCED, Aim, Floats, Ints, Placement, Problem, floats, ints

Method = Literal["exact", "fast"]

ROUNDED = Fraction(1, 2**50)  # part by which a mean in floating point may differ from the real one


def place(
    problem: Problem, aim: Aim, *, method: Method = "exact", seed: int = 0, clock: Clock, seconds: float | None = None
) -> Placement:
    """The best sites to open, with the proof of how good they are.

    `exact` searches until nothing better is left, or `seconds` of `clock` have passed: the gap then says what is not
    proved. `fast` stops at a good choice: greedy, exchanges, prices; its bound is certified by `certify` (`covering`
    for the fewest). Capacities, and a number or budget on the fewest, always go to HiGHS; `fast` then stops at a gap of
    1 %. Without `seconds` the same problem, seed and method give the same answer.

    Raises ValueError when forced sites are too many or too dear.
    """
    until = None if seconds is None else clock() + seconds
    effort = Effort(method == "exact", seed, clock, until)
    left_over(problem, aim)
    if problem.limited:
        return _limited(problem, aim, effort)
    return _fewest(problem, aim, effort) if aim.model == "lscp" else _greatest(problem, aim, effort)


def _greatest(problem: Problem, aim: Aim, effort: Effort) -> Placement:
    benefits = benefits_of(problem, aim)
    choice = chosen(benefits, aim.model == "mclp", effort)
    opened = _with_forced(problem, benefits.candidates[choice.columns])
    measure = _measure(problem, aim)
    low, high = choice.certificate.low, choice.certificate.high
    proof: Literal["certificate", "solver"] = "certificate"
    if choice.solver is not None and choice.solver < high:
        high, proof = max(Fraction(choice.solver), low), "solver"
    return _answer(problem, aim, opened, measure(low), measure(high), proof)


def _fewest(problem: Problem, aim: Aim, effort: Effort) -> Placement:
    benefits = benefits_of(problem, aim)
    forced = int((problem.state == FORCED).sum())
    core = merged(benefits, flat=True)
    if benefits.budget is None and benefits.number == benefits.columns:
        cover = fewest(core, effort)
        columns, bound, certified = cover.columns, cover.certified, True
        if cover.solver is not None and cover.solver > bound:
            bound, certified = cover.solver, False
    else:
        within, bound = cover_by_solver(core, ints([]), effort, benefits.cost, benefits.number, benefits.budget)
        certified = False
        columns = ints([]) if within is None else within
        if within is None:
            columns, bound = _most_with_fewest(benefits, effort)
    opened = _with_forced(problem, benefits.candidates[columns])
    proof: Literal["certificate", "solver"] = "certificate" if certified else "solver"
    return _answer(problem, aim, opened, Fraction(len(opened)), Fraction(bound + forced), proof)


def _most_with_fewest(benefits: Benefits, effort: Effort) -> tuple[Ints, int]:
    """(the fewest columns that serve the most, bound of them) where number or budget leave someone out."""
    core = merged(benefits, flat=True)
    choice = chosen(benefits, True, replace(effort, exact=True))
    most = float(core.most[np.isin(np.arange(core.rows), core.row[np.isin(core.column, choice.columns)])].sum())
    found, bound = fewest_bringing(core, choice.columns, most, effort, benefits.cost, benefits.number, benefits.budget)
    return found, bound if _searched(choice) else 0


def _searched(choice: Choice) -> bool:
    """Whether nothing better is left to find, but for rounding."""
    low, high = choice.certificate.low, choice.certificate.high
    if choice.solver is not None:
        high = min(high, Fraction(choice.solver))
    return high <= low * (1 + Fraction(1, 10**9))


def _limited(problem: Problem, aim: Aim, effort: Effort) -> Placement:
    """Where people share sites that serve so many and no more, or where not everyone can be served."""
    network = Network.of(problem, aim)
    flow = most_served(network, replace(effort, exact=effort.exact or aim.model == "lscp"))
    if aim.model == "lscp":
        flow, bound = fewest_serving(network, effort, flow.worth)
        return _answer(problem, aim, flow.opened, Fraction(len(flow.opened)), Fraction(bound), "solver", network, flow)
    measure = _measure(problem, aim)
    low = Fraction(flow.worth)
    high = max(Fraction(flow.bound), low)
    return _answer(problem, aim, flow.opened, measure(low), measure(high), "solver", network, flow)


def _with_forced(problem: Problem, opened: Ints) -> Ints:
    return ints(np.sort(np.concatenate([opened, np.flatnonzero(problem.state == FORCED)])))


def _measure(problem: Problem, aim: Aim) -> Callable[[Fraction], Fraction]:
    """What is shown from what is brought: itself (covering), the mean time that is left (mean time)."""
    if aim.model == "mclp":
        return lambda brought: brought
    weight = sum(map(Fraction, problem.weight.tolist()), Fraction(0))
    longest = Fraction(horizon(problem, aim))
    return lambda brought: max(longest - brought / weight, Fraction(0)) if weight else Fraction(0)


def _answer(
    problem: Problem, aim: Aim, opened: Ints, reached: Fraction, bound: Fraction,
    proof: Literal["certificate", "solver"], network: Network | None = None, flow: Flow | None = None,
) -> Placement:  # fmt: skip
    """`reached` is never better than what the sites do, nor `bound` worse than what any could."""
    longest = horizon(problem, aim)
    pairs = within_time(problem, aim)
    usable = np.zeros(len(problem.weight), dtype=np.bool_)
    usable[problem.demand[pairs]] = True
    asks = problem.weight > 0
    if network is None or flow is None:
        serving, minutes = _nearest(problem, pairs, opened)
        part = floats(serving >= 0)
        mean = np.where(serving >= 0, minutes, longest)
    else:
        serving, part, spent = _shares(problem, network, flow)
        mean = spent + longest * (1 - part)
    whole, served = math.fsum(problem.weight), math.fsum(problem.weight * part)
    objective = float(len(opened))
    if aim.model == "mclp":
        objective = served
    elif aim.model == "pmedian":
        objective = math.fsum(problem.weight * mean) / whole if whole else 0.0
    greatest = aim.model == "mclp"
    shown = outward(bound, upwards=greatest)
    shown = max(shown, objective) if greatest else min(shown, objective)
    if proof == "solver":
        reached, bound = Fraction(objective), Fraction(shown)
    elif aim.model == "pmedian":  # sums of numbers from zero up: the real mean is that near
        reached = min(reached, Fraction(objective) * (1 + ROUNDED))
    worst = max(reached, bound)
    gap = abs(bound - reached) / worst if worst else Fraction(0)
    return Placement(
        opened, objective, shown, outward(gap, upwards=True), proof, served, max(whole - served, 0.0),
        ints(np.flatnonzero(asks & ~usable)), serving, part,
    )  # fmt: skip


def outward(value: Fraction, *, upwards: bool) -> float:
    """The nearest floating-point number on that side of `value`."""
    found = float(value)
    if upwards and Fraction(found) < value:
        return math.nextafter(found, math.inf)
    return math.nextafter(found, -math.inf) if not upwards and Fraction(found) > value else found


def _nearest(problem: Problem, pairs: Ints, opened: Ints) -> tuple[Ints, Floats]:
    """(the nearest open site within the time or -1, its minutes) of each point."""
    is_open = problem.state == EXISTING
    is_open[opened] = True
    pairs = pairs[is_open[problem.site[pairs]]]
    order = pairs[np.lexsort((problem.site[pairs], problem.minutes[pairs], problem.demand[pairs]))][::-1]
    serving, minutes = np.full(len(problem.weight), -1, dtype=np.int64), np.zeros(len(problem.weight))
    serving[problem.demand[order]] = problem.site[order]  # the last written is the nearest
    minutes[problem.demand[order]] = problem.minutes[order]
    return serving, minutes


def _shares(problem: Problem, network: Network, flow: Flow) -> tuple[Ints, Floats, Floats]:
    """(the site that serves the most of each point or -1, part served in all, mean minutes of that part times it)."""
    pairs, points = network.pairs, len(problem.weight)
    demand = problem.demand[pairs]
    part = floats(np.minimum(np.bincount(demand, weights=flow.part, minlength=points), 1.0))
    spent = floats(np.bincount(demand, weights=flow.part * problem.minutes[pairs], minlength=points))
    order = np.lexsort((-problem.site[pairs], flow.part, demand))
    order = order[flow.part[order] > CLOSE]
    serving = np.full(points, -1, dtype=np.int64)
    serving[demand[order]] = problem.site[pairs][order]
    return serving, part, spent
