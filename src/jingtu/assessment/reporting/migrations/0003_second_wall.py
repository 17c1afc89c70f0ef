"""Reports, their cells and their course are kept from whoever holds no post over the place that reports.

An approved stand-in reaches what the reporter they stand in for would reach, for as long as both hold.
"""

from django.db import migrations

from jingtu.core.kernel.walling import OnPostgres, Protect, ProtectPart

STANDS_IN = """
CREATE FUNCTION jingtu_stands_in() RETURNS int8multirange LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(
            range_agg(
                int8range(place.tree_id * 4294967296 + place.position, place.tree_id * 4294967296 + place.last, '[]')
            ),
            '{}'
        )
        FROM reporting_proxy JOIN regions_region place ON place.id = reporting_proxy.region_id
        WHERE reporting_proxy.proxy_id = jingtu_reader_id() AND reporting_proxy.state = 'approved'
            AND jingtu_today() BETWEEN reporting_proxy.valid_from AND reporting_proxy.valid_to AND place.position IS NOT NULL
            AND EXISTS (
                SELECT 1 FROM accounts_post post
                    JOIN accounts_user reporter ON reporter.id = post.user_id
                    JOIN regions_region held ON held.id = post.region_id
                WHERE post.user_id = reporting_proxy.reporter_id AND reporter.is_active
                    AND post.ended_at IS NULL AND post.suspended_at IS NULL
                    AND post.valid_from <= jingtu_today()
                    AND (post.valid_to IS NULL OR post.valid_to >= jingtu_today())
                    AND held.tree_id = place.tree_id AND place.position BETWEEN held.position AND held.last
            )
    );
END $$;
"""


class Migration(migrations.Migration):
    dependencies = (
        ("reporting", "0002_choose_between_figures"),
        ("accounts", "0007_who_reaches_what"),
    )

    operations = (
        Protect("reporting_proxy", regions=("region_id",), persons=("reporter_id", "proxy_id")),
        OnPostgres(STANDS_IN, "DROP FUNCTION jingtu_stands_in();"),
        Protect("reporting_report", regions=("region_id",), reaches=("jingtu_stands_in",)),
        ProtectPart("reporting_cell", "report_id", "reporting_report"),
        ProtectPart("reporting_reportevent", "report_id", "reporting_report"),
    )
