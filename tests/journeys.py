"""Which actions of the strategy are built: those whose marked browser journeys passed.

`@pytest.mark.journey("28.1")` marks a journey. A run notes those that passed in var/journeys-passed.json;
data/strategies/journeys.yaml, which pages and `prevenance measures` read, must say the same. `.ci/run` compares them
after the whole suite; `python -m tests.journeys --write` writes the file from the last run.
"""

import ast
import json
import sys
from collections import defaultdict

import yaml

from prevenance.config.paths import DATA, ROOT, VAR

PASSED = VAR / "journeys-passed.json"
SAID = DATA / "strategies" / "journeys.yaml"
HEAD = """\
# The browser journeys that passed, by action of the strategy: what makes an action « built ». Written by
# `python -m tests.journeys --write` after a whole run; CI fails when it says anything else than what passed.
"""


def marked() -> dict[str, list[str]]:
    """{action: journeys marked with it}, read from the sources of tests/browser."""
    found = defaultdict(list)
    for path in sorted((ROOT / "tests" / "browser").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for number in _numbers(node):
                    found[number].append(f"{path.stem}::{node.name}")
    return {number: sorted(names) for number, names in found.items()}


def _numbers(node: ast.FunctionDef) -> list[str]:
    return [
        argument.value
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "journey"
        for argument in mark.args
        if isinstance(argument, ast.Constant)
    ]


def said() -> dict[str, list[str]]:
    return yaml.safe_load(SAID.read_text(encoding="utf-8")) or {}


def passed() -> dict[str, list[str]]:
    """{action: journeys that passed}; an action of which one journey failed or did not run is not among them."""
    names = set(json.loads(PASSED.read_text(encoding="utf-8"))) if PASSED.exists() else set()
    return {number: wanted for number, wanted in marked().items() if set(wanted) <= names}


def rank(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


def write(found: dict[str, list[str]]) -> None:
    lines = {number: found[number] for number in sorted(found, key=rank)}
    SAID.write_text(HEAD + yaml.safe_dump(lines, sort_keys=False, width=118), encoding="utf-8")


def main(arguments: list[str]) -> int:
    if "--write" in arguments:
        write(passed())
        return 0
    if passed() == said():
        print(f"{len(said())} actions de la stratégie sont bâties, comme le dit journeys.yaml.")  # noqa: T201
        return 0
    differing = {number for number in passed() | said() if passed().get(number) != said().get(number)}
    print(f"journeys.yaml ne dit pas ce qui a réussi : {', '.join(sorted(differing, key=rank))}")  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
