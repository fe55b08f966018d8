"""Pictures for the letterhead: drawn anew or refused in clear words, whatever the file holds."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
import weasyprint  # noqa: F401 - as in a worker: it makes Pillow lenient for everybody
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from letters.forms.templates import LetterheadForm

NO_PICTURE = "This file is damaged, or no PNG or JPEG picture."
TOO_MANY = "This picture has too many pixels: 4000 by 4000 are enough."
RED = Image.new("RGB", (40, 20), "red")
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def saved(kind: str, *, mode: str = "RGB", size: tuple[int, int] = (40, 20), **how: Any) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, kind, **how)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, *more: bytes) -> bytes:
    """A small file that says it is so large."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(bytes(52))) + chunk(b"IEND", b"")


def form_with(data: bytes, name: str = "logo.png") -> LetterheadForm:
    return LetterheadForm({}, {"logo": SimpleUploadedFile(name, data)})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "The submitted file is empty.", id="nothing"),
        pytest.param(saved("PNG", size=(300, 300))[:-40], NO_PICTURE, id="cut off"),
        pytest.param(saved("JPEG", size=(300, 300))[:500], NO_PICTURE, id="cut off JPEG"),
        pytest.param(saved("PNG")[:20], NO_PICTURE, id="cut off in its head"),
        pytest.param(png_of(0, 0), NO_PICTURE, id="no size"),
        pytest.param(SVG, NO_PICTURE, id="SVG with a script"),
        pytest.param(saved("GIF", save_all=True, append_images=[RED]), NO_PICTURE, id="GIF"),
        pytest.param(b"%PDF-1.7\n", NO_PICTURE, id="PDF called .png"),
        pytest.param(png_of(4, 4, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000)))), NO_PICTURE,
                     id="a text that unpacks to 100 MB"),
        pytest.param(png_of(65_000, 65_000), TOO_MANY, id="says it is 65,000 wide and high"),
        pytest.param(saved("PNG", size=(5000, 4000)), TOO_MANY, id="20 million pixels in a small file"),
        pytest.param(b"\x89PNG" + bytes(20_000_000), "This file is larger than 2 MB.", id="20 MB"),
        pytest.param(saved("PNG", mode="I;16"), "This picture has colours that few programs can show: save it with 8 "
                     "bits each.", id="16 bits"),
    ],
)  # fmt: skip
def test_what_is_refused(data: bytes, said: str) -> None:
    assert form_with(data).errors == {"logo": [said]}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(saved("PNG") + SVG + b"PK\x03\x04", id="something else behind it"),
        pytest.param(saved("JPEG", mode="CMYK"), id="CMYK"),
        pytest.param(saved("JPEG", comment=SVG), id="a comment"),
        pytest.param(saved("PNG", save_all=True, append_images=[RED]), id="animated"),
        pytest.param(saved("PNG", mode="P"), id="palette"),
        pytest.param(saved("PNG", mode="LA"), id="grey on nothing"),
    ],
)
def test_what_is_drawn_anew(data: bytes) -> None:
    """Pixels are kept, nothing else; the name of the file says nothing."""
    form = form_with(data, "logo.exe")
    assert form.is_valid()
    kept = form.cleaned_data["logo"]
    with Image.open(BytesIO(kept), formats=["PNG"]) as picture:
        assert (picture.mode, picture.size, picture.info, getattr(picture, "n_frames", 1)) == ("RGBA", (40, 20), {}, 1)
    assert kept.endswith(chunk(b"IEND", b""))
    assert b"script" not in kept


def test_a_photograph_stands_as_the_camera_was_held() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera stood on its side
    form = form_with(saved("JPEG", exif=turned))
    assert form.is_valid()
    with Image.open(BytesIO(form.cleaned_data["logo"])) as picture:
        assert picture.size == (20, 40)
