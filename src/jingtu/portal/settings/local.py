"""One machine on its own loopback address: `make demo` and development."""

from . import env
from .base import *  # noqa: F403

# Whoever tries the demonstration has no second device at hand; an office's server requires it (base.py).
SECOND_FACTOR_ROLES = env.words("JINGTU_SECOND_FACTOR_ROLES", ())
