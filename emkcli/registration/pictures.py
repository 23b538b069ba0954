"""Pictures to upload: checked by content and size, and freed of everything but the pixels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from emkcli import errors
from emkcli.locale import _
from emkcli.registration import named_input

if TYPE_CHECKING:
    from typing import BinaryIO

    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

LARGEST = 5 * 1024 * 1024
LONGEST_SIDE = 12_000
# A small file may unfold into gigabytes of pixels, four bytes each and twice where it must be turned; a scan of a passport's
# spread at 900 dpi has 28 million. A progressive one is in memory with all its coefficients too.
MOST_PIXELS = 32_000_000
MOST_PROGRESSIVE = 20_000_000
# Each takes as long as the whole picture, and a few bytes are one; programs write about ten.
MOST_SCANS = 100
# Up to this size the tables of a JPEG are made for it, for which its coefficients are kept in memory.
MOST_OPTIMISED = 12_000_000
Kind = Literal["passport_scan", "selfie"]
# The least long and short side: a passport's spread at 200 dpi, and a face that can be compared.
SMALLEST: dict[Kind, tuple[int, int]] = {"passport_scan": (1000, 700), "selfie": (480, 480)}
SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
SCAN = b"\xff\xda"
PNG_END = b"IEND\xaeB`\x82"
OTHERS = {b"%PDF": "PDF", b"GIF8": "GIF", b"RIFF": "WebP", b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF"}
QUALITIES = (95, 90, 80, 70)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is sent: the cleaned file, its type and its size in pixels as a person sees it."""

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int


def prepare(path_or_dash: str, kind: Kind, stdin: BinaryIO | None = None) -> Picture:
    """The picture in a PNG or JPEG file (or `-`), without EXIF, GPS, XMP, ICC and comments; else `InvalidInput`."""
    content = named_input.content(path_or_dash, LARGEST, _("larger than 5 MB"), stdin)
    media_type = _media_type(content, path_or_dash)
    with warnings.catch_warnings():
        # Pillow warns about odd metadata, which is thrown away in any case.
        warnings.simplefilter("ignore")
        upright, turned = _upright(_decoded(content, media_type, path_or_dash))
    _check_smallest(upright, kind, path_or_dash)
    cleaned = _png(upright) if media_type == "image/png" else _jpeg(upright, keep=not turned)
    if len(cleaned) > LARGEST:
        raise named_input.refused(
            path_or_dash, _("still larger than 5 MB without its metadata; save it with a lower quality")
        )
    return Picture(cleaned, media_type, *upright.size)


def _media_type(content: bytes, source: str) -> str:
    if not content:
        raise named_input.refused(source, _("the file is empty"))
    for signature, media_type in SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    other = next((form for start, form in OTHERS.items() if content.startswith(start)), "")
    if content[4:8] == b"ftyp":
        other = "HEIC"
    rule = _("a PNG or JPEG picture is expected")
    raise named_input.refused(source, _("{rule}, this is {format}").format(rule=rule, format=other) if other else rule)


def _decoded(content: bytes, media_type: str, source: str) -> ImageFile:
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    # The classes themselves, not Image.open: it would take a phone's two-picture JPEG for another format.
    reader = PngImageFile if media_type == "image/png" else JpegImageFile
    try:
        image = reader(BytesIO(content))
        _check_largest(image, source)
        _check_scans(image, content, source)
        if isinstance(image, PngImageFile):
            reader(BytesIO(content)).verify()
            _check_end(content)
        image.load()
    except errors.InvalidInput:
        raise
    except Exception:
        # Broken files make the decoders raise almost anything, from SyntaxError to struct.error.
        raise named_input.refused(source, _("the picture is damaged or incomplete")) from None
    return image


def _check_end(content: bytes) -> None:
    # Pillow is content with the last pixel; a cut file may have lost more than it needs.
    if PNG_END not in content:
        raise EOFError


def _check_largest(image: Image, source: str) -> None:
    width, height = image.size
    most = MOST_PROGRESSIVE if image.info.get("progressive") else MOST_PIXELS
    if max(width, height) > LONGEST_SIDE or width * height > most:
        rule = _("{width}×{height} pixels are too many; at most {side} per side and {millions} million in all")
        limits = {"side": LONGEST_SIDE, "millions": most // 1_000_000}
        raise named_input.refused(source, rule.format(width=width, height=height, **limits))


def _check_scans(image: Image, content: bytes, source: str) -> None:
    # Inside a scan 0xFF is never followed by its marker.
    if image.info.get("progressive") and content.count(SCAN) > MOST_SCANS:
        raise named_input.refused(
            source, _("a picture of more than {limit} scans is not read").format(limit=MOST_SCANS)
        )


def _check_smallest(image: Image, kind: Kind, source: str) -> None:
    longer, shorter = SMALLEST[kind]
    width, height = image.size
    if max(width, height) < longer or min(width, height) < shorter:
        rule = _("{width}×{height} pixels are too few; at least {longer}×{shorter} are needed")
        raise named_input.refused(source, rule.format(width=width, height=height, longer=longer, shorter=shorter))


def _upright(image: Image) -> tuple[Image, bool]:
    """The picture as EXIF says it was held, and whether it had to be turned."""
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
    turn = turns.get(_orientation(image))
    return (image, False) if turn is None else (image.transpose(turn), True)


def _orientation(image: Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:
        # Broken metadata must not cost a good picture.
        return 1


def _bare(image: Image) -> Image:
    """The picture without what Pillow would write back by itself (comment, ICC); a palette needs its transparency."""
    transparency = image.info.get("transparency")
    image.info = {} if transparency is None else {"transparency": transparency}
    return image


def _png(image: Image) -> bytes:
    written = BytesIO()
    _bare(image).save(written, "PNG")
    if written.tell() > LARGEST:
        written = BytesIO()
        image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _jpeg(image: Image, *, keep: bool) -> bytes:
    """The first writing that fits; `keep` tries the file's own tables first, which loses nothing visible."""
    _bare(image)
    for quality in ("keep", *QUALITIES) if keep else QUALITIES:
        written = BytesIO()
        image.save(written, "JPEG", quality=quality, optimize=image.width * image.height <= MOST_OPTIMISED)
        if written.tell() <= LARGEST:
            break
    return written.getvalue()
