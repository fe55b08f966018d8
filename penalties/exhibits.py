"""The papers behind a pack, page by page in it: letters as they were sent, notices as issued, files as uploaded.

The bundle is drawn with an empty, tagged page for each page of an exhibit, whose heading, page number and words are the
bundle's; the exhibit's own page is then laid into it, as a picture is laid into a frame (decision 0033).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, StreamObject

MM = 72 / 25.4
FRAME = (16 * MM, 20 * MM, 178 * MM, 245 * MM)
"""Left, bottom, width and height of the frame on an A4 page, in points: what `pack.css` leaves for `.frame`."""
MOST_WORDS = 6000
"""Characters of one page that a screen reader is given in place of the picture of it."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One paper: its number in the pack, what it is, its bytes as they are kept, and their hash (sha256, hex).

    `received`: name and hash of an uploaded file as it came; what is kept are its pages without anything active.
    """

    number: int
    title: str
    on: date | None
    content: bytes
    sha256: str
    received: str = ""

    @property
    def heading(self) -> str:
        """What stands above its first page; a title that names its day does not name it twice."""
        day = f"{self.on:%-d %B %Y}" if self.on else ""
        return f"Exhibit {self.number}: {self.title}" + ("" if day in self.title else f", {day}")

    def pages(self) -> list["ExhibitPage"]:
        """Each page with its words, for who hears the pack read."""
        found = PdfReader(BytesIO(self.content)).pages
        return [
            ExhibitPage(self, n, len(found), " ".join(page.extract_text().split())[:MOST_WORDS])
            for n, page in enumerate(found, 1)
        ]


@dataclass(frozen=True, slots=True)
class ExhibitPage:
    """One page of an exhibit. `words` are empty for a scanned one."""

    exhibit: Exhibit
    number: int
    of: int
    words: str

    @property
    def alt(self) -> str:
        """What a screen reader says instead of the page."""
        said = f"Its words: {self.words}" if self.words else "A picture without words that could be read."
        return f"Exhibit {self.exhibit.number}, {self.exhibit.title}, page {self.number} of {self.of}. {said}"


def lay_in(bundle: bytes, exhibits: Sequence[Exhibit]) -> bytes:
    """The bundle with each exhibit's pages in the frames that its last pages hold, in order."""
    if not exhibits:
        return bundle
    sources = [page for exhibit in exhibits for page in PdfReader(BytesIO(exhibit.content)).pages]
    writer = PdfWriter(clone_from=BytesIO(bundle))
    frames = writer.pages[len(writer.pages) - len(sources) :]
    for n, (frame, source) in enumerate(zip(frames, sources, strict=True)):
        _lay(writer, frame, source, f"/Exhibit{n}")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _lay(writer: PdfWriter, frame: Any, source: Any, name: str) -> None:
    """Draw one page into the frame: as large as fits, upright, marked as what the frame's own words stand for."""
    box = source.cropbox
    turn = source.rotation % 360
    wide, high = (box.width, box.height) if turn % 180 == 0 else (box.height, box.width)
    left, bottom, width, height = FRAME
    scale = min(width / wide, height / high, 1.0)
    x, y = left + (width - wide * scale) / 2, bottom + height - high * scale
    # The page's own corner to (0, 0), turned as it is read, then to its place.
    a, b, c, d, e, f = {
        0: (1, 0, 0, 1, -box.left, -box.bottom),
        90: (0, -1, 1, 0, -box.bottom, box.right),
        180: (-1, 0, 0, -1, box.right, box.top),
        270: (0, 1, -1, 0, box.top, -box.left),
    }[turn]
    form = StreamObject()
    contents = source.get_contents()
    form.set_data(contents.get_data() if contents is not None else b"")
    form = form.flate_encode()
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(FloatObject(n) for n in (box.left, box.bottom, box.right, box.top)),
            NameObject("/Resources"): source.get("/Resources", DictionaryObject()).get_object().clone(writer),
        }
    )
    resources = frame["/Resources"].get_object()
    known = resources.get("/XObject", DictionaryObject()).get_object()
    resources[NameObject("/XObject")] = DictionaryObject({**known, NameObject(name): writer._add_object(form)})
    matrix = " ".join(
        f"{number:.4f}" for number in (a * scale, b * scale, c * scale, d * scale, e * scale + x, f * scale + y)
    )
    drawing = frame.get_contents().get_data()
    laid = StreamObject()
    laid.set_data(b"q\n" + drawing + f"\nQ\n/Artifact BMC\nq {matrix} cm {name} Do Q\nEMC\n".encode("ascii"))
    frame[NameObject("/Contents")] = writer._add_object(laid.flate_encode())
