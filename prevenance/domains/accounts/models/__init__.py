"""People, organisations, scopes and mandates: who may act, where, since when and by which act."""

from prevenance.domains.accounts.models.entering import Invitation, RecoveryCode, Session, digest_of
from prevenance.domains.accounts.models.people import Mandate, Person
from prevenance.domains.accounts.models.scopes import Organisation, Scope

__all__ = ["Invitation", "Mandate", "Organisation", "Person", "RecoveryCode", "Scope", "Session", "digest_of"]
