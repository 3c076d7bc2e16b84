"""The audit trail: partitioned by month, chained per scope by the database, closed to change."""

from django.db import migrations, models

TABLES = """
CREATE TABLE core_audithead (
    scope varchar(60) PRIMARY KEY,
    seq bigint NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE core_auditrow (
    scope varchar(60) NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    person bigint,
    mandate bigint,
    action varchar(80) NOT NULL,
    subject varchar(80) NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '{}',
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (scope, seq, at)
) PARTITION BY RANGE (at);
CREATE INDEX core_auditrow_subject ON core_auditrow (subject, at);
CREATE TABLE core_auditrow_default PARTITION OF core_auditrow DEFAULT;
"""

# Every part is preceded by its length, so that no two rows can give the same text; an absent number is '-'.
# core/audit/verify.py computes the same in Python, from this description.
CHAIN = r"""
CREATE FUNCTION core_audit_part(value text) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS
$$ SELECT convert_to(octet_length(convert_to(value, 'UTF8')) || ':' || value || ',', 'UTF8') $$;

CREATE FUNCTION core_audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    head core_audithead%ROWTYPE;
BEGIN
    INSERT INTO core_audithead (scope, seq, hash) VALUES (NEW.scope, 0, sha256(convert_to(NEW.scope, 'UTF8')))
        ON CONFLICT (scope) DO NOTHING;
    SELECT * INTO head FROM core_audithead WHERE scope = NEW.scope FOR UPDATE;
    NEW.seq := head.seq + 1;
    NEW.previous := head.hash;
    NEW.hash := sha256(
        head.hash
        || core_audit_part(NEW.scope)
        || core_audit_part(NEW.seq::text)
        || core_audit_part((extract(epoch FROM NEW.at) * 1000000)::bigint::text)
        || core_audit_part(coalesce(NEW.person::text, '-'))
        || core_audit_part(coalesce(NEW.mandate::text, '-'))
        || core_audit_part(NEW.action)
        || core_audit_part(NEW.subject)
        || core_audit_part(NEW.detail)
    );
    UPDATE core_audithead SET seq = NEW.seq, hash = NEW.hash WHERE scope = NEW.scope;
    RETURN NEW;
END $$;
CREATE TRIGGER core_audit_chain BEFORE INSERT ON core_auditrow
    FOR EACH ROW EXECUTE FUNCTION core_audit_chain();

CREATE FUNCTION core_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER core_audit_append_only BEFORE UPDATE OR DELETE ON core_auditrow
    FOR EACH ROW EXECUTE FUNCTION core_append_only();
CREATE TRIGGER core_audit_no_truncate BEFORE TRUNCATE ON core_auditrow
    FOR EACH STATEMENT EXECUTE FUNCTION core_append_only();
"""

PARTITIONS = r"""
CREATE FUNCTION core_audit_make_partitions(ahead integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    month date;
    name text;
    made integer := 0;
BEGIN
    FOR step IN 0..least(greatest(ahead, 0), 24) LOOP
        month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => step))::date;
        name := 'core_auditrow_' || to_char(month, 'YYYY_MM');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF core_auditrow FOR VALUES FROM (%L) TO (%L)',
                name, month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00'
            );
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
SELECT core_audit_make_partitions(3);
"""

REVERSE = """
DROP TABLE core_auditrow;
DROP TABLE core_audithead;
DROP FUNCTION core_audit_chain();
DROP FUNCTION core_audit_part(text);
DROP FUNCTION core_audit_make_partitions(integer);
DROP FUNCTION core_append_only();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(TABLES + CHAIN + PARTITIONS, REVERSE),
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "scope", "seq", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("scope", models.CharField(max_length=60, verbose_name="périmètre")),
                ("seq", models.BigIntegerField(verbose_name="rang")),
                ("at", models.DateTimeField(verbose_name="date")),
                ("person", models.BigIntegerField(null=True, verbose_name="personne")),
                ("mandate", models.BigIntegerField(null=True, verbose_name="mandat")),
                ("action", models.CharField(max_length=80, verbose_name="acte")),
                ("subject", models.CharField(max_length=80, verbose_name="objet")),
                ("detail", models.TextField(verbose_name="précisions")),
                ("previous", models.BinaryField(verbose_name="empreinte précédente")),
                ("hash", models.BinaryField(verbose_name="empreinte")),
            ],
            options={"db_table": "core_auditrow", "managed": False},
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("scope", models.CharField(max_length=60, primary_key=True, serialize=False, verbose_name="périmètre")),
                ("seq", models.BigIntegerField(verbose_name="rang")),
                ("hash", models.BinaryField(verbose_name="empreinte")),
            ],
            options={"db_table": "core_audithead", "managed": False},
        ),
    ]
