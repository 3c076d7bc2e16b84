"""The wall of the mayor's registers, their rules of law, and what their clock deletes.

A row is reached by a current mandate of mayor on that very commune, an elected delegate's included when what was
delegated covers the registers. Nobody else: neither coordination, nor EPCI, nor préfecture, nor administration.
"""

from django.db import migrations

from prevenance.core.row_security import ACTING_MANDATE

REACHED = r"""
CREATE FUNCTION followup_registers(mandate bigint) RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(m.scope_id), '{}') FROM accounts_mandate m
    JOIN accounts_scope s ON s.id = m.scope_id AND s.kind = 'commune'
    WHERE m.id = mandate AND m.role = 'mayor' AND m.withdrawn_at IS NULL
        AND m.valid_from <= (now() AT TIME ZONE 'Europe/Paris')::date
        AND coalesce(m.valid_to, 'infinity'::date) >= (now() AT TIME ZONE 'Europe/Paris')::date
        AND (m.allows IS NULL OR 'hold_register' = ANY (m.allows))
$$;

-- A task role has its own policies, and reaches no register whatever mandate is acted under.
CREATE FUNCTION followup_acting_registers() RETURNS bigint[] LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN current_user IN ('prevenance_clock', 'prevenance_statistics') THEN '{}'
        ELSE followup_registers(__ACTING__) END
$$;
""".replace("__ACTING__", ACTING_MANDATE)

# What a state may become: the same as rules/calls.py and rules/transactions.py, where a test compares them.
STATES = r"""
CREATE FUNCTION followup_call_next(state text) RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE state
        WHEN 'reported' THEN '{asked,convened,dropped}'
        WHEN 'asked' THEN '{cleared,objected,dropped}'
        WHEN 'cleared' THEN '{convened,dropped}'
        WHEN 'convened' THEN '{convened,held,dropped}'
        WHEN 'held' THEN '{informed}'
        WHEN 'informed' THEN '{ended}'
        ELSE '{}' END::text[]
$$;
CREATE FUNCTION followup_transaction_next(state text) RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE state
        WHEN 'recorded' THEN '{offered,referred,dropped}'
        WHEN 'offered' THEN '{offered,accepted,refused,dropped}'
        WHEN 'accepted' THEN '{submitted,dropped}'
        WHEN 'refused' THEN '{referred}'
        WHEN 'submitted' THEN '{homologated,denied}'
        WHEN 'homologated' THEN '{executed,failed}'
        WHEN 'executed' THEN '{ended}'
        WHEN 'failed' THEN '{referred}'
        ELSE '{}' END::text[]
$$;

-- A dated deadline: the last day that `what`, in force on `day`, leaves from `start`. NULL where no entry applies.
CREATE FUNCTION followup_register_until(what text, day date, start date) RETURNS date LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT (start + make_interval(
        days => CASE WHEN t.unit = 'days' THEN t.amount ELSE 0 END,
        months => CASE t.unit WHEN 'months' THEN t.amount WHEN 'years' THEN 12 * t.amount ELSE 0 END))::date
    FROM followup_registerterm t WHERE t.what = $1 AND t.valid_from <= day
        AND coalesce(t.valid_to, 'infinity'::date) > day
    ORDER BY t.valid_from DESC LIMIT 1
$$;

CREATE FUNCTION followup_register_refuse(why text) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%', why USING ERRCODE = 'insufficient_privilege';
END $$;
"""

CHECKS = r"""
CREATE FUNCTION followup_call_check() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
    protocol followup_callprotocol;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'reported' THEN
            PERFORM followup_register_refuse('a call to order begins with what was reported');
        END IF;
        IF NEW.purge_on > followup_register_until('call_longest', NEW.opened_on, NEW.opened_on) THEN
            PERFORM followup_register_refuse('an entry is erased in time');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.ended_on IS NOT NULL THEN
        PERFORM followup_register_refuse('an entry that ended does not change');
    END IF;
    IF NEW.state <> OLD.state AND NEW.state <> ALL (followup_call_next(OLD.state)) THEN
        PERFORM followup_register_refuse('a call to order does not go from ' || OLD.state || ' to ' || NEW.state);
    END IF;
    IF NEW.purge_on > OLD.purge_on
            AND NEW.purge_on > coalesce(followup_register_until('call_purge', NEW.ended_on, NEW.ended_on), OLD.purge_on)
    THEN
        PERFORM followup_register_refuse('an entry is erased in time');
    END IF;
    IF NEW.state <> OLD.state AND NEW.state IN ('convened', 'cleared') THEN
        SELECT * INTO protocol FROM followup_callprotocol p WHERE p.scope_id = NEW.scope_id AND p.signed_on <= today
            ORDER BY p.signed_on DESC, p.id DESC LIMIT 1;
        IF OLD.state = 'reported' AND coalesce(protocol.check_required, false) THEN
            PERFORM followup_register_refuse('the protocol has the prosecutor asked first');
        END IF;
        IF NEW.state = 'cleared' AND NEW.answered_on IS NULL
                AND NOT (coalesce(protocol.silence_allows, false) AND NEW.answer_due_on < today) THEN
            PERFORM followup_register_refuse('the prosecutor has not answered');
        END IF;
    END IF;
    IF NEW.held_by_id IS DISTINCT FROM OLD.held_by_id AND NEW.held_by_id IS NOT NULL THEN
        PERFORM 1 FROM accounts_mandate m WHERE m.person_id = NEW.held_by_id AND m.role = 'mayor'
            AND m.scope_id = NEW.scope_id AND m.withdrawn_at IS NULL AND m.valid_from <= NEW.held_on
            AND coalesce(m.valid_to, 'infinity'::date) >= NEW.held_on
            AND (m.allows IS NULL OR 'hold_register' = ANY (m.allows));
        IF NOT FOUND THEN
            PERFORM followup_register_refuse('the mayor or an elected delegate calls to order, nobody else');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_calltoorder_checked BEFORE INSERT OR UPDATE ON followup_calltoorder
    FOR EACH ROW EXECUTE FUNCTION followup_call_check();

CREATE FUNCTION followup_transaction_check() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
    most integer;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'recorded' THEN
            PERFORM followup_register_refuse('a transaction begins with a record of the offence');
        END IF;
        IF NEW.purge_on > followup_register_until('transaction_longest', NEW.opened_on, NEW.opened_on) THEN
            PERFORM followup_register_refuse('an entry is erased in time');
        END IF;
    ELSE
        IF OLD.ended_on IS NOT NULL THEN
            PERFORM followup_register_refuse('an entry that ended does not change');
        END IF;
        IF NEW.state <> OLD.state AND NEW.state <> ALL (followup_transaction_next(OLD.state)) THEN
            PERFORM followup_register_refuse('a transaction does not go from ' || OLD.state || ' to ' || NEW.state);
        END IF;
        IF NEW.purge_on > OLD.purge_on AND NEW.purge_on
                > coalesce(followup_register_until('transaction_purge', NEW.ended_on, NEW.ended_on), OLD.purge_on) THEN
            PERFORM followup_register_refuse('an entry is erased in time');
        END IF;
        IF OLD.state <> 'recorded' AND (NEW.work_hours IS DISTINCT FROM OLD.work_hours OR NEW.pv_on <> OLD.pv_on
                OR NEW.offered_on <> OLD.offered_on OR NEW.execute_days <> OLD.execute_days) THEN
            PERFORM followup_register_refuse('what was offered does not change');
        END IF;
        IF OLD.received_on IS NOT NULL AND (NEW.received_on IS DISTINCT FROM OLD.received_on
                OR NEW.answer_due_on IS DISTINCT FROM OLD.answer_due_on) THEN
            PERFORM followup_register_refuse('the deadline for an answer does not move');
        END IF;
    END IF;
    IF NEW.offer_due_on IS DISTINCT FROM followup_register_until('offer_within', NEW.pv_on, NEW.pv_on) THEN
        PERFORM followup_register_refuse('the deadline of an offer runs from the record of the offence');
    END IF;
    IF NEW.offered_on > NEW.offer_due_on THEN
        PERFORM followup_register_refuse('the deadline of the offer has passed');
    END IF;
    IF NEW.work_hours IS NOT NULL THEN
        SELECT t.amount INTO most FROM followup_registerterm t WHERE t.what = 'work_hours' AND t.unit = 'hours'
            AND t.valid_from <= coalesce(NEW.offered_on, today)
            AND coalesce(t.valid_to, 'infinity'::date) > coalesce(NEW.offered_on, today)
            ORDER BY t.valid_from DESC LIMIT 1;
        IF NEW.work_hours < 1 OR most IS NULL OR NEW.work_hours > most THEN
            PERFORM followup_register_refuse('unpaid work is longer than the law allows');
        END IF;
    END IF;
    IF NEW.received_on IS NOT NULL AND (NEW.received_on < NEW.offered_on OR NEW.answer_due_on IS DISTINCT FROM
            followup_register_until('answer_within', NEW.received_on, NEW.received_on)) THEN
        PERFORM followup_register_refuse('the deadline of an answer runs from the day when the offer was handed over');
    END IF;
    IF NEW.state = 'refused' AND NEW.answered_on IS NULL AND NOT coalesce(NEW.answer_due_on < today, false) THEN
        PERFORM followup_register_refuse('silence is a refusal once the deadline has passed, not before');
    END IF;
    -- Within what was offered, and what the law allows for unpaid work.
    IF NEW.state = 'homologated' AND NEW.execute_by IS DISTINCT FROM least(NEW.decided_on + NEW.execute_days,
            CASE WHEN NEW.work_hours IS NOT NULL THEN
                followup_register_until('work_within', NEW.decided_on, NEW.decided_on) END) THEN
        PERFORM followup_register_refuse('the deadline of execution is that of the offer');
    END IF;
    IF NEW.state = 'failed' AND NOT coalesce(NEW.execute_by < today, false) THEN
        PERFORM followup_register_refuse('the deadline of execution has not passed');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER followup_transaction_checked BEFORE INSERT OR UPDATE ON followup_transaction
    FOR EACH ROW EXECUTE FUNCTION followup_transaction_check();
"""

TABLES = ("calltoorder", "transaction", "callprotocol", "registerseries")
SCOPES = "scope_id = ANY ((SELECT followup_acting_registers())::bigint[])"
WALL = "".join(
    f"ALTER TABLE followup_{table} ENABLE ROW LEVEL SECURITY;\n"
    f"ALTER TABLE followup_{table} FORCE ROW LEVEL SECURITY;\n"
    f"CREATE POLICY acting_mandate ON followup_{table} USING ({SCOPES}) WITH CHECK ({SCOPES});\n"
    for table in TABLES
)

# A key in use cannot be forgotten: what names it must have gone first.
KEYS = "".join(
    f"ALTER TABLE followup_{table} ADD CONSTRAINT {table}_key_in_use FOREIGN KEY (key)"
    " REFERENCES followup_filekey (key);\n"
    for table in ("calltoorder", "transaction")
)

# The clock sees and deletes what is due, and reads no sealed column.
TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"
CLOCK = "".join(
    f"CREATE POLICY clock_sees ON followup_{table} FOR SELECT TO prevenance_clock USING (purge_on <= {TODAY});\n"
    f"CREATE POLICY clock_deletes ON followup_{table} FOR DELETE TO prevenance_clock USING (purge_on <= {TODAY});\n"
    for table in ("calltoorder", "transaction")
)

DOWN = "".join(
    f"ALTER TABLE followup_{table} DROP CONSTRAINT {table}_key_in_use;\nDROP POLICY clock_sees ON followup_{table};\nDROP POLICY clock_deletes ON followup_{table};\n"
    f"DROP TRIGGER followup_{table}_checked ON followup_{table};\n"
    for table in ("calltoorder", "transaction")
)
DOWN += "".join(
    f"DROP POLICY acting_mandate ON followup_{table};\n"
    f"ALTER TABLE followup_{table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;\n"
    for table in TABLES
)
DOWN += """
DROP FUNCTION followup_call_check();
DROP FUNCTION followup_transaction_check();
DROP FUNCTION followup_register_refuse(text);
DROP FUNCTION followup_register_until(text, date, date);
DROP FUNCTION followup_transaction_next(text);
DROP FUNCTION followup_call_next(text);
DROP FUNCTION followup_acting_registers();
DROP FUNCTION followup_registers(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("followup", "0005_registers")]
    operations = [migrations.RunSQL(REACHED + STATES + CHECKS + WALL + KEYS + CLOCK, DOWN)]
