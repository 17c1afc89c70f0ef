"""System checks of the interface."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from .finders import missing_files, packages_folder


@register("staticfiles")
def front_end_packages_are_installed(**_options: Any) -> list[CheckMessage]:
    """Say plainly which front-end file is missing, instead of serving pages without style."""
    missing = missing_files()
    if not missing:
        return []
    return [
        Warning(
            f"Front-end packages are missing in {packages_folder()}: {', '.join(missing)}.",
            hint="Run `make setup` (or `npm ci`) and then `python -m jingtu.portal.cli.manage collectstatic`.",
            id="ui.W001",
        )
    ]
