"""What the database itself knows of who reaches what: posts in force and today's trees, for the reader it is told of."""

from django.db import migrations

from jingtu.core.kernel.walling import OnPostgres

READER = """
CREATE FUNCTION jingtu_sees_all() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(current_setting('jingtu.reader', true), '') = 'system' $$;

-- Today where the office is; a clock that is held (tests, the building of the demonstration) names its day.
CREATE FUNCTION jingtu_today() RETURNS date LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('jingtu.day', true), '')::date, (now() AT TIME ZONE 'Asia/Shanghai')::date) $$;

-- The active user who reads; NULL for nobody, for the system and for a suspended account.
CREATE FUNCTION jingtu_reader_id() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT id FROM accounts_user
        WHERE id = substring(current_setting('jingtu.reader', true) from '^user:([0-9]{1,18})$')::bigint AND is_active
    );
END $$;

-- The regions of the reader's posts in force.
CREATE FUNCTION jingtu_posts() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    reader bigint := jingtu_reader_id();
    day date := jingtu_today();
BEGIN
    RETURN (
        SELECT coalesce(array_agg(region_id), '{}') FROM accounts_post
        WHERE user_id = reader AND region_id IS NOT NULL
            AND ended_at IS NULL AND suspended_at IS NULL
            AND valid_from <= day AND (valid_to IS NULL OR valid_to >= day)
    );
END $$;

-- The subtrees below them in today's trees: tree and position in one number.
CREATE FUNCTION jingtu_reach() RETURNS int8multirange LANGUAGE plpgsql STABLE AS $$
DECLARE
    held bigint[] := jingtu_posts();
BEGIN
    RETURN (
        SELECT coalesce(
            range_agg(int8range(tree_id * 4294967296 + position, tree_id * 4294967296 + last, '[]')), '{}'
        )
        FROM regions_region WHERE id = ANY (held) AND position IS NOT NULL
    );
END $$;

-- Regions that have ended: those of the reader's posts, and those whose last parent the reader reaches.
CREATE FUNCTION jingtu_ended() RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    held bigint[] := jingtu_posts();
    reach int8multirange := jingtu_reach();
    trees bigint[] := ARRAY (SELECT tree_id FROM regions_region WHERE id = ANY (held));
BEGIN
    RETURN (
        SELECT coalesce(array_agg(gone.id), '{}')
        FROM regions_region gone LEFT JOIN regions_region above ON above.id = gone.parent_id
        WHERE gone.tree_id = ANY (trees) AND gone.position IS NULL
            AND (gone.id = ANY (held) OR above.tree_id * 4294967296 + above.position <@ reach)
    );
END $$;
"""
NOBODY_KNOWS = """
DROP FUNCTION jingtu_ended();
DROP FUNCTION jingtu_reach();
DROP FUNCTION jingtu_posts();
DROP FUNCTION jingtu_reader_id();
DROP FUNCTION jingtu_today();
DROP FUNCTION jingtu_sees_all();
"""


class Migration(migrations.Migration):
    dependencies = (
        ("accounts", "0006_secretary_and_governance"),
        ("regions", "0001_initial"),
    )

    operations = (OnPostgres(READER, NOBODY_KNOWS),)
