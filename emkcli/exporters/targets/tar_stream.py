"""Several files as one tar stream: what is encrypted as a whole shows neither their names nor how many they are."""

from __future__ import annotations

import gzip
import io
import tarfile
import time

from emkcli.exporters.targets import Output, Writable


class TarStream:
    """Files are written at the same time, a tar has them one after another and their length first: until then they wait
    in memory, compressed (a card takes about a tenth)."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[io.BytesIO, gzip.GzipFile, Output]] = {}

    def begin(self, name: str) -> Output:
        buffer = io.BytesIO()
        packed = gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1)
        output = Output(packed)  # type: ignore[arg-type]
        self._kept[name] = (buffer, packed, output)
        return output

    def outputs(self) -> dict[str, Output]:
        return {name: output for name, (_kept, _packed, output) in self._kept.items()}

    def write(self, target: Writable) -> None:
        """All of it, in the order in which the files were begun."""
        with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
            for name, (buffer, packed, output) in self._kept.items():
                packed.close()
                buffer.seek(0)
                member = tarfile.TarInfo(name)
                member.size, member.mode, member.mtime = output.bytes, 0o600, int(time.time())
                with gzip.GzipFile(fileobj=buffer, mode="rb") as plain:
                    archive.addfile(member, plain)
