"""What governance does by the clock or after a request: every module of this package is read by the worker."""

from prevenance.domains.governance.jobs import imports

__all__ = ["imports"]
