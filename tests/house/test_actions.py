"""Every action is declared, keyword-only, and leaves an audit row (the decorator refuses to end without one)."""

import importlib
import inspect
import pkgutil

from django.apps import apps

from prevenance.core.audit import ACTIONS


def modules():
    for config in apps.get_app_configs():
        if not config.name.startswith("prevenance.domains."):
            continue
        try:
            module = importlib.import_module(f"{config.name}.actions")
        except ModuleNotFoundError:
            continue
        yield module
        for found in pkgutil.walk_packages(getattr(module, "__path__", []), module.__name__ + "."):
            yield importlib.import_module(found.name)


def functions():
    for module in modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield function


def test_every_public_function_of_actions_is_a_declared_action():
    found = list(functions())
    assert len(found) > 10
    assert [f"{f.__module__}.{f.__name__}" for f in found if not hasattr(f, "audit_code")] == []


def test_every_action_is_keyword_only_and_says_by_whom():
    bad = []
    for function in functions():
        parameters = inspect.signature(function).parameters.values()
        if any(p.kind is not p.KEYWORD_ONLY for p in parameters) or "by" not in {p.name for p in parameters}:
            bad.append(f"{function.__module__}.{function.__name__}")
    assert bad == []


def test_labels_are_sentences_in_french_without_a_name():
    list(functions())
    assert ACTIONS
    assert [code for code, label in ACTIONS.items() if not str(label) or "%" in str(label) or "{" in str(label)] == []
