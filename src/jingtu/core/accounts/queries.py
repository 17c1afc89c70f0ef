"""What is read of users, units and posts."""

from __future__ import annotations

from jingtu.core.kernel.errors import NotFound

from .actors import UserActor
from .models import User


def actor_for(username: str) -> UserActor:
    """The actor for a command's ``--as USERNAME``. Raises NotFound for an unknown or suspended user."""
    user = User.objects.filter(username=username.strip().lower(), is_active=True).first()
    if user is None:
        raise NotFound(username)
    return UserActor(user)
