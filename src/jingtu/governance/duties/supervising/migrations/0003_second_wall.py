"""Notices of supervision are kept from whoever holds no post over the office or the place asked."""

from django.db import migrations

from jingtu.core.kernel.walling import Protect, ProtectPart


class Migration(migrations.Migration):
    dependencies = (
        ("supervising", "0002_days_of_a_notice"),
        ("accounts", "0007_who_reaches_what"),
    )

    operations = (
        Protect("supervising_supervision", regions=("region_id", "place_id")),
        ProtectPart("supervising_supervisionstep", "notice_id", "supervising_supervision"),
        ProtectPart("supervising_supervisionfile", "step_id", "supervising_supervisionstep"),
    )
