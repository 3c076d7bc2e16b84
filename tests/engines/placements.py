"""Small placement problems, and their answers by trying every choice: nothing here comes from the engine."""

from dataclasses import dataclass
from itertools import combinations
from math import inf

from hypothesis import strategies as st
from scipy.optimize import linprog

from prevenance.engines.placement import EXISTING, FORBIDDEN, FORCED, FREE, Aim, Problem


@dataclass(frozen=True)
class Case:
    """`times[i][j]` minutes or None where there is no path; the other columns as in Problem."""

    weight: list
    times: list
    state: list
    cost: list
    capacity: list
    aim: Aim

    def problem(self):
        pairs = [
            (i, j, minutes) for i, row in enumerate(self.times) for j, minutes in enumerate(row) if minutes is not None
        ]
        demand, site, minutes = zip(*pairs, strict=True) if pairs else ((), (), ())
        return Problem.of(
            self.weight, demand, site, minutes, sites=len(self.state), state=self.state, cost=self.cost,
            capacity=self.capacity,
        )  # fmt: skip

    @property
    def horizon(self):
        if self.aim.within is not None:
            return self.aim.within
        known = [t for row in self.times for t, state in zip(row, self.state, strict=True)
                 if t is not None and state != FORBIDDEN]  # fmt: skip
        return max(known, default=0.0)

    def choices(self):
        """Every set of new sites that the rules allow."""
        free = [j for j, state in enumerate(self.state) if state == FREE]
        forced = [j for j, state in enumerate(self.state) if state == FORCED]
        for size in range(len(free) + 1):
            for some in combinations(free, size):
                opened = [*forced, *some]
                if self.aim.number is not None and len(opened) > self.aim.number:
                    continue
                if self.aim.budget is None or sum(self.cost[j] for j in opened) <= self.aim.budget + 1e-9:
                    yield sorted(opened)

    def outcome(self, opened):
        """(weight served, mean minutes) with these sites beside those that exist."""
        sites = [*opened, *(j for j, state in enumerate(self.state) if state == EXISTING)]
        near = {(i, j): self.times[i][j] for i in range(len(self.weight)) for j in sites
                if self.times[i][j] is not None and self.times[i][j] <= self.horizon}  # fmt: skip
        total = sum(self.weight)
        if any(self.capacity[j] < inf for j in sites):
            served = self._shared(near, lambda i, _minutes: self.weight[i])
            spared = self._shared(near, lambda i, minutes: self.weight[i] * (self.horizon - minutes))
        else:
            best = [
                min((t for (i, _j), t in near.items() if i == row), default=None) for row in range(len(self.weight))
            ]
            served = sum(w for w, t in zip(self.weight, best, strict=True) if t is not None)
            spared = sum(w * (self.horizon - t) for w, t in zip(self.weight, best, strict=True) if t is not None)
        return served, (self.horizon - spared / total if total else 0.0)

    def _shared(self, near, worth):
        """The most that shares of the points are worth, sites serving no more than they can."""
        pairs = [pair for pair in near if self.weight[pair[0]] > 0]
        if not pairs:
            return 0.0
        rows, limits = [], []
        for i in range(len(self.weight)):
            rows.append([float(pair[0] == i) for pair in pairs])
            limits.append(1.0)
        for j in {pair[1] for pair in pairs if self.capacity[pair[1]] < inf}:
            rows.append([self.weight[pair[0]] * (pair[1] == j) for pair in pairs])
            limits.append(self.capacity[j])
        found = linprog([-worth(i, near[i, j]) for i, j in pairs], A_ub=rows, b_ub=limits, bounds=(0, 1))
        return -found.fun

    def optimum(self):
        """The best objective, by the definition of the model."""
        outcomes = [(*self.outcome(opened), len(opened)) for opened in self.choices()]
        if self.aim.model == "mclp":
            return max(served for served, _mean, _number in outcomes)
        if self.aim.model == "pmedian":
            return min(mean for _served, mean, _number in outcomes)
        most = max(served for served, _mean, _number in outcomes)
        return min(number for served, _mean, number in outcomes if served >= most - 1e-6)


@st.composite
def cases(draw, model=None, limited=None):
    """Up to eight points and six sites, of every state, with every kind of limit."""
    points, sites = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    model = model or draw(st.sampled_from(["mclp", "lscp", "pmedian"]))
    limited = draw(st.booleans()) if limited is None else limited
    weights = st.one_of(st.integers(0, 20), st.floats(0, 50, allow_subnormal=False).map(lambda x: round(x, 3)))
    minutes = st.one_of(
        st.none(), st.integers(0, 60), st.sampled_from([10, 20, 30]), st.floats(0, 60).map(lambda x: round(x, 2))
    )
    times = [[draw(minutes) for _site in range(sites)] for _point in range(points)]
    state = draw(st.lists(st.sampled_from([FREE, FREE, FREE, FREE, FORCED, FORBIDDEN, EXISTING]),
                          min_size=sites, max_size=sites))  # fmt: skip
    cost = draw(st.lists(st.sampled_from([0, 1, 2, 3, 5, 0.1, 0.2]), min_size=sites, max_size=sites))
    capacity = [draw(st.one_of(st.just(inf), st.integers(0, 60))) if limited else inf for _site in range(sites)]
    forced = [j for j in range(sites) if state[j] == FORCED]
    number = draw(st.one_of(st.none(), st.integers(len(forced), sites)))
    budget = draw(st.one_of(st.none(), st.integers(0, 8))) if number is not None or model == "lscp" else 5
    if budget is not None:
        budget += sum(cost[j] for j in forced)
    within = draw(st.sampled_from([0, 10, 20, 30, 45, 60]))
    if model == "pmedian" and draw(st.booleans()):
        within = None
    return Case(
        [draw(weights) for _point in range(points)], times, state, cost, capacity, Aim(model, within, number, budget)
    )
