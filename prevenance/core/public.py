"""What is open to all. Any domain may say it of a view, so the word belongs to the core."""

from collections.abc import Callable
from typing import Any


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view as open to all; every other view asks for a signed-in person with a current mandate."""
    view.public = True  # type: ignore[attr-defined]
    return view
