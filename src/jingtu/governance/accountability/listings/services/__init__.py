"""What people do with listings: actor first, rules asked, a person named, audit written."""
