"""Pictures before they are sent: what is refused, and that no metadata leaves the machine."""

import contextlib
import struct
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from emkcli import errors
from emkcli.registration import pictures

PLACE = "55.7520N37.6175E"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>{PLACE}</place></x:xmpmeta>'.encode()
SIZE = (1000, 700)


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = PLACE
    tags.get_ifd(0x8825).update({1: "N", 2: (55.0, 45.0, 7.2), 3: "E", 4: (37.0, 37.0, 3.0), 0x1D: PLACE})
    return tags.tobytes()


def drawn(size: tuple[int, int] = SIZE) -> Image.Image:
    """White with a red top left corner, so that turning shows."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 4, size[1] // 4))
    return image


def jpeg(image: Image.Image, **options: object) -> bytes:
    written = BytesIO()
    image.save(written, "JPEG", **options)  # type: ignore[arg-type]
    return written.getvalue()


def png(image: Image.Image, **options: object) -> bytes:
    written = BytesIO()
    image.save(written, "PNG", **options)  # type: ignore[arg-type]
    return written.getvalue()


def prepare(content: bytes, kind: pictures.Kind = "passport_scan") -> pictures.Picture:
    return pictures.prepare("-", kind, BytesIO(content))


def refused(content: bytes, kind: pictures.Kind = "passport_scan") -> str:
    with pytest.raises(errors.InvalidInput) as caught:
        prepare(content, kind)
    assert caught.value.message.startswith("standard input: ")
    return caught.value.message


def reopened(picture: pictures.Picture) -> Image.Image:
    image = Image.open(BytesIO(picture.content))
    image.load()
    return image


def full_of_metadata(form: str, orientation: int = 1) -> bytes:
    if form == "JPEG":
        shared = {"exif": exif(orientation), "xmp": XMP, "comment": PLACE.encode(), "icc_profile": PLACE.encode()}
        return jpeg(drawn(), quality=92, **shared) + PLACE.encode()
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", PLACE)
    texts.add_text("Author", PLACE, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    texts.add(b"prVt", PLACE.encode())
    return png(drawn(), exif=exif(orientation), pnginfo=texts, icc_profile=PLACE.encode()) + PLACE.encode()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_no_metadata_leaves_the_machine(form: str, orientation: int) -> None:
    content = full_of_metadata(form, orientation)
    assert Image.open(BytesIO(content)).getexif().get_ifd(0x8825)
    assert PLACE.encode() in content
    picture = prepare(content)
    image = reopened(picture)
    assert not image.getexif()
    assert not set(image.info) & {"exif", "xmp", "XML:com.adobe.xmp", "comment", "Comment", "icc_profile"}
    for trace in (PLACE.encode(), b"Exif", b"eXIf", b"xmpmeta", b"ICC", b"tEXt", b"zTXt", b"iTXt", b"GPS"):
        assert trace not in picture.content


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (5, (0, 0)), (6, (1, 0)), (7, (1, 1)), (8, (0, 1))],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_the_picture_is_turned_as_it_was_held(form: str, orientation: int, corner: tuple[int, int]) -> None:
    picture = prepare(full_of_metadata(form, orientation))
    image = reopened(picture).convert("RGB")
    assert (picture.width, picture.height) == image.size == (SIZE if orientation < 5 else SIZE[::-1])
    pixel = image.getpixel((20 + corner[0] * (image.width - 40), 20 + corner[1] * (image.height - 40)))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200 > 60 > pixel[1]


def test_a_jpeg_that_needs_no_turning_keeps_its_tables() -> None:
    content = jpeg(drawn(), quality=83, exif=exif(), subsampling="4:2:2")
    before, after = Image.open(BytesIO(content)), reopened(prepare(content))
    assert before.quantization == after.quantization  # type: ignore[attr-defined]
    assert before.layer == after.layer  # type: ignore[attr-defined]


def test_a_png_keeps_its_pixels() -> None:
    image = drawn().convert("P")
    assert reopened(prepare(png(image, transparency=0))).convert("RGBA").tobytes() == (
        Image.open(BytesIO(png(image, transparency=0))).convert("RGBA").tobytes()
    )


def test_the_type_comes_from_the_content(tmp_path: Path) -> None:
    (tmp_path / "scan.png").write_bytes(jpeg(drawn()))
    assert pictures.prepare(str(tmp_path / "scan.png"), "passport_scan").media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"hello", "PNG or JPEG"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "damaged"),
    ],
)
def test_other_content_is_refused(content: bytes, said: str) -> None:
    assert said in refused(content)


@pytest.mark.parametrize("form", ["JPEG", "progressive", "PNG"])
@pytest.mark.parametrize("cut", [1, 2, 5, 12, 13, 40, 500, 0.5])
def test_a_cut_picture_is_refused(form: str, cut: float) -> None:
    image = Image.effect_noise(SIZE, 60)
    content = png(image) if form == "PNG" else jpeg(image, progressive=form == "progressive")
    kept = len(content) - int(cut * len(content) if cut < 1 else cut)
    assert "damaged" in refused(content[:kept])


def test_a_png_with_a_wrong_checksum_is_refused() -> None:
    content = bytearray(png(Image.effect_noise(SIZE, 60)))
    content[len(content) // 2] ^= 0xFF
    assert "damaged" in refused(bytes(content))


def test_too_small_in_either_orientation() -> None:
    assert "999×700" in refused(png(drawn((999, 700))))
    assert "1000×699" in refused(jpeg(drawn((1000, 699))))
    assert prepare(jpeg(drawn((700, 1000)))).height == 1000
    assert "479×480" in refused(jpeg(drawn((479, 480))), "selfie")
    assert prepare(jpeg(drawn((480, 480))), "selfie").width == 480


def claimed(width: int, height: int) -> bytes:
    """A PNG whose header promises more pixels than anyone should unfold."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


@pytest.mark.parametrize(("width", "height"), [(12_001, 700), (8000, 8000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_unfolds(width: int, height: int) -> None:
    started = time.process_time()
    assert "too many" in refused(claimed(width, height) + b"\0\0\0\0IDAT")
    assert time.process_time() - started < 1


def test_no_more_than_the_limit_is_read() -> None:
    class Endless(BytesIO):
        asked = 0

        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            Endless.asked += size
            return b"\xff\xd8\xff" + b"\0" * (size - 3)

    with pytest.raises(errors.InvalidInput, match="larger than 5 MB"):
        pictures.prepare("-", "selfie", Endless())
    assert Endless.asked == pictures.LARGEST + 1


def test_a_turned_picture_still_fits() -> None:
    noise = Image.effect_noise((2000, 2400), 90)
    content = jpeg(noise, quality=93, exif=exif(8))
    assert len(content) > pictures.LARGEST * 0.6
    assert len(prepare(content).content) <= pictures.LARGEST


def test_a_picture_that_grows_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_png", lambda image: b"\0" * (pictures.LARGEST + 1))
    assert "still larger" in refused(png(drawn()))


def test_broken_metadata_does_not_cost_a_good_picture() -> None:
    content = jpeg(drawn())
    broken = b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 20
    content = content[:2] + b"\xff\xe1" + struct.pack(">H", len(broken) + 2) + broken + content[2:]
    assert prepare(content).width == SIZE[0]


def test_missing_file_and_directory(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "no.png", "no such file"), (tmp_path, "directory")):
        with pytest.raises(errors.InvalidInput, match=said):
            pictures.prepare(str(path), "selfie")


SMALL = {"PNG": png(drawn((480, 480))), "JPEG": jpeg(drawn((480, 480)), exif=exif(6))}


@settings(max_examples=60)
@given(form=st.sampled_from(["PNG", "JPEG"]), place=st.floats(0, 1, exclude_max=True), junk=st.binary(max_size=40))
def test_any_damage_is_survived(form: str, place: float, junk: bytes) -> None:
    content = bytearray(SMALL[form])
    start = int(place * len(content))
    content[start : start + len(junk)] = junk
    with contextlib.suppress(errors.InvalidInput):
        assert prepare(bytes(content), "selfie").content


def test_scans_without_end_are_refused() -> None:
    """A progressive JPEG may have any number of scans, each of a few bytes and as long as the whole picture to read."""
    progressive = jpeg(drawn(), progressive=True)
    last = progressive.rfind(b"\xff\xda")
    assert prepare(progressive).width == SIZE[0]
    assert refused(progressive[:-2] + progressive[last:-2] * 200).endswith(
        "a picture of more than 100 scans is not read"
    )


def test_pictures_have_as_many_pixels_as_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer where the decoder keeps all coefficients of a picture."""
    monkeypatch.setattr(pictures, "MOST_PROGRESSIVE", 600_000)
    assert prepare(jpeg(drawn())).width == SIZE[0]
    assert "700 pixels are too many" in refused(jpeg(drawn(), progressive=True))
    monkeypatch.setattr(pictures, "MOST_PIXELS", 600_000)
    assert "700 pixels are too many" in refused(jpeg(drawn()))


def test_tables_are_made_for_small_pictures_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making them keeps the whole picture in memory a second time."""
    large = jpeg(drawn(), quality=80, optimize=True)
    small = len(prepare(large).content)
    monkeypatch.setattr(pictures, "MOST_OPTIMISED", 0)
    assert len(prepare(large).content) > small
