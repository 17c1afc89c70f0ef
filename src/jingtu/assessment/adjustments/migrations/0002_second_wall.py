"""Entries, their evidence and vetoes are kept from whoever holds no post over the place."""

from django.db import migrations

from jingtu.core.kernel.walling import Protect, ProtectPart


class Migration(migrations.Migration):
    dependencies = (
        ("adjustments", "0001_initial"),
        ("accounts", "0007_who_reaches_what"),
    )

    operations = (
        Protect("adjustments_entry", regions=("region_id",)),
        ProtectPart("adjustments_entryfile", "entry_id", "adjustments_entry"),
        Protect("adjustments_vetocase", regions=("region_id",)),
    )
