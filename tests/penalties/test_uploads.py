"""Files that people upload: what is taken, what is refused in which words, and that nothing active is left."""

import zlib
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject

from penalties import uploads
from penalties.uploads import CannotUse, clean
from penalties.uploads.cleaning import ACTIVE, NotTaken, harmless


def a_pdf(pages: int = 1, drawing: bytes = b"BT /F1 12 Tf 72 700 Td (Minutes) Tj ET") -> PdfWriter:
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(595, 842)
        stream = StreamObject()
        stream.set_data(drawing)
        page[NameObject("/Contents")] = stream
        font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
                                 NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
    return writer


def written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def armed() -> bytes:
    """A PDF with a script, a link, a form, a file inside, a note to itself, and a drawing that refers elsewhere."""
    writer = a_pdf()
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('run');")}
    )
    writer.add_attachment("virus.exe", b"MZ")
    writer.add_annotation(0, Link(rect=(0, 0, 100, 100), url="https://example.org/track"))
    writer.add_metadata({"/Author": "Somebody"})
    page = writer.pages[0]
    page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): DictionaryObject({
        NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")})})  # fmt: skip
    form = StreamObject()
    form.set_data(b"0 0 10 10 re f")
    form.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form"),
                 NameObject("/Ref"): DictionaryObject({NameObject("/F"): TextStringObject("https://example.org/x.pdf")}),
                 NameObject("/OPI"): DictionaryObject()})  # fmt: skip
    page["/Resources"][NameObject("/XObject")] = DictionaryObject({NameObject("/X"): writer._add_object(form)})
    return written(writer)


def keys_of(content: bytes) -> set[str]:
    """Every key of every dictionary of a PDF."""
    reader, found, left, seen = PdfReader(BytesIO(content)), set(), [], set()
    left.append(reader.trailer)
    while left:
        each = left.pop()
        each = each.get_object() if hasattr(each, "get_object") else each
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, dict):
            found |= set(each)
            left += each.values()
        elif isinstance(each, list):
            left += each
    return found


def test_nothing_active_is_left_and_the_words_are() -> None:
    assert keys_of(armed()) >= {"/AA", "/JS", "/EF", "/URI", "/Annots", "/Ref", "/OPI", "/Author"}
    pages, content = harmless(armed())
    assert pages == 1
    # The tree of pages has its own /Parent, the trailer's /Info says who wrote it: pypdf.
    assert not keys_of(content) & (ACTIVE - {"/Parent"})
    assert "/Author" not in keys_of(content)
    assert "Minutes" in PdfReader(BytesIO(content)).pages[0].extract_text()


def test_a_page_keeps_its_size_and_turn() -> None:
    writer = a_pdf(2)
    writer.pages[1].rotate(90)
    pages, content = harmless(written(writer))
    assert (pages, [page.rotation for page in PdfReader(BytesIO(content)).pages]) == (2, [0, 90])


def protected() -> bytes:
    writer = a_pdf()
    writer.encrypt("secret", algorithm="RC4-128")
    return written(writer)


def a_program() -> bytes:
    writer = a_pdf()
    program = StreamObject()
    program.set_data(b"% PostScript")
    program[NameObject("/Subtype")] = NameObject("/PS")
    writer.pages[0]["/Resources"][NameObject("/XObject")] = DictionaryObject(
        {NameObject("/P"): writer._add_object(program)}
    )
    return written(writer)


def a_bomb() -> bytes:
    """A page whose drawing is 30 KB packed and 30 MB unpacked."""
    writer = a_pdf()
    stream = StreamObject()
    stream._data = zlib.compress(b" " * 30_000_000, 9)
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    stream[NameObject("/Length")] = NumberObject(len(stream._data))
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    return written(writer)


def a_picture(kind: str, size: tuple[int, int] = (400, 300)) -> bytes:
    out = BytesIO()
    picture = Image.new("RGB", size, "red")
    exif = picture.getexif()
    exif[0x0112] = 6  # turned by the telephone
    exif[0x010E] = "where it was taken"
    picture.save(out, kind, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "no PDF, JPEG or PNG", id="empty"),
        pytest.param(b"PK\x03\x04 a document of Word", "no PDF, JPEG or PNG", id="another kind"),
        pytest.param(b"<svg onload='x()'/>", "no PDF, JPEG or PNG", id="svg"),
        pytest.param(b"GIF89a" + bytes(20), "no PDF, JPEG or PNG", id="gif"),
        pytest.param(b"%PDF-1.7 and then nothing", "damaged", id="damaged"),
        pytest.param(b"%PDF-1 1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj trailer<</Root 1 0 R>>", "PDF", id="circular"),
        pytest.param(protected(), "protected by a password", id="password"),
        pytest.param(a_program(), "contains a program", id="PostScript"),
        pytest.param(written(a_pdf(61)), "61 pages; 60 are the most", id="61 pages"),
    ],
)  # fmt: skip
def test_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(NotTaken, match=said):
        harmless(content)


def test_a_bomb_is_refused() -> None:
    with pytest.raises(NotTaken):
        harmless(a_bomb())


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_drawn_anew(kind: str) -> None:
    content = a_picture(kind)
    assert b"where it was taken" in content
    pages, cleaned = harmless(content)
    assert (pages, b"where it was taken" in cleaned) == (1, False)
    (page,) = PdfReader(BytesIO(cleaned)).pages
    assert page.mediabox.height > page.mediabox.width, "upright, as the telephone held it"


def test_a_picture_that_unpacks_to_too_much() -> None:
    out = BytesIO()
    Image.new("1", (7_000, 6_000)).save(out, "PNG")
    with pytest.raises(NotTaken):
        harmless(out.getvalue())


def test_in_a_process_of_its_own() -> None:
    cleaned = clean(a_picture("JPEG"))
    assert cleaned.pages == 1
    assert cleaned.content.startswith(b"%PDF")
    with pytest.raises(CannotUse, match=r"no PDF, JPEG or PNG\. Save or scan it"):
        clean(a_picture("JPEG")[:700])
    with pytest.raises(CannotUse, match="larger than 10 MB"):
        clean(bytes(uploads.LARGEST_FILE + 1))


def test_it_is_given_up_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LONGEST", 0.01)
    with pytest.raises(CannotUse, match="took too long"):
        clean(a_picture("PNG"))
