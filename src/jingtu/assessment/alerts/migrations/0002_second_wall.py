"""Alerts and what was done about them are kept from whoever holds no post over the place or the place assessed."""

from django.db import migrations

from jingtu.core.kernel.walling import Protect, ProtectPart


class Migration(migrations.Migration):
    dependencies = (
        ("alerts", "0001_initial"),
        ("accounts", "0007_who_reaches_what"),
    )

    operations = (
        Protect("alerts_alert", regions=("region_id", "within_id")),
        ProtectPart("alerts_alertoccurrence", "alert_id", "alerts_alert"),
        ProtectPart("alerts_alertevent", "alert_id", "alerts_alert"),
        ProtectPart("alerts_alertreading", "alert_id", "alerts_alert"),
    )
