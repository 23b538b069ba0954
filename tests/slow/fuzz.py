"""The fuzzer's program: bytes into the readers until one of them raises.

.venv/bin/python -m tests.slow.fuzz CORPUS -max_total_time=60 -dict=WORDS
"""

from __future__ import annotations

import io
import sys

import atheris

with atheris.instrument_imports(include=["emkcli.formats", "emkcli.fhir"]):
    from emkcli import formats
    from emkcli.fhir import observation
    from emkcli.formats import archives, fhir_reader, reading, semd_reader, signing
    from emkcli.formats.semd_reader import body, document, parsing

    USED = (archives, body, document, fhir_reader, observation, parsing, reading, semd_reader)


def once(content: bytes) -> None:
    """Whatever the bytes are: a document with records, or a reason."""
    for found in formats.read("-", io.BytesIO(content)):
        try:
            for piece in found.pieces():
                for record in piece.records:
                    record.to_json()
        except ValueError:
            if found.type is None:
                raise


def main() -> None:
    signing._verified = lambda *_args, **_more: None  # type: ignore[assignment]  # no processes: thousands in a second
    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
