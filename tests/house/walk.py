"""Walks through the modules of the product."""

import importlib
import pkgutil

import prevenance
from prevenance.core.composed import composed

DOMAINS = "prevenance.domains."


def composed_queries():
    """{name without "prevenance.domains.": query} of every composed function."""
    found = {}
    for module in pkgutil.walk_packages(prevenance.__path__, "prevenance."):
        # The server's entry sets the collector of its process.
        if ".migrations." in module.name or module.name.endswith(("__main__", "config.wsgi")):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, composed) and value.__module__ == module.name:
                found[f"{module.name.removeprefix(DOMAINS)}.{name}"] = value
    return found
