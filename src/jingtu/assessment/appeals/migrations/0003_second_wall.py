"""Appeals, their course, papers and corrections are kept from whoever holds no post over the place."""

from django.db import migrations

from jingtu.core.kernel.walling import Protect, ProtectPart


class Migration(migrations.Migration):
    dependencies = (
        ("appeals", "0002_names_in_both_languages"),
        ("accounts", "0007_who_reaches_what"),
    )

    operations = (
        Protect("appeals_appeal", regions=("region_id",)),
        ProtectPart("appeals_appealstep", "appeal_id", "appeals_appeal"),
        ProtectPart("appeals_appealfile", "step_id", "appeals_appealstep"),
        Protect("appeals_correction", regions=("region_id",)),
    )
