"""Makes a PDF of harmless pages from standard input: run by `clean` as a process of its own, knows nothing of ours.

A picture is drawn anew, pixels only. Of a PDF each page's drawing is kept, with the fonts and pictures it names, and
nothing else: no scripts, actions, forms, links, notes, attached files, layers' names or metadata. Prints the number of
pages on the first line and the PDF after it; exit status 3 and a sentence on standard error for a file not taken.
"""

import logging
import resource
import sys
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

MEMORY, SECONDS = 1024**3, 20
MOST_PAGES, MOST_PIXELS = 60, 40_000_000
MOST_DRAWING = 20 * 1024 * 1024  # bytes of one page's drawing, unpacked
A4 = (595, 842)  # points
SHARPEST = 150  # dots per inch of a picture on A4
REFUSED = 3
OF_A_PAGE = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group")
ACTIVE = frozenset(
    {
        "/AA", "/A", "/JS", "/JavaScript", "/OpenAction", "/Launch", "/URI", "/EF", "/EmbeddedFiles", "/RichMedia",
        "/AF", "/Annots", "/AcroForm", "/XFA", "/Ref", "/OPI", "/PieceInfo", "/Metadata", "/StructParent",
        "/StructParents", "/Thumb", "/Parent", "/Next", "/Dest", "/Movie", "/Sound", "/Alternates",
    }
)  # fmt: skip
"""What is taken out of every dictionary a page's drawing leads to."""


class NotTaken(Exception):
    """With the sentence for the person who uploads."""


def harmless(content: bytes) -> tuple[int, bytes]:
    """Pages and the PDF. Raises NotTaken."""
    if b"%PDF-" in content[:1024]:
        return _of_pdf(content)
    return 1, _of_picture(content)


def _of_picture(content: bytes) -> bytes:
    try:
        with Image.open(BytesIO(content), formats=["PNG", "JPEG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotTaken("This picture is too large: 6000 pixels each way are enough.")
            drawn = _on_white(ImageOps.exif_transpose(picture))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        raise NotTaken("This file is no PDF, JPEG or PNG. Save or scan it as one of these.") from fault
    wide, high = A4 if drawn.height >= drawn.width else A4[::-1]
    drawn.thumbnail((wide * SHARPEST // 72, high * SHARPEST // 72))
    out = BytesIO()
    drawn.save(out, "PDF", resolution=max(drawn.width * 72 / wide, drawn.height * 72 / high), quality=85)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Pixels without transparency, profiles or comments."""
    seen = picture.convert("RGBA")
    paper = Image.new("RGBA", seen.size, "white")
    paper.alpha_composite(seen)
    return paper.convert("RGB")


def _of_pdf(content: bytes) -> tuple[int, bytes]:
    try:
        reader = PdfReader(BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise NotTaken("This PDF is protected by a password. Print it to a new PDF without one.")
        count = len(reader.pages)
        if count > MOST_PAGES:
            raise NotTaken(f"This PDF has {count} pages; {MOST_PAGES} are the most. Add the pages that matter.")
        if not count:
            raise NotTaken("This PDF has no pages.")
        writer = PdfWriter()
        for page in reader.pages:
            _copy(page, writer)
    except NotTaken:
        raise
    except Exception as fault:  # a broken file breaks its reader in every way there is
        raise NotTaken("This PDF is damaged. Print it to a new PDF and try again.") from fault
    out = BytesIO()
    writer.write(out)
    return count, out.getvalue()


def _copy(page: Any, writer: PdfWriter) -> None:
    new = writer.add_blank_page(float(page.mediabox.width) or A4[0], float(page.mediabox.height) or A4[1])
    for key in OF_A_PAGE:
        if key in page:
            new[NameObject(key)] = page[key].clone(writer)
    drawing = _drawing(page)
    if len(drawing) > MOST_DRAWING:
        raise NotTaken("A page of this PDF holds too much. Scan it as a picture instead.")
    stream = StreamObject()
    stream.set_data(drawing)
    new[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    resources = page.get("/Resources", DictionaryObject()).get_object()
    new[NameObject("/Resources")] = resources.clone(writer, ignore_fields=tuple(ACTIVE))
    _strip(new["/Resources"], set())


def _drawing(page: Any) -> bytes:
    """The page's drawing as one, unpacked and bounded."""
    contents = page.get("/Contents")
    contents = contents.get_object() if contents is not None else None
    parts = contents if isinstance(contents, ArrayObject) else [contents]
    found, size = [], 0
    for part in parts:
        if part is None or not isinstance(stream := part.get_object(), StreamObject):
            continue
        data = stream.get_data()
        size += len(data)
        if size > MOST_DRAWING:
            raise NotTaken("A page of this PDF holds too much. Scan it as a picture instead.")
        found.append(data)
    return b"\n".join(found)


def _strip(root: Any, seen: set[int]) -> None:
    """Take what is active out of everything that the resources lead to."""
    left = [root]
    while left:
        each = left.pop()
        each = each.get_object() if isinstance(each, IndirectObject) else each
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, DictionaryObject):
            if each.get("/Subtype") == "/PS" or each.get("/Subtype2") == "/PS":
                raise NotTaken("This PDF contains a program. Print it to a new PDF and try again.")
            for key in ACTIVE & set(each):
                del each[key]
            left += list(each.values())
        elif isinstance(each, ArrayObject):
            left += list(each)


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    logging.disable()  # what the reader notices is no sentence for a person
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - a bare environment knows no encoding
    try:
        pages, content = harmless(sys.stdin.buffer.read())
    except NotTaken as fault:
        sys.stderr.write(f"{fault}")
        return REFUSED
    except MemoryError:
        sys.stderr.write("This file needs too much memory. Scan it in grey at 150 dots per inch.")
        return REFUSED
    sys.stdout.buffer.write(b"%d\n" % pages + content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
