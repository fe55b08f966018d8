"""A school pack as one zip file: unpacked defensively, because anybody may have made it."""

import zipfile
from pathlib import Path, PurePosixPath

from registers.pack.faults import Faults

LARGEST = 3_000_000_000  # bytes in all; the marks of 1,500 pupils and ten years are 0.2 of it
MOST_FILES = 200
KEPT = (".csv", ".toml")


def unpack(archive: Path, folder: Path, name: str, faults: Faults) -> None:
    """Put the files of a pack into a folder; in the archive they may lie in one of their own. Others are left out."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [info for info in opened.infolist() if _is_kept(info)]
            if len(members) > MOST_FILES or sum(info.file_size for info in members) > LARGEST:
                faults.add(name, "is far larger than a school pack")
            elif twice := {info.filename for info in members if _count(info, members) > 1}:
                faults.add(name, f"holds more than one {PurePosixPath(min(twice)).name}; zip one pack at a time")
            elif not members:
                faults.add(name, "holds no file of a school pack (school.toml, pupils.csv and so on)")
            else:
                for info in members:
                    _extract(opened, info, folder / PurePosixPath(info.filename).name)
    except zipfile.BadZipFile:
        faults.add(name, "is not a zip file; zip the folder of the school pack and upload that")
    except (RuntimeError, NotImplementedError):
        faults.add(name, "is encrypted or packed in a way that cannot be read; make a plain zip file")
    except _Larger:
        faults.add(name, "holds a file that is larger than it says; it is refused")


class _Larger(Exception):
    pass


def _is_kept(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename)
    return not info.is_dir() and path.suffix in KEPT and len(path.parts) <= 2 and not path.name.startswith(".")


def _count(info: zipfile.ZipInfo, members: list[zipfile.ZipInfo]) -> int:
    return sum(PurePosixPath(info.filename).name == PurePosixPath(other.filename).name for other in members)


def _extract(opened: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    left = info.file_size
    with opened.open(info) as source, target.open("wb") as file:
        while block := source.read(1 << 20):
            left -= len(block)
            if left < 0:
                raise _Larger
            file.write(block)
