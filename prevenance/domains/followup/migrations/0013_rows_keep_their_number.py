"""What is sealed is bound to the number of its row (docs/adr/0007): that number does not change."""

from django.db import migrations

TABLES = (
    "identity", "representative", "report", "fact", "goal", "step", "contact", "review", "alert", "attachment",
    "notice", "rightsrequest", "hold", "archiveaccess", "share", "handover", "orientation", "familypath",
    "calltoorder", "transaction", "registerhold", "sentreport",
)  # fmt: skip
UP = r"""
CREATE FUNCTION followup_row_number() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a row keeps its number' USING ERRCODE = 'insufficient_privilege';
END $$;
"""
UP += "".join(
    f"CREATE TRIGGER followup_{table}_numbered BEFORE UPDATE ON followup_{table} FOR EACH ROW"
    " WHEN (OLD.id IS DISTINCT FROM NEW.id) EXECUTE FUNCTION followup_row_number();\n"
    for table in TABLES
)
DOWN = "".join(f"DROP TRIGGER followup_{table}_numbered ON followup_{table};\n" for table in TABLES)
DOWN += "DROP FUNCTION followup_row_number();"


class Migration(migrations.Migration):
    dependencies = [("followup", "0012_reporting_wall")]
    operations = [migrations.RunSQL(UP, DOWN)]
