"""Listings and all that hangs on them are kept from whoever holds no post over the place."""

from django.db import migrations

from jingtu.core.kernel.walling import Protect, ProtectPart


class Migration(migrations.Migration):
    dependencies = (
        ("listings", "0002_revoked_and_days_in_order"),
        ("accounts", "0007_who_reaches_what"),
    )

    operations = (
        Protect("listings_listing", regions=("region_id",)),
        ProtectPart("listings_listingcriterion", "listing_id", "listings_listing"),
        ProtectPart("listings_listingstep", "listing_id", "listings_listing"),
        ProtectPart("listings_stepfile", "step_id", "listings_listingstep"),
        ProtectPart("listings_listingpaper", "listing_id", "listings_listing"),
        ProtectPart("listings_reminder", "listing_id", "listings_listing"),
        ProtectPart("listings_progress", "listing_id", "listings_listing"),
        ProtectPart("listings_progressvalue", "progress_id", "listings_progress"),
        ProtectPart("listings_acceptance", "listing_id", "listings_listing"),
        ProtectPart("listings_acceptanceline", "acceptance_id", "listings_acceptance"),
        ProtectPart("listings_teammember", "acceptance_id", "listings_acceptance"),
        ProtectPart("listings_opinion", "listing_id", "listings_listing"),
    )
