"""One machine on its own loopback address: `make demo` and development."""

from .base import *  # noqa: F403
