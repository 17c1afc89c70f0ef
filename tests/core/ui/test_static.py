from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from jingtu.core.ui import checks
from jingtu.core.ui.finders import PUBLISHED, NodePackagesFinder


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for source in PUBLISHED.values():
        target = tmp_path / "node_modules" / source
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("/* body */\n//# sourceMappingURL=secret.map\n", encoding="utf-8")
    (tmp_path / "node_modules" / "echarts" / "package.json").write_text("{}", encoding="utf-8")
    return tmp_path / "node_modules"


def test_only_named_files_of_the_packages_are_published(packages: Path, settings: object) -> None:
    with override_settings(NODE_MODULES=packages):
        published = {name for name, _storage in NodePackagesFinder().list(None)}
        assert published == set(PUBLISHED)
        assert finders.find("vendor/echarts/echarts.min.js")
        assert not finders.find("echarts/package.json")
        assert not finders.find("vendor/echarts/../../echarts/package.json")


def test_collected_files_point_to_no_source_map(packages: Path, tmp_path: Path) -> None:
    with override_settings(NODE_MODULES=packages, STATIC_ROOT=tmp_path / "out"):
        call_command("collectstatic", interactive=False, verbosity=0)
    collected = tmp_path / "out" / "vendor" / "htmx" / "htmx.min.js"
    assert "body" in collected.read_text(encoding="utf-8")
    assert "sourceMappingURL" not in collected.read_text(encoding="utf-8")
    assert (tmp_path / "out" / "ui" / "jingtu.css").exists()


def test_missing_packages_are_named_by_a_system_check(tmp_path: Path, packages: Path) -> None:
    with override_settings(NODE_MODULES=packages):
        assert checks.front_end_packages_are_installed() == []
        (packages / PUBLISHED["vendor/htmx/htmx.min.js"]).unlink()
        warnings = checks.front_end_packages_are_installed()
    assert "htmx.org/dist/htmx.min.js" in warnings[0].msg
    assert "make setup" in str(warnings[0].hint)


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    import re

    import jingtu

    source = Path(jingtu.__file__).parent
    sprite = (source / "core" / "ui" / "static" / "ui" / "icons.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    named = set()
    for path in source.rglob("*.html"):
        named |= set(re.findall(r'{%\s*icon "([\w-]+)"', path.read_text(encoding="utf-8")))
    for path in source.rglob("apps.py"):
        named |= set(re.findall(r'icon="([\w-]+)"', path.read_text(encoding="utf-8")))
    assert named
    assert named <= known


def test_static_files_come_from_the_own_address() -> None:
    assert settings.STATIC_URL.startswith("/")
