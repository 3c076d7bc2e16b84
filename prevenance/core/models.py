"""Tables of the core: the audit trail."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from prevenance.core.row_security import READ


class AuditRow(models.Model):
    """One act or one refusal. The database numbers, dates, chains and hashes it; see migration 0001.

    `label` does not exist on purpose: the French sentence comes from the action's own declaration, so that no
    name can ever be written here.
    """

    database_rights = "SELECT, INSERT (scope, person, mandate, action, subject, detail)"

    pk = models.CompositePrimaryKey("scope", "seq", "at")
    scope = models.CharField(_("périmètre"), max_length=60)
    seq = models.BigIntegerField(_("rang"))
    at = models.DateTimeField(_("date"))
    person = models.BigIntegerField(_("personne"), null=True)
    mandate = models.BigIntegerField(_("mandat"), null=True)
    action = models.CharField(_("acte"), max_length=80)
    subject = models.CharField(_("objet"), max_length=80)
    detail = models.TextField(_("précisions"))
    previous = models.BinaryField(_("empreinte précédente"))
    hash = models.BinaryField(_("empreinte"))

    class Meta:
        managed = False
        db_table = "core_auditrow"


class AuditHead(models.Model):
    """Last link of each chain; only the database's own function writes here."""

    database_rights = READ

    scope = models.CharField(_("périmètre"), max_length=60, primary_key=True)
    seq = models.BigIntegerField(_("rang"))
    hash = models.BinaryField(_("empreinte"))

    class Meta:
        managed = False
        db_table = "core_audithead"
