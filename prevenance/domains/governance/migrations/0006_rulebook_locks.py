"""What was proposed, adopted or signed stays as it was, whoever asks; nobody signs for another."""

from django.db import migrations

from prevenance.core.row_security import ACTING_MANDATE

RULEBOOKS = r"""
CREATE FUNCTION governance_rulebook_digest(r governance_rulebook) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n', r.body_id::text, r.kind, r.version::text,
        coalesce(r.quorum_numerator || '/' || r.quorum_denominator, ''), r.quorum_strict::text, r.text), 'UTF8')), 'hex')
$$;

CREATE FUNCTION governance_rulebook_lock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    movable constant text[] := ARRAY['state', 'adopted_in_id', 'adopted_on', 'ended_on'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a rulebook begins as a draft' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'proposed: % cannot be removed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.body_id, OLD.kind, OLD.version) IS DISTINCT FROM (NEW.body_id, NEW.kind, NEW.version) THEN
        RAISE EXCEPTION 'a version of a rulebook cannot become another' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state = 'draft' THEN
        IF NEW.state NOT IN ('draft', 'proposed')
           OR (NEW.state = 'proposed' AND NEW.digest <> governance_rulebook_digest(NEW)) THEN
            RAISE EXCEPTION 'a draft can only be proposed as it is' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF (to_jsonb(OLD) - movable) <> (to_jsonb(NEW) - movable)
       OR (OLD.state <> 'proposed'
           AND (OLD.adopted_in_id, OLD.adopted_on) IS DISTINCT FROM (NEW.adopted_in_id, NEW.adopted_on))
       OR (OLD.state IN ('replaced', 'withdrawn') AND to_jsonb(OLD) <> to_jsonb(NEW))
       OR (OLD.state = 'proposed' AND NEW.state NOT IN ('proposed', 'adopted', 'withdrawn'))
       OR (OLD.state = 'adopted' AND NEW.state NOT IN ('adopted', 'replaced', 'withdrawn'))
       OR (NEW.state IN ('proposed', 'withdrawn') AND OLD.state = 'proposed' AND NEW.adopted_in_id IS NOT NULL) THEN
        RAISE EXCEPTION 'proposed: % cannot change', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state = 'proposed' AND NEW.state = 'adopted' AND NOT EXISTS (
        SELECT 1 FROM governance_meeting m JOIN governance_body sitting ON sitting.id = m.body_id
        JOIN governance_body own ON own.id = NEW.body_id AND own.council_id = sitting.council_id
        WHERE m.id = NEW.adopted_in_id AND m.state IN ('held', 'approved') AND sitting.kind IN ('plenary', 'committee')
    ) THEN
        RAISE EXCEPTION 'a rulebook is adopted by its council, in a meeting that took place'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_rulebook_locked BEFORE INSERT OR UPDATE OR DELETE ON governance_rulebook
    FOR EACH ROW EXECUTE FUNCTION governance_rulebook_lock();
"""

SIGNATURES = rf"""
CREATE FUNCTION governance_signature_check() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    book governance_rulebook;
    seat governance_membership;
    last governance_signature;
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
BEGIN
    SELECT * INTO book FROM governance_rulebook WHERE id = NEW.rulebook_id FOR SHARE;
    SELECT * INTO seat FROM governance_membership WHERE id = NEW.membership_id FOR SHARE;
    SELECT * INTO last FROM governance_signature WHERE rulebook_id = NEW.rulebook_id
        AND membership_id = NEW.membership_id ORDER BY rank DESC LIMIT 1;
    IF NEW.rank <> coalesce(last.rank, 0) + 1 OR NEW.withdrawn <> (NEW.rank % 2 = 0) THEN
        -- What a second click meets: its place in the order is taken.
        RAISE EXCEPTION 'a signature and its withdrawal follow one another' USING ERRCODE = 'unique_violation';
    END IF;
    IF book.state <> 'adopted' OR NEW.digest <> book.digest THEN
        RAISE EXCEPTION 'only the text in force is signed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF seat.body_id <> book.body_id OR seat.person_id <> NEW.person_id
       OR seat.valid_from > today OR coalesce(seat.valid_to, 'infinity'::date) < today THEN
        RAISE EXCEPTION 'only a present member of that body signs' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM accounts_mandate m WHERE m.id = {ACTING_MANDATE} AND m.person_id = NEW.person_id
            AND m.withdrawn_at IS NULL AND m.valid_from <= today AND coalesce(m.valid_to, 'infinity'::date) >= today
    ) THEN
        RAISE EXCEPTION 'nobody signs for another' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_signature_checked BEFORE INSERT ON governance_signature
    FOR EACH ROW EXECUTE FUNCTION governance_signature_check();
CREATE TRIGGER governance_signature_append_only BEFORE UPDATE OR DELETE ON governance_signature
    FOR EACH ROW EXECUTE FUNCTION core_append_only();
"""

# A signature names a seat: were another person put on it, the signature would become theirs.
MEMBERSHIPS = r"""
CREATE FUNCTION governance_membership_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.body_id, OLD.person_id) IS DISTINCT FROM (NEW.body_id, NEW.person_id) THEN
        RAISE EXCEPTION 'who sits where does not change: one leaves, another follows'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.alternate_of_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM governance_membership m WHERE m.id = NEW.alternate_of_id AND m.id <> NEW.id
            AND m.body_id = NEW.body_id AND m.alternate_of_id IS NULL
    ) THEN
        RAISE EXCEPTION 'an alternate stands in for a full member of the same body'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.alternate_of_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM governance_membership m WHERE m.alternate_of_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'a member who has an alternate is not one' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.follows_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM governance_membership m WHERE m.id = NEW.follows_id AND m.body_id = NEW.body_id
            AND m.valid_to < NEW.valid_from
    ) THEN
        RAISE EXCEPTION 'one follows a member of the same body who has left' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER governance_membership_updated BEFORE UPDATE ON governance_membership
    FOR EACH ROW EXECUTE FUNCTION governance_membership_check();
CREATE TRIGGER governance_membership_added BEFORE INSERT ON governance_membership
    FOR EACH ROW WHEN (NEW.alternate_of_id IS NOT NULL OR NEW.follows_id IS NOT NULL)
    EXECUTE FUNCTION governance_membership_check();
"""

UNLOCK = """
DROP TRIGGER governance_membership_added ON governance_membership;
DROP TRIGGER governance_membership_updated ON governance_membership;
DROP TRIGGER governance_signature_append_only ON governance_signature;
DROP TRIGGER governance_signature_checked ON governance_signature;
DROP TRIGGER governance_rulebook_locked ON governance_rulebook;
DROP FUNCTION governance_membership_check();
DROP FUNCTION governance_signature_check();
DROP FUNCTION governance_rulebook_lock();
DROP FUNCTION governance_rulebook_digest(governance_rulebook);
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0005_rulebooks"), ("accounts", "0003_solidarity"), ("core", "0001_initial")]
    operations = [migrations.RunSQL(RULEBOOKS + SIGNATURES + MEMBERSHIPS, UNLOCK)]
