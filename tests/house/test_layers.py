"""What import-linter cannot see: foreign keys by string, and doors left open (docs/adr/0001-house.md)."""

import ast
import re
import tomllib

import pytest
from django.apps import apps

from prevenance.config.paths import PACKAGE, ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
FLOORS = {name.strip(): rank for rank, layer in enumerate(CONTRACTS[0]["layers"]) for name in layer.split("|")}

# A domain's modules have fixed kinds (design.md). The others are plug points that Django names itself.
KINDS = {"models", "rules", "actions", "forms", "views", "urls", "jobs", "api", "analysis", "statistics"}
KINDS |= {"__init__", "apps", "migrations", "management", "admin"}
PLUG_POINTS = {
    "accounts/acting": "middleware: who acts in a request",
    "accounts/backends": "authentication backend",
    "accounts/sessions": "session engine",
    "accounts/roles": "the table of roles, read by models and rules",
    "pages/context": "context processor: what every page knows of the site",
    "pages/seeds": "the one bypass of both doors, for demonstration databases only",
}


def domain_models():
    return [model for model in apps.get_models() if model._meta.app_label in FLOORS]


def relations():
    for model in domain_models():
        for field in model._meta.get_fields():
            if field.is_relation and not field.auto_created and field.related_model:
                yield model, field


def sources(*kinds):
    for kind in kinds:
        yield from PACKAGE.glob(f"domains/*/{kind}.py")
        yield from PACKAGE.glob(f"domains/*/{kind}/**/*.py")


def test_every_installed_domain_has_a_floor():
    installed = {config.label for config in apps.get_app_configs() if config.name.startswith("prevenance.domains.")}
    assert installed == set(FLOORS)


def test_foreign_keys_look_down():
    seen = list(relations())
    upward = [
        f"{field} -> {field.related_model._meta.label}"
        for model, field in seen
        if (there := field.related_model._meta.app_label) in FLOORS
        and there != model._meta.app_label
        and FLOORS[there] <= FLOORS[model._meta.app_label]
    ]
    assert len(seen) > 10
    assert upward == []


def test_no_generic_foreign_key():
    assert [f for m in domain_models() for f in m._meta.private_fields if "Generic" in type(f).__name__] == []


def test_views_and_forms_read_through_visible_to():
    read, doors = 0, []
    for path in sources("views", "forms"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            read += 1
            if re.search(r"\.(objects|_default_manager|_base_manager)\b(?!\s*\.visible_to\()", line):
                doors.append(f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}")
    assert read > 100
    assert doors == []


def test_a_list_is_not_read_whole_for_a_file_that_nobody_asks():
    """`map` and a generator expression read a queryset as soon as they are written, before any page is cut from it."""
    calls, read = 0, []
    for path in sources("views"):
        tree = ast.parse(path.read_text())
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            made = {
                target.id: node.value
                for node in ast.walk(function)
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "table_or_none":
                    calls += 1
                    rows = node.args[2]
                    rows = made.get(rows.id, rows) if isinstance(rows, ast.Name) else rows
                    mapped = isinstance(rows, ast.Call) and ast.unparse(rows.func) == "map"
                    told = isinstance(rows, ast.GeneratorExp) and ".iterator(" not in ast.unparse(
                        rows.generators[0].iter
                    )
                    if mapped or told:
                        read.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: give `line=` the function of a row")
    assert calls > 20
    assert read == []


def test_views_and_forms_write_nothing():
    pattern = re.compile(r"\.(save|delete|create|bulk_create|update_or_create|get_or_create|update)\(")
    allowed = re.compile(
        r"(actions\.\w+|request\.session|context|params|query|headers|response|forms?\.\w+)\.update\(|hashlib|digest\.update"
    )
    read, writes = 0, []
    for path in sources("views", "forms"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            read += 1
            if pattern.search(line) and not allowed.search(line) and "actions." not in line:
                writes.append(f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}")
    assert read > 100
    assert writes == []


def test_domain_modules_are_of_the_fixed_kinds():
    found = [
        path
        for path in PACKAGE.glob("domains/*/*")
        if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")
    ]
    unknown = [
        f"{path.parent.name}/{path.stem}"
        for path in found
        if path.stem not in KINDS and f"{path.parent.name}/{path.stem}" not in PLUG_POINTS
    ]
    assert len(found) > 10
    assert unknown == []


def test_modules_stay_under_400_lines():
    every = [path for folder in ("prevenance", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    files = [path for path in every if "migrations" not in path.parts]  # generated
    long = {str(path.relative_to(ROOT)): lines for path in files if (lines := len(path.read_text().splitlines())) > 400}
    assert len(files) > 40
    assert long == {}


@pytest.mark.parametrize("kind", ["AuditRow", "AuditHead"])
def test_audit_tables_give_the_application_no_change(kind):
    rights = apps.get_model("core", kind).database_rights
    assert "UPDATE" not in rights
    assert "DELETE" not in rights
