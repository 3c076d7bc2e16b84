"""The strategy and its toolbox as data: complete, numbered as published, worded with known keys, honest about proof."""

import datetime as dt
import re
from collections import Counter

import pytest
import yaml

from prevenance.config.paths import DATA
from tests.house.typography import mend

FOLDER = DATA / "strategies"
ACTIONS_BY_AXIS = {1: 38, 2: 31, 3: 22, 4: 30}
MEASURES_BY_AXIS = {1: range(1, 15), 2: range(15, 22), 3: range(22, 30), 4: range(30, 41)}
DOMAINS = {
    *("territories", "accounts", "governance", "strategy", "followup", "directory", "tranquillity", "surveys"),
    *("funding", "training", "evaluation", "observatory", "video"),
}
LEVELS = {"unknown", "practice", "study", "review"}
AXES_OF_EVIDENCE = ["effect", "mechanism", "moderators", "implementation", "economy"]
ACTION = {
    "number": str,
    "label": str,
    "text": str,
    "audiences": list,
    "leads": list,
    "partners": list,
    "law": list,
    "domain": str,
    "also": list,
    "capability": str,
}
TOOL = {
    "key": str,
    "title": str,
    "problem": str,
    "audience": str,
    "audiences": list,
    "steps": list,
    "partners": str,
    "partner_roles": list,
    "cost": dict,
    "measures": list,
    "evidence": dict,
    "source": str,
}
LAW = re.compile(
    r"(CSI|CASF|C\. éduc\.|C\. trav\.) [LRD]\d+(-\d+)*"
    r"|CPP (R|D)?\d+(-\d+)*|CP \d+(-\d+)*"
    r"|(Loi|Décret) \d{4}-\d+|Circulaire \d{4}-\d+|Instruction \d{4}/\d+"
    r"|Circulaire du (1er|\d{1,2}) [a-zûé]+ \d{4}"
)
INFINITIVE = re.compile(r"\w+(er|ir|re)\b")


def load(name):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


STRATEGY, WORDS, TOOLS = load("2020-2024.yaml"), load("words.yaml"), load("tools.yaml")
MEASURES = [(axis, measure) for axis in STRATEGY["axes"] for measure in axis["measures"]]
ACTIONS = [(axis, measure, action) for axis, measure in MEASURES for action in measure["actions"]]
NUMBERS = {action["number"] for _, _, action in ACTIONS}


def repeated(values):
    return [value for value, count in Counter(values).items() if count > 1]


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def correspondence_faults(row):
    """What is wrong in one row of correspondences.yaml; an empty list when it can be read."""
    if set(row) != {"from", "to", "kind"}:
        return ["fields"]
    faults = []
    strategy, _, number = row["from"].partition("/")
    if strategy != STRATEGY["key"] or number not in NUMBERS:
        faults.append("from")
    if row["kind"] not in {"same", "split", "merged", "dropped"}:
        faults.append("kind")
    shape = "" if row["kind"] == "dropped" else r"\d{4}-\d{4}/\d+\.\d+"
    if not re.fullmatch(shape, row["to"] or ""):
        faults.append("to")
    return faults


def test_the_strategy_says_what_it_is_and_when_it_held():
    assert list(STRATEGY) == ["key", "label", "begins", "ends", "source", "axes"]
    assert STRATEGY["key"] == "2020-2024"
    assert (STRATEGY["begins"], STRATEGY["ends"]) == (dt.date(2020, 3, 5), dt.date(2024, 12, 31))
    assert STRATEGY["label"]
    assert len(STRATEGY["source"]) > 40


def test_axes_measures_and_actions_are_all_there_in_order():
    assert [axis["number"] for axis in STRATEGY["axes"]] == [1, 2, 3, 4]
    assert [measure["number"] for _, measure in MEASURES] == list(range(1, 41))
    assert {a["number"]: [m["number"] for m in a["measures"]] for a in STRATEGY["axes"]} == {
        axis: list(numbers) for axis, numbers in MEASURES_BY_AXIS.items()
    }
    assert Counter(axis["number"] for axis, _, _ in ACTIONS) == ACTIONS_BY_AXIS
    assert len(ACTIONS) == 121


def test_actions_are_numbered_from_one_under_their_measure():
    assert len(NUMBERS) == len(ACTIONS)
    for _, measure in MEASURES:
        found = [action["number"] for action in measure["actions"]]
        assert found == [f"{measure['number']}.{rank}" for rank in range(1, len(found) + 1)]
        assert found, measure["number"]


def test_every_action_has_the_same_fields():
    for _, _, action in ACTIONS:
        assert {field: type(value) for field, value in action.items()} == ACTION, action["number"]
        assert list(action) == list(ACTION), action["number"]


def test_labels_and_texts_are_filled_unique_and_short():
    labels = {
        "axis": [axis["label"] for axis in STRATEGY["axes"]],
        "measure": [measure["label"] for _, measure in MEASURES],
        "action": [action["label"] for _, _, action in ACTIONS],
        "text": [action["text"] for _, _, action in ACTIONS],
        "capability": [action["capability"] for _, _, action in ACTIONS],
    }
    longest = {"axis": 100, "measure": 100, "action": 110, "text": 320, "capability": 200}
    for kind, values in labels.items():
        assert [value for value in values if not value.strip() or len(value) > longest[kind]] == [], kind
        assert repeated(values) == [], kind


def test_an_action_begins_with_a_verb_and_its_text_is_one_sentence_or_two():
    for _, _, action in ACTIONS:
        assert INFINITIVE.match(action["label"]), action["label"]
        assert not action["label"].endswith("."), action["label"]
        assert action["text"].endswith("."), action["number"]
        assert 1 <= len(re.findall(r"\.(?=\s|$)", action["text"])) <= 2, action["number"]


def test_domains_are_those_of_the_house():
    for _, _, action in ACTIONS:
        domains = [action["domain"], *action["also"]]
        assert set(domains) <= DOMAINS, action["number"]
        assert repeated(domains) == [], action["number"]


def test_references_of_law_are_written_one_way():
    references = [reference for _, _, action in ACTIONS for reference in action["law"]]
    assert len(references) > 30
    assert [reference for reference in references if not LAW.fullmatch(reference)] == []
    assert [action["number"] for _, _, action in ACTIONS if repeated(action["law"])] == []


def test_every_action_is_for_someone_and_led_by_someone():
    for _, _, action in ACTIONS:
        assert action["audiences"], action["number"]
        assert action["leads"], action["number"]
        assert repeated(action["audiences"]) == [], action["number"]
        assert repeated(action["leads"] + action["partners"]) == [], action["number"]


def test_words_are_all_known_and_all_used():
    audiences = {key for _, _, action in ACTIONS for key in action["audiences"]}
    audiences |= {key for tool in TOOLS for key in tool["audiences"]}
    roles = {key for _, _, action in ACTIONS for key in action["leads"] + action["partners"]}
    roles |= {key for tool in TOOLS for key in tool["partner_roles"]}
    assert audiences == set(WORDS["audiences"])
    assert roles == set(WORDS["roles"])
    assert set(WORDS) == {"audiences", "roles"}
    for words in WORDS.values():
        assert all(words.values())
        assert repeated(words.values()) == []


def test_twenty_tools_with_the_same_fields():
    assert len(TOOLS) == 20
    for tool in TOOLS:
        assert {field: type(value) for field, value in tool.items()} == TOOL, tool["key"]
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", tool["key"])
    for field in ("key", "title", "problem"):
        assert repeated(tool[field] for tool in TOOLS) == []


def test_a_tool_says_for_whom_how_and_for_which_actions():
    for tool in TOOLS:
        assert tool["audiences"], tool["key"]
        assert tool["partner_roles"], tool["key"]
        assert repeated(tool["audiences"]) + repeated(tool["partner_roles"]) == [], tool["key"]
        assert 4 <= len(tool["steps"]) <= 8, tool["key"]
        assert all(step.endswith(".") and len(step) <= 120 for step in tool["steps"]), tool["key"]
        assert 1 <= len(re.findall(r"\.(?=\s|$)", tool["problem"])) <= 3, tool["key"]
        assert tool["measures"], tool["key"]
        assert set(tool["measures"]) <= NUMBERS, tool["key"]
        assert all(tool[field].strip() for field in ("title", "audience", "partners", "source")), tool["key"]


def test_a_cost_is_a_range_or_says_that_it_is_unknown():
    for tool in TOOLS:
        cost = tool["cost"]
        assert list(cost) == ["low", "high", "unit", "note"], tool["key"]
        if cost["low"] is None:
            assert cost["high"] is None, tool["key"]
            assert cost["note"].startswith("Inconnu"), tool["key"]
        else:
            assert 0 <= cost["low"] <= cost["high"], tool["key"]
            assert cost["unit"], tool["key"]


def test_evidence_has_a_source_or_says_that_nothing_is_known():
    for tool in TOOLS:
        assert list(tool["evidence"]) == AXES_OF_EVIDENCE, tool["key"]
        for axis, proof in tool["evidence"].items():
            where = (tool["key"], axis)
            assert list(proof) == ["level", "text", "source"], where
            assert proof["level"] in LEVELS, where
            assert proof["text"].strip(), where
            assert bool(proof["source"].strip()) == (proof["level"] != "unknown"), where
            assert (proof["text"] == "Inconnu.") == (proof["level"] == "unknown"), where


def test_correspondences_can_be_read():
    rows = load("correspondences.yaml")
    assert isinstance(rows, list)
    assert [row for row in rows if correspondence_faults(row)] == []


@pytest.mark.parametrize(
    "change, faults",
    [
        ({}, []),
        ({"to": None, "kind": "dropped"}, []),
        ({"from": "2020-2024/4.9"}, ["from"]),
        ({"from": "2019-2023/4.1"}, ["from"]),
        ({"kind": "similar"}, ["kind"]),
        ({"to": "2.3"}, ["to"]),
        ({"to": None}, ["to"]),
        ({"kind": "dropped"}, ["to"]),
        ({"note": "…"}, ["fields"]),
    ],
)
def test_a_faulty_correspondence_is_seen(change, faults):
    row = {"from": "2020-2024/4.1", "to": "2025-2030/2.3", "kind": "same"} | change
    assert correspondence_faults(row) == faults


def test_french_texts_are_printed_as_french_prints_them():
    texts = [*strings(STRATEGY), *strings(WORDS), *strings(TOOLS)]
    assert len(texts) > 1000
    assert [text for text in texts if mend(text) != text or "'" in text or "  " in text] == []
