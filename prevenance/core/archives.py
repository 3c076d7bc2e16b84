"""Looks into a zip (DOCX, XLSX, ODT, ODS) by its directory, before anything in it is unpacked."""

import zipfile
from typing import IO

MAX_UNPACKED = 100 * 1024 * 1024
MAX_MEMBERS = 2_000
ENCRYPTED = 0x1


class UnsafeArchive(Exception):
    """The archive would unpack to more than an office document needs, or hides what it holds."""


def checked_archive(file: IO[bytes]) -> zipfile.ZipFile:
    """The archive in `file`, its directory found reasonable.

    Raises zipfile.BadZipFile for a damaged one; UnsafeArchive for more than MAX_MEMBERS members or MAX_UNPACKED
    bytes declared, members that share their bytes (how a small bomb hides a large one) or encrypted ones. The sizes
    are only declared: whoever unpacks must still bound what comes out.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (NotImplementedError, ValueError, OSError, UnicodeDecodeError) as error:
        raise zipfile.BadZipFile(str(error)) from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise UnsafeArchive(f"{len(members)} members")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise UnsafeArchive(f"{unpacked} bytes unpacked")
    if any(member.flag_bits & ENCRYPTED for member in members):
        raise UnsafeArchive("encrypted members")
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise UnsafeArchive("members share their bytes")
        end = member.header_offset + member.compress_size
    return archive
