"""Files that people send: bounded while they arrive, then checked by name and by content before anything keeps them."""

import functools
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable
from enum import Enum
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, Any

import puremagic
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import InMemoryUploadedFile, TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from prevenance.core.archives import UnsafeArchive, checked_archive
from prevenance.core.documents.spreadsheet import (
    COMPOUND,
    ENCRYPTED_STREAM,
    MARKUP,
    OTHER_DOCUMENTS,
    UnreadableTable,
    decoded,
)

NAME_LENGTH = 120
HOPELESS = 20  # times the limit past which the connection is cut: no browser waits that long for a sentence
HEAD = 8192  # bytes in which a signature is looked for
INNER_FILE = 1024 * 1024  # bytes of a member that is read to tell the kind, at most

OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
OPEN_XML = "application/vnd.openxmlformats-officedocument."


class Kind(Enum):
    """A kind of file that may be accepted: how people call it, its content type, its extensions (the first is kept)."""

    PDF = ("PDF", "application/pdf", (".pdf",))
    ODT = ("ODT", OPEN_DOCUMENT + "text", (".odt",))
    ODS = ("ODS", OPEN_DOCUMENT + "spreadsheet", (".ods",))
    DOCX = ("DOCX", OPEN_XML + "wordprocessingml.document", (".docx",))
    XLSX = ("XLSX", OPEN_XML + "spreadsheetml.sheet", (".xlsx",))
    XLS = ("XLS", "application/vnd.ms-excel", (".xls",))
    CSV = ("CSV", "text/csv", (".csv", ".tsv"))
    TXT = ("TXT", "text/plain", (".txt",))
    PNG = ("PNG", "image/png", (".png",))
    JPEG = ("JPEG", "image/jpeg", (".jpg", ".jpeg"))

    def __init__(self, label: str, content_type: str, extensions: tuple[str, ...]) -> None:
        self.label, self.content_type, self.extensions = label, content_type, extensions


DOCUMENTS = (Kind.PDF, Kind.ODT, Kind.ODS, Kind.DOCX, Kind.XLSX, Kind.CSV, Kind.TXT, Kind.PNG, Kind.JPEG)
TABLES = (Kind.XLSX, Kind.ODS, Kind.CSV, Kind.XLS, Kind.TXT)

# Office's names for the same documents with macros, or for templates that carry them.
MACRO_EXTENSIONS = {".docm", ".dotm", ".xlsm", ".xltm", ".xlsb", ".xlam", ".pptm"}
MACRO_MEMBERS = re.compile(r"(^|/)(vbaProject|vbaData)\.|^xl/macrosheets/|^(Basic|Scripts)/", re.IGNORECASE)
OPEN_XML_MAIN = {
    Kind.DOCX: b"wordprocessingml.document.main+xml",
    Kind.XLSX: b"spreadsheetml.sheet.main+xml",
}


class TooLarge(UploadedFile):
    """Stands in the form for a file that was not kept: its name and true size, and nothing that can be read."""

    def open(self, mode: str | None = None) -> Any:
        raise too_large()

    def read(self, *arguments: Any) -> bytes:
        raise too_large()

    def chunks(self, chunk_size: int | None = None) -> Any:
        raise too_large()


class BoundedUpload(FileUploadHandler):
    """Keeps a file up to `settings.UPLOAD_LIMIT` bytes in memory; lets the rest of a larger one pass, kept nowhere.

    Never on the disk: what is joined to a file of somebody followed would lie there in clear until it is sealed, and
    after, on what the file system forgot to write over. Together the files of a form are held to twice the limit.
    The rest of the form is still read, so that what was typed after the file is not lost (StopUpload would drop it).
    The request gets `upload_too_large`, and its form a TooLarge that `check_upload` turns into a sentence.
    """

    @property
    def limit(self) -> int:
        return int(settings.UPLOAD_LIMIT)

    def new_file(self, *arguments: Any, **options: Any) -> None:
        super().new_file(*arguments, **options)
        self.too_large = False
        self.received = 0
        self.file = self.place()

    def place(self) -> Any:
        """Where what is received is kept."""
        return BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        held = getattr(self.request, "upload_held", 0) + len(raw_data)
        if self.received <= self.limit and held <= 2 * self.limit and not self.too_large:
            self.request.upload_held = held
            self.file.write(raw_data)
            return
        if not self.too_large:
            self.too_large = True
            self.request.upload_too_large = True
            self.request.upload_held = held - len(raw_data) - self.file.tell()
            self.file.close()  # which drops what was kept so far
        if self.received > HOPELESS * self.limit:
            raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> UploadedFile:
        if self.too_large:
            return TooLarge(name=self.file_name, content_type=self.content_type, size=self.received)
        self.file.seek(0)
        return self.whole(file_size)

    def whole(self, size: int) -> UploadedFile:
        return InMemoryUploadedFile(
            self.file, self.field_name, self.file_name, self.content_type, size, self.charset, self.content_type_extra
        )


class LargeUpload(BoundedUpload):
    """On the disk: for tables of what is public, too large for memory, and for nothing about a person."""

    def place(self) -> Any:
        return TemporaryUploadedFile(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def whole(self, size: int) -> UploadedFile:
        self.file.size = size
        return self.file


def large_uploads(
    most: int, check: Callable[[Any], None]
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a view that takes files up to `most` bytes, kept on the disk meanwhile: Django must be told before
    anything reads the form, so that the token is checked here, after. `check` refuses an actor before that: nothing of
    what others send is read."""

    class Upload(LargeUpload):
        limit = most

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        checked = csrf_protect(view)

        @csrf_exempt
        @functools.wraps(view)
        def receive(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
            check(request.actor)
            request.upload_handlers = [Upload(request)]
            return checked(request, *arguments, **options)

        return receive

    return decorate


class UploadField(forms.FileField):
    """A file of one of `kinds`. Its cleaned value is the file, with its clean `name` and its `kind`."""

    def __init__(self, *, kinds: Iterable[Kind] = DOCUMENTS, **options: Any) -> None:
        self.kinds = tuple(kinds)
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        accepted = ",".join(extension for kind in self.kinds for extension in kind.extensions)
        return super().widget_attrs(widget) | {"accept": accepted}

    def to_python(self, data: Any) -> Any:
        if data in self.empty_values:
            return None
        data.kind = check_upload(data, kinds=self.kinds)  # before Django's own checks, whose sentences say less
        return super().to_python(data)


def check_upload(file: UploadedFile, *, kinds: Iterable[Kind]) -> Kind:
    """The kind of `file`, told by its extension and confirmed by its content; `file.name` is made clean.

    Raises ValidationError with one French sentence, or two, for a file too large, empty, of another kind than
    `kinds`, not what its name says, with macros, protected, damaged, or that would unpack to far more than it is.
    """
    kinds = tuple(kinds)
    file.name = clean_name(file.name or "")
    if isinstance(file, TooLarge) or (file.size or 0) > settings.UPLOAD_LIMIT:
        raise too_large()
    if not file.size:
        raise ValidationError(_("Ce fichier est vide. Vérifiez que vous avez choisi le bon."), code="empty")
    extension = PurePosixPath(file.name).suffix.lower()
    if extension in MACRO_EXTENSIONS:
        raise macros()
    kind = next((kind for kind in kinds if extension in kind.extensions), None)
    if kind is None:
        raise ValidationError(
            _("Ce type de fichier n’est pas accepté ici. Formats acceptés : %(formats)s."),
            code="kind",
            params={"formats": ", ".join(kind.label for kind in kinds)},
        )
    file.seek(0)
    check_content(file, kind, extension)
    file.seek(0)
    return kind


def check_content(file: IO[bytes], kind: Kind, extension: str) -> None:
    head = file.read(HEAD)
    match kind:
        case Kind.CSV | Kind.TXT:
            try:
                text = decoded(head + file.read())
            except UnreadableTable as error:
                raise other_content(kind, extension) from error
            if MARKUP.match(text) or text.startswith(OTHER_DOCUMENTS):
                raise other_content(kind, extension)
        case Kind.PDF | Kind.PNG | Kind.JPEG:
            if not {extension, *kind.extensions} & told_by(head):
                raise other_content(kind, extension)
        case Kind.XLS:
            data = head + file.read()
            if not data.startswith(COMPOUND):
                raise other_content(kind, extension)
            if ENCRYPTED_STREAM in data:
                raise protected()
            if "_VBA_PROJECT".encode("utf-16-le") in data:
                raise macros()
        case _:
            if head.startswith(COMPOUND) and ENCRYPTED_STREAM in head + file.read():
                raise protected()
            check_archive(file, kind, extension)


def told_by(head: bytes) -> set[str]:
    """The extensions that the first bytes call for."""
    try:
        return {match.extension for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return set()


def check_archive(file: IO[bytes], kind: Kind, extension: str) -> None:
    """Confirm an ODT, ODS, DOCX or XLSX by what its directory names, without unpacking more than a few lines."""
    file.seek(0)
    try:
        with checked_archive(file) as archive:
            if any(MACRO_MEMBERS.search(name) for name in archive.namelist()):
                raise macros()
            if kind in OPEN_XML_MAIN:
                types = inner(archive, "[Content_Types].xml")
                if b"macroEnabled" in types:
                    raise macros()
                right = OPEN_XML_MAIN[kind] in types
            else:
                right = inner(archive, "mimetype").strip() == kind.content_type.encode()
                if b"encryption-data" in inner(archive, "META-INF/manifest.xml"):
                    raise protected()
    except UnsafeArchive as error:
        raise ValidationError(
            _("Ce document est beaucoup trop volumineux une fois ouvert. Enregistrez-en une copie plus légère."),
            code="unpacked",
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise other_content(kind, extension) from error
    if not right:
        raise other_content(kind, extension)


def inner(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first bytes of a member, none when it is missing."""
    if name not in archive.namelist():
        return b""
    with archive.open(name) as member:
        return member.read(INNER_FILE)


def clean_name(name: str) -> str:
    """`name` as it can be shown and offered for download: no path, no control or invisible character, 120 characters.

    The characters that turn the direction of writing go too: they can make « gpj.exe » read « exe.jpg ».
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(re.sub(r'[<>:"|?*]', "-", name).split()).strip(". ")
    path = PurePosixPath(name or "document")
    suffix = path.suffix[:12]
    return path.stem[: NAME_LENGTH - len(suffix)].rstrip(". ") + suffix


def too_large() -> ValidationError:
    megabytes = settings.UPLOAD_LIMIT / 1024 / 1024
    return ValidationError(
        _("Ce fichier dépasse %(size)s Mo. Réduisez-le, ou partagez-le en plusieurs fichiers."),
        code="too_large",
        params={"size": f"{round(megabytes, 1):g}".replace(".", ",")},
    )


def macros() -> ValidationError:
    return ValidationError(
        _("Ce document contient des macros, qui ne sont pas acceptées. Enregistrez-en une copie sans macros."),
        code="macros",
    )


def protected() -> ValidationError:
    return ValidationError(
        _("Ce document est protégé par un mot de passe. Enregistrez-en une copie sans mot de passe et envoyez-la."),
        code="protected",
    )


def other_content(kind: Kind, extension: str) -> ValidationError:
    return ValidationError(
        _(
            "Ce fichier porte l’extension %(extension)s mais son contenu est abîmé ou d’un autre type. "
            "Ouvrez-le et enregistrez-en une copie au format %(kind)s."
        ),
        code="content",
        params={"extension": extension, "kind": kind.label},
    )
