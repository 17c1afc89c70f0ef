"""Publishes a few named files of the front-end packages, and nothing else of ``node_modules``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

PUBLISHED: dict[str, str] = {
    "vendor/tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "vendor/htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/alpine/alpine-csp.min.js": "@alpinejs/csp/dist/cdn.min.js",
    "vendor/echarts/echarts.min.js": "echarts/dist/echarts.min.js",
}
"""Address below /static/ → file below node_modules."""

_SOURCE_MAP = re.compile(rb"(?m)^(?:/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$")


def packages_folder() -> Path:
    """Where the front-end packages are installed."""
    return Path(settings.NODE_MODULES)


def missing_files() -> list[str]:
    """Files that pages need and the packages folder does not hold."""
    return [source for source in PUBLISHED.values() if not (packages_folder() / source).is_file()]


class NamedPackageFiles(FileSystemStorage):
    """The published files under their public names.

    Pointers to source maps are dropped: the maps are not published, and a name that points to nothing would
    stop ``collectstatic``.
    """

    def path(self, name: str) -> str:
        return str(packages_folder() / PUBLISHED[name])

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        return ContentFile(_SOURCE_MAP.sub(b"", Path(self.path(name)).read_bytes()), name=name)


class NodePackagesFinder(BaseFinder):
    """Static files finder for :data:`PUBLISHED`."""

    storage = NamedPackageFiles()

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in PUBLISHED:
            return []
        found = packages_folder() / PUBLISHED[path]
        if not found.is_file():
            return []
        return [str(found)] if find_all or kwargs.get("all") else str(found)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, NamedPackageFiles]]:
        patterns = [*(ignore_patterns or ())]
        for name, source in PUBLISHED.items():
            if not matches_patterns(name, patterns) and (packages_folder() / source).is_file():
                yield name, self.storage
