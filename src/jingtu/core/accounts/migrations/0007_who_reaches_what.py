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
BEGIN
    RETURN (
        SELECT coalesce(array_agg(region_id), '{}') FROM accounts_post
        WHERE user_id = jingtu_reader_id() AND region_id IS NOT NULL
            AND ended_at IS NULL AND suspended_at IS NULL
            AND valid_from <= jingtu_today() AND (valid_to IS NULL OR valid_to >= jingtu_today())
    );
END $$;

-- The subtrees below them in today's trees: tree and position in one number.
CREATE FUNCTION jingtu_reach() RETURNS int8multirange LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(
            range_agg(int8range(tree_id * 4294967296 + position, tree_id * 4294967296 + last, '[]')), '{}'
        )
        FROM regions_region WHERE id = ANY (jingtu_posts()) AND position IS NOT NULL
    );
END $$;
"""
NOBODY_KNOWS = """
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
