"""Back up everything into one encrypted file, and restore it into an empty place where the record is proved whole.

The file is a tar in the age format (age-encryption.org): it is written with a public key, so the machine that makes
backups cannot read them, and opened with the private one, which belongs in a safe.
"""

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyrage
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from attendance_mis import postgres_tools
from attendance_mis.actions import Refused
from attendance_mis.models import BackupMade, School
from attendance_mis.postgres_tools import ToolFailed
from attendance_mis.promises import promised
from registers import record

DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files"
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Proof:
    """What the record of one school was worth at the moment of the backup: `verify_record` gives it again."""

    urn: str
    is_whole: bool
    check_value: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `sha256` names the dump and every file."""

    made_at: str
    migrations: list[list[str]]
    proofs: list[Proof]
    sha256: dict[str, str]

    @classmethod
    def read(cls, text: bytes) -> "Manifest":
        """The manifest of a backup, as `json` gives it."""
        fields = json.loads(text)
        return cls(**{**fields, "proofs": [Proof(**proof) for proof in fields["proofs"]]})


def make_key() -> tuple[str, str]:
    """A new pair: the public recipient for the server's settings, the private identity for the safe."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity.to_public()), str(identity)


def back_up(*, folder: Path, recipient: str) -> Path:
    """Write one encrypted backup into `folder` and return its path. Raises Refused when it cannot be made.

    It leaves a row that says so, for the technician's page; the row is younger than the backup, and not in it.

    Database and proofs are of one moment: they share a snapshot. Files are copied after it, and a file is written
    before the row that names it and never changed, so every row of the dump finds its file.
    """
    try:
        key = pyrage.x25519.Recipient.from_str(recipient.strip())
    except pyrage.RecipientError as fault:
        raise Refused(["Set BACKUP_RECIPIENT to a public key (age1…); manage.py make_backup_key makes one."]) from fault
    folder.mkdir(parents=True, exist_ok=True)
    made_at = timezone.now()
    target = folder / f"attendance-{made_at:%Y%m%dT%H%M%SZ}.tar.age"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as name:
        work = Path(name)
        try:
            proofs, migrations = _dump(work / DUMP)
        except ToolFailed as fault:
            raise Refused([str(fault)]) from fault
        files = sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
        inside = {f"{FILES}/{path.relative_to(settings.MEDIA_ROOT)}": path for path in files}
        inside[DUMP] = work / DUMP
        sums = {member: _sha256(path) for member, path in inside.items()}
        manifest = Manifest(made_at.isoformat(), migrations, proofs, sums)
        (work / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
        with tarfile.open(work / "all.tar", "w") as tar:
            for member, path in {MANIFEST: work / MANIFEST, **inside}.items():
                tar.add(path, member, recursive=False)
        encrypted = work / target.name
        pyrage.encrypt_file(str(work / "all.tar"), str(encrypted), [key])
        with encrypted.open("rb") as written:
            os.fsync(written.fileno())
        encrypted.chmod(0o600)
        encrypted.rename(target)  # a backup is whole, or it is not there
    BackupMade.objects.create(made_at=made_at, name=target.name, size=target.stat().st_size, sha256=_sha256(target))
    return target


def restore(*, archive: Path, identity: str) -> tuple[Manifest, list[Proof]]:
    """Restore a backup into an empty database and an empty file store, then verify every school's record.

    Returns what the backup says of itself and the proofs of what stands now; the two are equal or the restore is not
    to be trusted. Raises Refused before anything is written when the key is another's, the file was changed, this
    version does not know the backup's migrations, or the place is not empty.
    """
    try:
        key = pyrage.x25519.Identity.from_str(identity.strip())
    except pyrage.IdentityError as fault:
        raise Refused(["That is no private key: it begins with AGE-SECRET-KEY-1."]) from fault
    files = Path(settings.MEDIA_ROOT)
    if reasons := _why_not_here(files):
        raise Refused(reasons)
    files.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=files.parent, prefix=".restore-") as name:
        work = Path(name)
        try:
            pyrage.decrypt_file(str(archive), str(work / "all.tar"), [key])
        except (pyrage.DecryptError, OSError) as fault:
            raise Refused([f"{archive.name} cannot be opened with this key: {fault}."]) from fault
        with tarfile.open(work / "all.tar") as tar:
            _unpack(tar, work)
        manifest = Manifest.read((work / MANIFEST).read_bytes())
        if reasons := [*_changed(work, manifest), *_unknown(manifest.migrations)]:
            raise Refused(reasons)
        try:
            postgres_tools.run(
                "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
                f"--dbname={connection.settings_dict['NAME']}", work / DUMP,
            )  # fmt: skip
        except ToolFailed as fault:
            raise Refused([str(fault)]) from fault
        if (work / FILES).is_dir():
            for path in (work / FILES).iterdir():
                path.rename(files / path.name)
    return manifest, prove()


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    """Files only, and nowhere else. By hand: the Python 3.11.2 of Debian 12 has no `extractall(filter="data")`."""
    for member in tar:
        path = folder / member.name
        if not member.isfile() or not path.resolve().is_relative_to(folder.resolve()):
            raise Refused([f"The archive holds what no backup does: {member.name}."])
        path.parent.mkdir(parents=True, exist_ok=True)
        with promised(tar.extractfile(member)) as packed, path.open("wb") as file:
            shutil.copyfileobj(packed, file)


def prove() -> list[Proof]:
    """The proof of each school's record as it stands now, by URN."""
    verdicts = ((school, record.verify(school)) for school in School.objects.order_by("urn"))
    return [Proof(school.urn, verdict.is_whole, verdict.check_value) for school, verdict in verdicts]


def _dump(path: Path) -> tuple[list[Proof], list[list[str]]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        postgres_tools.run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={path}")
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        return prove(), [list(row) for row in cursor.fetchall()]


def _why_not_here(files: Path) -> list[str]:
    reasons = []
    if connection.introspection.table_names():
        reasons.append("The database is not empty: make a new one and name it in DATABASE_URL.")
    if files.is_dir() and any(files.iterdir()):
        reasons.append(f"There are files in {files}: name an empty folder in VAR_DIR.")
    return reasons


def _changed(work: Path, manifest: Manifest) -> Iterable[str]:
    for member, expected in manifest.sha256.items():
        if not (work / member).is_file() or _sha256(work / member) != expected:
            yield f"{member} is not what the backup wrote."


def _unknown(migrations: list[list[str]]) -> list[str]:
    known = MigrationLoader(None).disk_migrations
    newer = [f"{app} {name}" for app, name in migrations if (app, name) not in known]
    return [f"This backup is of a newer version: install that one first ({', '.join(newer[:3])})."] if newer else []


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
