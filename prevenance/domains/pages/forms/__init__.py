"""Forms of pages."""

from prevenance.domains.pages.forms.example import Example
from prevenance.domains.pages.forms.expectations import CommunesFilter, DepartementsFilter

__all__ = ["CommunesFilter", "DepartementsFilter", "Example"]
