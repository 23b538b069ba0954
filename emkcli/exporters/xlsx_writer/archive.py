"""xlsxwriter without its temporary files: rows wait encrypted, and each part of the workbook goes into the archive as it is written."""

from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter.packager import Packager  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from emkcli.security.encrypted_spool import EncryptedSpool

ROWS_IN_MEMORY = 500_000
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Sheet(Worksheet):  # type: ignore[misc]
    """One row at a time is in memory (`constant_memory`); those before it wait in a spool instead of a plain file."""

    def _initialize(self, init_data: dict[str, Any]) -> None:
        super()._initialize({**init_data, "constant_memory": False})
        self.constant_memory = True
        self.row_data_fh = self.fh = EncryptedSpool(ROWS_IN_MEMORY)

    def _write_optimized_sheet_data(self) -> None:
        self._xml_start_tag("sheetData")
        for piece in self.row_data_fh.pieces():
            self.fh.write(piece)
        self.row_data_fh.close()
        self._xml_end_tag("sheetData")


class Book(Workbook):  # type: ignore[misc]
    """A workbook on its way into an archive that is open."""

    worksheet_class = Sheet

    def __init__(self, archive: ZipFile, options: dict[str, Any]) -> None:
        super().__init__(BytesIO(), options)  # where the library would put an archive of its own
        self._parts = _Parts(archive)

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._parts.finish()

    def _get_packager(self) -> Packager:
        return self._parts


class _Parts(Packager):  # type: ignore[misc]
    """The library writes one part after the other and asks here where to; that was a file of the temporary directory."""

    def __init__(self, archive: ZipFile) -> None:
        super().__init__()
        self._archive = archive
        self._text: TextIOWrapper | None = None

    def finish(self) -> None:
        if self._text:
            self._text.close()

    def _filename(self, xml_filename: str) -> StringIO:
        self.finish()
        entry = ZipInfo(xml_filename, _EPOCH)
        entry.compress_type = ZIP_DEFLATED
        self._text = TextIOWrapper(self._archive.open(entry, "w"), encoding="utf-8", newline="")
        return _Part(self._text)

    def _create_package(self) -> list[Any]:
        super()._create_package()
        self.finish()
        return []


class _Part(StringIO):
    """What the library takes for a text in memory, and writes to as it is."""

    def __init__(self, text: TextIOWrapper) -> None:
        super().__init__()
        self.write = text.write  # type: ignore[method-assign]
