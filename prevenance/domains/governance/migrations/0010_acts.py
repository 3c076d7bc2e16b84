"""Composition acts become acts of any kind, with those consulted and those who sign as rows of their own."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

FORGET = "DROP TRIGGER governance_composition_locked ON governance_compositionact;"
LOCK_AGAIN = """
CREATE TRIGGER governance_composition_locked BEFORE UPDATE OR DELETE ON governance_compositionact
    FOR EACH ROW WHEN (OLD.signed_on IS NOT NULL) EXECUTE FUNCTION governance_approved();
"""

# What was a composition act belongs to whoever holds the council, and waits for, or has, one signature.
FILL = """
UPDATE governance_act a SET
    scope_id = s.holder_id,
    form = 'composition-' || h.kind,
    title = left('Arrêté fixant la composition du ' || c.name, 300),
    submitted_at = a.created_at,
    in_force_from = CASE WHEN a.signed_on IS NOT NULL THEN greatest(coalesce(a.in_force_from, a.signed_on), a.signed_on) END
FROM governance_council c JOIN accounts_scope s ON s.id = c.scope_id JOIN accounts_scope h ON h.id = s.holder_id
WHERE c.id = a.council_id;
INSERT INTO governance_actsignature (act_id, rank, capacity, scope_id, personal, name, signed_on)
SELECT id, 1, 'La présidence du conseil', scope_id, false, CASE WHEN signed_on IS NULL THEN '' ELSE signed_by END, signed_on
FROM governance_act;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
# Going back, acts of other kinds have nowhere to go: refused rather than lost.
EMPTY = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM governance_act WHERE kind <> 'composition') THEN
        RAISE EXCEPTION 'acts of other kinds than composition would be lost';
    END IF;
    DELETE FROM governance_actsignature;
    DELETE FROM governance_actconsultation;
END $$;
"""

LOCKS = r"""
CREATE FUNCTION governance_act_signed(wanted bigint) RETURNS boolean LANGUAGE sql AS
$$ SELECT coalesce((SELECT signed_on IS NOT NULL FROM governance_act WHERE id = wanted FOR SHARE), false) $$;

CREATE FUNCTION governance_act_lock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    movable constant text[] := ARRAY['scan_id', 'mandate_id', 'ended_on', 'end_reason'];
BEGIN
    IF OLD.signed_on IS NOT NULL THEN
        -- The copy is kept once, the end is said once, and a mandate may only be forgotten with its holder.
        IF TG_OP = 'DELETE' OR (to_jsonb(OLD) - movable) <> (to_jsonb(NEW) - movable)
           OR (OLD.scan_id IS NOT NULL AND OLD.scan_id IS DISTINCT FROM NEW.scan_id)
           OR (NEW.mandate_id IS NOT NULL AND OLD.mandate_id IS DISTINCT FROM NEW.mandate_id)
           OR ((OLD.ended_on IS NOT NULL OR OLD.end_reason <> '')
               AND (OLD.ended_on, OLD.end_reason) IS DISTINCT FROM (NEW.ended_on, NEW.end_reason)) THEN
            RAISE EXCEPTION 'signed: % cannot change', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF (to_jsonb(OLD) -> 'text', to_jsonb(OLD) -> 'values', OLD.title, OLD.person_id, OLD.ends_on, OLD.kind, OLD.form)
       IS DISTINCT FROM
       (to_jsonb(NEW) -> 'text', to_jsonb(NEW) -> 'values', NEW.title, NEW.person_id, NEW.ends_on, NEW.kind, NEW.form)
       AND EXISTS (SELECT 1 FROM governance_actsignature g WHERE g.act_id = OLD.id AND g.signed_on IS NOT NULL) THEN
        RAISE EXCEPTION 'signed by a party: % cannot change', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.signed_on IS NOT NULL AND (
        EXISTS (SELECT 1 FROM governance_actsignature g WHERE g.act_id = OLD.id AND g.signed_on IS NULL)
        OR NOT EXISTS (SELECT 1 FROM governance_actsignature g WHERE g.act_id = OLD.id)
        OR EXISTS (SELECT 1 FROM governance_actconsultation q
                   WHERE q.act_id = OLD.id AND q.required AND q.answered_on IS NULL)) THEN
        RAISE EXCEPTION 'an act is signed by all its signatories, after those it must consult'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_act_locked BEFORE UPDATE OR DELETE ON governance_act
    FOR EACH ROW EXECUTE FUNCTION governance_act_lock();

CREATE FUNCTION governance_act_part_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP <> 'INSERT' AND governance_act_signed(OLD.act_id))
       OR (TG_OP <> 'DELETE' AND governance_act_signed(NEW.act_id)) THEN
        RAISE EXCEPTION 'signed: % cannot change', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_actconsultation_locked BEFORE INSERT OR UPDATE OR DELETE ON governance_actconsultation
    FOR EACH ROW EXECUTE FUNCTION governance_act_part_lock();
CREATE TRIGGER governance_actsignature_locked BEFORE INSERT OR UPDATE OR DELETE ON governance_actsignature
    FOR EACH ROW EXECUTE FUNCTION governance_act_part_lock();
-- A party's signature, once declared, stays even while the others are awaited.
CREATE TRIGGER governance_actsignature_given BEFORE UPDATE OR DELETE ON governance_actsignature
    FOR EACH ROW WHEN (OLD.signed_on IS NOT NULL) EXECUTE FUNCTION governance_approved();
"""
UNLOCK = """
DROP TRIGGER governance_actsignature_given ON governance_actsignature;
DROP TRIGGER governance_actsignature_locked ON governance_actsignature;
DROP TRIGGER governance_actconsultation_locked ON governance_actconsultation;
DROP TRIGGER governance_act_locked ON governance_act;
DROP FUNCTION governance_act_part_lock();
DROP FUNCTION governance_act_lock();
DROP FUNCTION governance_act_signed(bigint);
"""

PROTECT, CASCADE = django.db.models.deletion.PROTECT, django.db.models.deletion.CASCADE
SET_NULL = django.db.models.deletion.SET_NULL


def optional(to, name, on_delete=PROTECT, related_name="+"):
    return models.ForeignKey(
        blank=True, null=True, on_delete=on_delete, related_name=related_name, to=to, verbose_name=name
    )


class Migration(migrations.Migration):
    dependencies = [("governance", "0009_controller_exports"), ("accounts", "0004_delegations")]
    operations = [
        migrations.RunSQL(FORGET, LOCK_AGAIN),
        migrations.RemoveConstraint("compositionact", "composition_act_version"),
        migrations.RemoveConstraint("compositionact", "composition_act_signed_by_someone"),
        migrations.RenameModel("CompositionAct", "Act"),
        # The sequence of an identity keeps its name when its table changes its own.
        migrations.RunSQL(
            "ALTER SEQUENCE governance_compositionact_id_seq RENAME TO governance_act_id_seq",
            "ALTER SEQUENCE governance_act_id_seq RENAME TO governance_compositionact_id_seq",
        ),
        migrations.AlterModelOptions(
            "act", {"ordering": ["-version", "-id"], "verbose_name": "acte", "verbose_name_plural": "actes"}
        ),
        migrations.AlterField("upload", "council", optional("governance.council", "conseil", CASCADE, "uploads")),
        migrations.AlterField("act", "council", optional("governance.council", "conseil", CASCADE, "acts")),
        migrations.AlterField(
            "act",
            "text",
            models.TextField(
                help_text="Document tel que préparé, figé à la première signature.", verbose_name="texte"
            ),
        ),
        migrations.AddField("act", "scope", optional("accounts.scope", "périmètre de l’auteur")),
        migrations.AddField(
            "act",
            "kind",
            models.CharField(
                choices=[
                    ("composition", "Composition"), ("delegation", "Délégation"), ("assignment", "Lettre de mission"),
                    ("pooling", "Mise en commun"), ("sharing", "Partage des rôles"),
                ],
                default="composition", max_length=12, verbose_name="nature",
            ),
        ),
        migrations.AddField(
            "act", "form", models.CharField(default="composition-commune", max_length=40, verbose_name="modèle")
        ),
        migrations.AddField("act", "title", models.CharField(default="", max_length=300, verbose_name="intitulé")),
        migrations.AddField(
            "act", "values", models.JSONField(blank=True, default=dict, verbose_name="réponses au modèle")
        ),
        migrations.AddField("act", "person", optional(settings.AUTH_USER_MODEL, "personne intéressée")),
        migrations.AddField(
            "act",
            "submitted_at",
            models.DateTimeField(blank=True, null=True, verbose_name="transmis à la signature le"),
        ),
        migrations.AddField(
            "act", "ends_on", models.DateField(blank=True, null=True, verbose_name="dernier jour prévu")
        ),
        migrations.AddField(
            "act",
            "ended_on",
            models.DateField(
                blank=True, help_text="Dernier jour où il a valu.", null=True, verbose_name="terminé le"
            ),
        ),
        migrations.AddField(
            "act", "end_reason", models.CharField(blank=True, max_length=200, verbose_name="motif de la fin", default=""),
            preserve_default=False,
        ),
        migrations.AddField("act", "mandate", optional("accounts.mandate", "mandat", SET_NULL, "acts")),
        migrations.AddField("act", "scan", optional("governance.upload", "exemplaire signé")),
        migrations.AddField("act", "prepared_by", optional(settings.AUTH_USER_MODEL, "préparé par")),
        migrations.CreateModel(
            name="ActConsultation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField(verbose_name="ordre")),
                ("label", models.CharField(max_length=200, verbose_name="consulté")),
                ("required", models.BooleanField(default=False, verbose_name="nécessaire avant la signature")),
                ("asked_on", models.DateField(blank=True, null=True, verbose_name="demandé le")),
                ("answered_on", models.DateField(blank=True, null=True, verbose_name="rendu le")),
                (
                    "opinion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("favourable", "Favorable"), ("reserved", "Avec réserves"),
                            ("unfavourable", "Défavorable"), ("none", "Sans avis"),
                        ],
                        max_length=12, verbose_name="avis",
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=120, verbose_name="référence")),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=CASCADE, related_name="consultations", to="governance.act", verbose_name="acte"
                    ),
                ),
            ],
            options={
                "verbose_name": "consultation",
                "ordering": ["rank", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("act", "rank"), name="act_consultation_rank"),
                    models.CheckConstraint(
                        condition=Q(answered_on=None, opinion="") | Q(answered_on__isnull=False) & ~Q(opinion=""),
                        name="act_consultation_answered",
                    ),
                    models.CheckConstraint(
                        condition=Q(asked_on=None) | Q(answered_on=None) | Q(answered_on__gte=F("asked_on")),
                        name="act_consultation_asked_before",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField(verbose_name="ordre")),
                ("capacity", models.CharField(max_length=200, verbose_name="qualité")),
                ("personal", models.BooleanField(default=False, verbose_name="ne se délègue pas")),
                ("name", models.CharField(blank=True, max_length=160, verbose_name="signataire")),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="signé le")),
                ("recorded_at", models.DateTimeField(blank=True, null=True, verbose_name="déclaré le")),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=CASCADE, related_name="signatures", to="governance.act", verbose_name="acte"
                    ),
                ),
                ("recorded_by", optional(settings.AUTH_USER_MODEL, "déclaré par")),
                (
                    "scope",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="+", to="accounts.scope",
                        verbose_name="périmètre du signataire",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature d’un acte",
                "verbose_name_plural": "signatures des actes",
                "ordering": ["rank", "id"],
                "indexes": [
                    models.Index(condition=Q(signed_on=None), fields=["scope"], name="act_signature_awaited")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("act", "rank"), name="act_signature_rank"),
                    models.CheckConstraint(
                        condition=Q(signed_on=None, name="") | Q(signed_on__isnull=False) & ~Q(name=""),
                        name="act_signature_by_someone",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FILL, EMPTY),
        migrations.AlterField(
            "act",
            "scope",
            models.ForeignKey(
                on_delete=PROTECT, related_name="+", to="accounts.scope", verbose_name="périmètre de l’auteur"
            ),
        ),
        migrations.AddIndex("act", models.Index(fields=["scope", "signed_on"], name="act_scope_signed")),
        migrations.AddConstraint(
            "act",
            models.UniqueConstraint(
                fields=["scope", "council", "kind", "version"], nulls_distinct=False, name="act_version"
            ),
        ),
        migrations.AddConstraint(
            "act",
            models.CheckConstraint(
                condition=Q(signed_on=None, in_force_from=None, ended_on=None, scan=None, mandate=None)
                | ~(Q(signed_on=None) | Q(signed_by="")),
                name="act_signed_by_someone",
            ),
        ),
        migrations.AddConstraint(
            "act",
            models.CheckConstraint(
                condition=Q(signed_on=None) | Q(in_force_from__gte=F("signed_on")), name="act_in_force_once_signed"
            ),
        ),
        migrations.AddConstraint(
            "act",
            models.CheckConstraint(
                condition=(Q(ends_on=None) | Q(in_force_from=None) | Q(ends_on__gte=F("in_force_from")))
                & (Q(ended_on=None) | Q(ended_on__gte=F("signed_on"))),
                name="act_ends_after_it_begins",
            ),
        ),
        migrations.RunSQL(LOCKS, UNLOCK),
    ]  # fmt: skip
