"""Alert devices by counts, reporting circuits, restorative-justice programmes and their wall.

A programme is reached under a current mandate of victim support, of the organisation that runs it, in the scope where
it does; nobody else reaches it, not even to count. The clock's role deletes what is due, the statistics' role counts.
"""

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from prevenance.core.row_security import ACTING_MANDATE, ensure_roles

TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"

# Each cascade is the database's own: what is of a programme goes with it, what is of somebody goes when they withdraw.
KEYS = """
ALTER TABLE directory_participant ADD CONSTRAINT participant_of_its_programme FOREIGN KEY (programme_id)
    REFERENCES directory_programme (id) ON DELETE CASCADE;
ALTER TABLE directory_withdrawal ADD CONSTRAINT withdrawal_of_its_programme FOREIGN KEY (programme_id)
    REFERENCES directory_programme (id) ON DELETE CASCADE;
ALTER TABLE directory_consent ADD CONSTRAINT consent_of_its_participant FOREIGN KEY (participant_id)
    REFERENCES directory_participant (id) ON DELETE CASCADE;
ALTER TABLE directory_stageheld ADD CONSTRAINT stage_with_its_consent FOREIGN KEY (participant_id, stage)
    REFERENCES directory_consent (participant_id, stage) ON DELETE CASCADE;
"""

# As the owner: the clock and the statistics, which read no mandate, pass through the same policies.
REACHED = r"""
CREATE FUNCTION directory_runner(mandate bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce((
        SELECT ARRAY[m.scope_id, m.organisation_id] FROM accounts_mandate m
        WHERE m.id = mandate AND m.role = 'victim_support' AND m.organisation_id IS NOT NULL
            AND m.withdrawn_at IS NULL AND m.valid_from <= __TODAY__
            AND coalesce(m.valid_to, 'infinity'::date) >= __TODAY__
    ), '{}')
$$;

-- A task role has its own policies, and reaches no programme whatever mandate is acted under.
CREATE FUNCTION directory_acting_runner() RETURNS bigint[] LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN current_user IN ('prevenance_clock', 'prevenance_statistics') THEN '{}'
        ELSE directory_runner(__ACTING__) END
$$;
""".replace("__ACTING__", ACTING_MANDATE).replace("__TODAY__", TODAY)

CONDITIONS = {
    "programme": "ARRAY[scope_id, organisation_id] = (SELECT directory_acting_runner())",
    "participant": "programme_id IN (SELECT p.id FROM directory_programme p)",
    "withdrawal": "programme_id IN (SELECT p.id FROM directory_programme p)",
    "consent": "participant_id IN (SELECT p.id FROM directory_participant p)",
    "stageheld": "participant_id IN (SELECT p.id FROM directory_participant p)",
}
WALL = "".join(
    f"ALTER TABLE directory_{table} ENABLE ROW LEVEL SECURITY;\n"
    f"ALTER TABLE directory_{table} FORCE ROW LEVEL SECURITY;\n"
    f"CREATE POLICY acting_mandate ON directory_{table} USING ({condition}) WITH CHECK ({condition});\n"
    for table, condition in CONDITIONS.items()
)
TASKS = (
    f"CREATE POLICY clock_sees ON directory_programme FOR SELECT TO prevenance_clock USING (purge_on <= {TODAY});\n"
    f"CREATE POLICY clock_deletes ON directory_programme FOR DELETE TO prevenance_clock USING (purge_on <= {TODAY});\n"
) + "".join(
    f"CREATE POLICY statistics_sees ON directory_{table} FOR SELECT TO prevenance_statistics USING (true);\n"
    for table in ("programme", "participant", "stageheld")
)

# CPP, article 10-1: complete information first, then an express consent, then the measure.
CONSENTS = r"""
CREATE FUNCTION directory_consent_check() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.given_on > __TODAY__ THEN
        RAISE EXCEPTION 'a consent is not given in the future' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.stage <> 'information' AND NOT EXISTS (
        SELECT 1 FROM directory_stageheld s WHERE s.participant_id = NEW.participant_id AND s.stage = 'information'
            AND s.held_on <= NEW.given_on
    ) THEN
        RAISE EXCEPTION 'one consents once informed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER directory_consent_checked BEFORE INSERT OR UPDATE ON directory_consent
    FOR EACH ROW EXECUTE FUNCTION directory_consent_check();

CREATE FUNCTION directory_stage_check() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.held_on > __TODAY__ OR NOT EXISTS (
        SELECT 1 FROM directory_consent c WHERE c.participant_id = NEW.participant_id AND c.stage = NEW.stage
            AND c.given_on <= NEW.held_on
    ) THEN
        RAISE EXCEPTION 'no stage is held without consent to that stage' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER directory_stage_checked BEFORE INSERT OR UPDATE ON directory_stageheld
    FOR EACH ROW EXECUTE FUNCTION directory_stage_check();
""".replace("__TODAY__", TODAY)

# What is in force does not change: professionals acted on it.
CIRCUITS = r"""
CREATE FUNCTION directory_circuit_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.valid_from IS NOT NULL AND (TG_OP = 'DELETE' OR OLD.valid_to IS NOT NULL
            OR to_jsonb(OLD) - 'valid_to' <> to_jsonb(NEW) - 'valid_to') THEN
        RAISE EXCEPTION 'a circuit put in force does not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER directory_circuit_locked BEFORE UPDATE OR DELETE ON directory_circuit
    FOR EACH ROW EXECUTE FUNCTION directory_circuit_lock();

CREATE FUNCTION directory_circuitstep_lock() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM directory_circuit c WHERE c.valid_from IS NOT NULL
            AND (TG_OP <> 'INSERT' AND c.id = OLD.circuit_id OR TG_OP <> 'DELETE' AND c.id = NEW.circuit_id)
    ) THEN
        RAISE EXCEPTION 'a circuit put in force does not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.after_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM directory_circuitstep s
        WHERE s.id = NEW.after_id AND s.circuit_id = NEW.circuit_id AND s.rank < NEW.rank
    ) THEN
        RAISE EXCEPTION 'a step follows an earlier one of its circuit' USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER directory_circuitstep_locked BEFORE INSERT OR UPDATE OR DELETE ON directory_circuitstep
    FOR EACH ROW EXECUTE FUNCTION directory_circuitstep_lock();
"""

DOWN = """
DROP TRIGGER directory_circuitstep_locked ON directory_circuitstep;
DROP TRIGGER directory_circuit_locked ON directory_circuit;
DROP TRIGGER directory_stage_checked ON directory_stageheld;
DROP TRIGGER directory_consent_checked ON directory_consent;
DROP FUNCTION directory_circuitstep_lock();
DROP FUNCTION directory_circuit_lock();
DROP FUNCTION directory_stage_check();
DROP FUNCTION directory_consent_check();
DROP POLICY clock_sees ON directory_programme;
DROP POLICY clock_deletes ON directory_programme;
"""
DOWN += "".join(
    f"DROP POLICY statistics_sees ON directory_{table};\n" for table in ("programme", "participant", "stageheld")
)
DOWN += "".join(
    f"DROP POLICY acting_mandate ON directory_{table};\n"
    f"ALTER TABLE directory_{table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;\n"
    for table in reversed(CONDITIONS)
)
DOWN += """
ALTER TABLE directory_stageheld DROP CONSTRAINT stage_with_its_consent;
ALTER TABLE directory_consent DROP CONSTRAINT consent_of_its_participant;
ALTER TABLE directory_withdrawal DROP CONSTRAINT withdrawal_of_its_programme;
ALTER TABLE directory_participant DROP CONSTRAINT participant_of_its_programme;
DROP FUNCTION directory_acting_runner();
DROP FUNCTION directory_runner(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_delegations"),
        ("directory", "0009_stations_and_rounds"),
        ("territories", "0002_other_codes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Participant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=7, verbose_name="code")),
                ("role", models.CharField(max_length=10, verbose_name="qualité")),
            ],
            options={
                "verbose_name": "participant d’un programme",
                "verbose_name_plural": "participants d’un programme",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Circuit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("situation", models.CharField(max_length=30, verbose_name="situation")),
                ("people", models.CharField(max_length=20, verbose_name="personne concernée")),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="en vigueur depuis le")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="n’est plus en vigueur le")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="préparé le"),
                ),
                ("edit", models.PositiveIntegerField(default=1, verbose_name="rang d’enregistrement")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="mis en vigueur par",
                    ),
                ),
                (
                    "departement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territories.territory",
                        verbose_name="département",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="préparé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "circuit de signalement",
                "verbose_name_plural": "circuits de signalement",
                "ordering": ["departement", "situation", "people", "-version"],
            },
        ),
        migrations.CreateModel(
            name="CircuitStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField(verbose_name="étape")),
                ("who", models.CharField(blank=True, max_length=20, verbose_name="qui signale")),
                ("number", models.CharField(blank=True, max_length=20, verbose_name="numéro national")),
                ("institution", models.CharField(blank=True, max_length=20, verbose_name="institution prévenue")),
                ("means", models.CharField(max_length=20, verbose_name="moyen")),
                ("delay", models.CharField(max_length=20, verbose_name="délai")),
                ("basis", models.CharField(blank=True, max_length=20, verbose_name="texte")),
                (
                    "after",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="following",
                        to="directory.circuitstep",
                        verbose_name="à la suite de l’étape",
                    ),
                ),
                (
                    "circuit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="directory.circuit",
                        verbose_name="circuit",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.service",
                        verbose_name="service prévenu",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.structure",
                        verbose_name="structure prévenue",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’un circuit",
                "verbose_name_plural": "étapes d’un circuit",
                "ordering": ["circuit", "rank"],
            },
        ),
        migrations.CreateModel(
            name="DeviceStatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10, verbose_name="dispositif")),
                ("month", models.DateField(verbose_name="mois")),
                ("stock", models.PositiveIntegerField(verbose_name="en stock, attribués ou non")),
                ("allocated", models.PositiveIntegerField(verbose_name="attribués")),
                ("in_use", models.PositiveIntegerField(verbose_name="en service")),
                ("waiting", models.PositiveIntegerField(verbose_name="demandes en attente")),
                (
                    "overseas_need",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="besoin exprimé outre-mer"),
                ),
                (
                    "stated_on",
                    models.DateField(
                        default=django.utils.timezone.localdate, editable=False, verbose_name="déclaré le"
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="directory.devicestatement",
                        verbose_name="corrige la déclaration",
                    ),
                ),
                (
                    "court",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territories.territory",
                        verbose_name="siège du tribunal",
                    ),
                ),
                (
                    "departement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territories.territory",
                        verbose_name="département",
                    ),
                ),
                (
                    "stated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="déclaré par",
                    ),
                ),
            ],
            options={
                "verbose_name": "déclaration de dispositifs d’alerte",
                "verbose_name_plural": "déclarations de dispositifs d’alerte",
                "ordering": ["-month", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=12, verbose_name="étape")),
                ("given_on", models.DateField(verbose_name="donné le")),
                ("form", models.CharField(max_length=12, verbose_name="forme")),
                (
                    "participant",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="directory.participant",
                        verbose_name="participant",
                    ),
                ),
            ],
            options={
                "verbose_name": "consentement à une étape",
                "verbose_name_plural": "consentements aux étapes",
                "ordering": ["given_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="mesure")),
                ("starts_on", models.DateField(verbose_name="du")),
                ("ends_on", models.DateField(verbose_name="au")),
                ("purge_on", models.DateField(verbose_name="effacé le")),
                ("edit", models.PositiveIntegerField(default=1, verbose_name="rang d’enregistrement")),
                (
                    "court",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territories.territory",
                        verbose_name="siège du tribunal",
                    ),
                ),
                (
                    "departement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territories.territory",
                        verbose_name="département",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ouvert par",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="organisme qui le tient",
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.scope",
                        verbose_name="périmètre",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.service",
                        verbose_name="service de l’annuaire qui le rend",
                    ),
                ),
            ],
            options={
                "verbose_name": "programme de justice restaurative",
                "verbose_name_plural": "programmes de justice restaurative",
                "ordering": ["-starts_on", "-id"],
            },
        ),
        migrations.AddField(
            model_name="participant",
            name="programme",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participants",
                to="directory.programme",
                verbose_name="programme",
            ),
        ),
        migrations.CreateModel(
            name="StageHeld",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=12, verbose_name="étape")),
                ("held_on", models.DateField(verbose_name="tenue le")),
                (
                    "participant",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stages",
                        to="directory.participant",
                        verbose_name="participant",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape tenue",
                "verbose_name_plural": "étapes tenues",
                "ordering": ["held_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(verbose_name="mois")),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="withdrawals",
                        to="directory.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "retrait d’un programme",
                "verbose_name_plural": "retraits d’un programme",
                "ordering": ["month", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="circuit",
            constraint=models.UniqueConstraint(
                fields=("departement", "situation", "people", "version"), name="circuit_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="circuit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_from", None)),
                fields=("departement", "situation", "people"),
                name="circuit_one_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="circuit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by", None), ("valid_from", None), ("valid_to", None)),
                    models.Q(("decided_by__isnull", False), ("valid_from__isnull", False), ("valid_to", None)),
                    models.Q(
                        ("decided_by__isnull", False),
                        ("valid_from__isnull", False),
                        ("valid_to__gte", models.F("valid_from")),
                    ),
                    _connector="OR",
                ),
                name="circuit_decided_then_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="circuit",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("valid_from__isnull", False)),
                expressions=[
                    ("departement", "="),
                    ("situation", "="),
                    ("people", "="),
                    (
                        models.Func(
                            models.F("valid_from"), models.F("valid_to"), models.Value("[)"), function="daterange"
                        ),
                        "&&",
                    ),
                ],
                name="circuit_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="circuitstep",
            constraint=models.UniqueConstraint(fields=("circuit", "rank"), name="circuit_step_rank"),
        ),
        migrations.AddConstraint(
            model_name="circuitstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("after", None), models.Q(("who", ""), _negated=True)),
                    models.Q(("after__isnull", False), ("who", "")),
                    _connector="OR",
                ),
                name="circuit_step_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="circuitstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("institution", ""), ("number", ""), ("service__isnull", False), ("structure", None)),
                    models.Q(("institution", ""), ("number", ""), ("service", None), ("structure__isnull", False)),
                    models.Q(
                        ("institution", ""),
                        ("service", None),
                        ("structure", None),
                        models.Q(("number", ""), _negated=True),
                    ),
                    models.Q(
                        ("number", ""),
                        ("service", None),
                        ("structure", None),
                        models.Q(("institution", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="circuit_step_tells_one",
            ),
        ),
        migrations.AddIndex(
            model_name="devicestatement",
            index=models.Index(fields=["kind", "month", "departement"], name="device_month"),
        ),
        migrations.AddConstraint(
            model_name="devicestatement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects", None)),
                fields=("departement", "court", "kind", "month"),
                name="device_stated_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="devicestatement",
            constraint=models.CheckConstraint(
                condition=models.Q(("allocated__lte", models.F("stock")), ("in_use__lte", models.F("allocated"))),
                name="device_counts_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="devicestatement",
            constraint=models.CheckConstraint(condition=models.Q(("month__day", 1)), name="device_of_a_month"),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(fields=("participant", "stage"), name="consent_once_a_stage"),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="programme_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("purge_on__gt", models.F("ends_on"))), name="programme_ends_one_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(fields=("programme", "code"), name="participant_code"),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[A-HJ-NP-Z2-9]{3}-[A-HJ-NP-Z2-9]{3}$")),
                name="participant_code_drawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="stageheld",
            constraint=models.UniqueConstraint(
                fields=("participant", "stage", "held_on"), name="stage_held_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(condition=models.Q(("month__day", 1)), name="withdrawal_of_a_month"),
        ),
        migrations.RunPython(ensure_roles, migrations.RunPython.noop),
        migrations.RunSQL(KEYS + REACHED + WALL + TASKS + CONSENTS + CIRCUITS, DOWN),
    ]
