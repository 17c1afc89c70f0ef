"""Proposals and measures are kept from whoever holds no post over the place and is not the person concerned."""

from django.db import migrations

from jingtu.core.kernel.walling import Protect, ProtectPart


class Migration(migrations.Migration):
    dependencies = (
        ("measures", "0004_how_high_it_was_decided"),
        ("accounts", "0007_who_reaches_what"),
    )

    operations = (
        Protect("measures_proposal", regions=("region_id",)),
        Protect("measures_measure", regions=("region_id",), persons=("person_id",)),
        ProtectPart("measures_measurestep", "measure_id", "measures_measure"),
        ProtectPart("measures_measuresuspension", "measure_id", "measures_measure"),
        ProtectPart("measures_measureeffect", "measure_id", "measures_measure"),
    )
