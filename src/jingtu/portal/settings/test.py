"""Tests: everything in a private folder, jobs run at once, passwords cheap to hash."""

import os
import tempfile

os.environ.setdefault("JINGTU_HOME", tempfile.mkdtemp(prefix="jingtu-test-"))

from jingtu.core.kernel.wall import SYSTEM_READER, read_at_start_as

from .base import *  # noqa: F403
from .base import HOME

SECRET_KEY = "only for tests"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
RATE_LIMITS = {}
SECOND_FACTOR_ROLES = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = HOME / "static"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

# Tests lay out the tables of all places; requests, commands and jobs in them read as whom they are for.
read_at_start_as(SYSTEM_READER)

# WhiteNoise looks for the folder when it starts.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
