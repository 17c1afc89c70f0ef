"""Keeping an installation sound: checking it, backing it up, restoring it."""
