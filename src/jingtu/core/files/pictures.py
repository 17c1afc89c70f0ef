"""Photographs as evidence: what they show is kept, what the camera wrote beside it (place, time, device, owner) is not.

A picture is decoded and written anew, so nothing but its pixels gets into the store.
"""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jingtu.engine.problems import refuse, register_texts

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

register_texts(
    {
        "files.heic": (
            "HEIC 照片无法核验，请在手机相机设置中选“兼容性最佳”（JPEG），或截屏后上传。",
            "HEIC pictures cannot be checked here. Set the camera to “Most Compatible” (JPEG), or upload a screenshot.",
        ),
        "files.broken_picture": (
            "图片已损坏或不是完整的 JPEG、PNG，无法打开。",
            "The picture is damaged or no whole JPEG or PNG and cannot be opened.",
        ),
        "files.picture_too_large": (
            "图片超过 {limit} 百万像素，请缩小后上传。",
            "The picture has more than {limit} million pixels. Make it smaller and upload it again.",
        ),
    }
)

FORMATS = {"jpeg": "JPEG", "png": "PNG"}
MEGAPIXELS = 60
QUALITY = 88
_ORIENTATION = 0x0112
_DAMAGE = (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, EOFError, struct.error)
"""What the library raises for bytes that are no picture, or no notes of a camera."""
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")


def kind_of(head: bytes) -> str | None:
    """jpeg or png by the first bytes; None for anything else. Raises InvalidInput for a HEIC picture."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        raise refuse("files.heic")
    return None


def strip(path: Path, kind: str) -> None:
    """Replace a picture by its pixels alone, turned the way it is to be seen. Raises InvalidInput for a damaged one
    or one with more pixels than can be decoded safely."""
    from PIL import Image  # only where a picture is handed in

    try:
        with Image.open(path, formats=[FORMATS[kind]]) as opened:
            if opened.width * opened.height > MEGAPIXELS * 1_000_000:
                raise refuse("files.picture_too_large", limit=MEGAPIXELS)
            opened.load()
            turned = _upright(opened)
    except (*_DAMAGE, Image.DecompressionBombError) as error:
        raise refuse("files.broken_picture") from error
    bare = turned.convert("RGBA" if kind == "png" and turned.has_transparency_data else "RGB")
    bare.info = {}
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
        aside = Path(stream.name)
        try:
            bare.save(stream, format=FORMATS[kind], quality=QUALITY, optimize=kind == "jpeg")
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    aside.replace(path)


def _upright(picture: Picture) -> Picture:
    """The picture turned as the camera noted; as it is where the notes cannot be read: they are thrown away anyhow."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    try:
        turn = turns.get(picture.getexif().get(_ORIENTATION, 1))
    except _DAMAGE:
        turn = None
    return picture if turn is None else picture.transpose(turn)
