from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, UserManager
from django.db import models


class User(AbstractBaseUser):
    """A person who signs in."""

    username = models.CharField(max_length=64, unique=True)
    full_name = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    objects = UserManager["User"]()
