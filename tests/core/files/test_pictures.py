"""A photograph keeps what it shows and loses what the camera wrote beside it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from jingtu.core.accounts.models import User
from jingtu.core.files import pictures, queries, services
from jingtu.core.files.rules import EVIDENCE, check_name, detect
from jingtu.engine.problems import InvalidInput
from tests.core.files.test_services import Person

LIMIT = 20 * 1024 * 1024
GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112
WRITTEN_BESIDE = b"Huawei of somebody"


def photograph(kind: str = "JPEG", size: tuple[int, int] = (40, 20)) -> bytes:
    picture = Image.new("RGB", size, (200, 30, 30))
    exif = Image.Exif()
    exif[MAKE] = WRITTEN_BESIDE.decode()
    exif[ORIENTATION] = 6  # to be turned by a quarter
    exif[GPS] = {1: "N", 2: (39.0, 54.0, 26.0), 3: "E", 4: (116.0, 23.0, 29.0)}
    stream = io.BytesIO()
    picture.save(stream, kind, exif=exif)
    return stream.getvalue()


def refused(path: Path) -> str:
    with pytest.raises(InvalidInput) as error:
        pictures.strip(path, detect(path, LIMIT).kind)
    return error.value.problems[0].code


@pytest.mark.django_db
@pytest.mark.parametrize("kind,name", [("JPEG", "现场.JPG"), ("PNG", "现场.png")])
def test_position_device_and_all_else_are_gone_from_what_is_kept(kind: str, name: str) -> None:
    content = photograph(kind)
    assert WRITTEN_BESIDE in content
    person = Person(User.objects.create(username="town", full_name="镇"))
    stored = services.receive(person, [content], name, purpose="test", accepted=EVIDENCE)
    kept = queries.content_path(stored).read_bytes()
    assert WRITTEN_BESIDE not in kept
    with Image.open(io.BytesIO(kept)) as seen:
        assert (seen.size, dict(seen.getexif())) == ((20, 40), {})
    assert stored.size == len(kept)
    assert stored.kind == kind.lower()


def test_a_picture_is_told_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(photograph("PNG"))
    assert detect(path, LIMIT).kind == "png"
    check_name("a.jpg", "jpeg")
    with pytest.raises(InvalidInput):
        check_name("a.pdf", "jpeg")


def test_what_only_begins_like_a_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(photograph()[:200])
    assert refused(path) == "files.broken_picture"
    path.write_bytes(b"\x89PNG\r\n\x1a\n<script>")
    assert refused(path) == "files.broken_picture"


@pytest.mark.parametrize("entry", [b"\x01\x0f\x00\x0b", b"\x01\x00\x00\x02"])
def test_notes_no_camera_should_write_do_not_stop_a_picture(tmp_path: Path, entry: bytes) -> None:
    path = tmp_path / "x"
    content = photograph().replace(b"\x01\x0f\x00\x02", entry)
    assert content != photograph()
    path.write_bytes(content)
    pictures.strip(path, "jpeg")
    with Image.open(path) as seen:
        assert (seen.size, dict(seen.getexif())) == ((20, 40), {})


def test_what_was_hidden_behind_a_picture_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(photograph() + b"PK\x03\x04 an archive behind it")
    pictures.strip(path, "jpeg")
    assert b"archive" not in path.read_bytes()


def test_a_picture_with_too_many_pixels_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MEGAPIXELS", 0.0001)
    path = tmp_path / "x"
    path.write_bytes(photograph())
    assert refused(path) == "files.picture_too_large"


def test_heic_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\x00\x00\x00\x18ftypheic" + bytes(40))
    assert refused(path) == "files.heic"
