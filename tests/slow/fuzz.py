"""The fuzzer's program: bytes into the readers until one of them raises.

.venv/bin/python -m tests.slow.fuzz CORPUS -runs=10000 -dict=WORDS
"""

from __future__ import annotations

import io
import sys

import atheris

with atheris.instrument_imports(include=["emkcli.importers", "emkcli.fhir"]):
    from emkcli.fhir import observation, xhtml
    from emkcli.importers import document_reader, signature_check
    from emkcli.importers.archives import tars, unpacking, zips
    from emkcli.importers.cda import document_body, document_piece, safe_xml, text_limits
    from emkcli.importers.cda import reader as cda
    from emkcli.importers.fhir import reader as fhir

    USED = (cda, document_body, document_piece, document_reader, fhir, observation)
    BOUNDS = (safe_xml, tars, text_limits, unpacking, xhtml, zips)


def once(content: bytes) -> None:
    """Whatever the bytes are: a document with records, or a reason."""
    for found in document_reader.read("-", io.BytesIO(content)):
        try:
            for piece in found.pieces():
                for record in piece.records:
                    record.to_json()
        except ValueError:
            if found.type is None:
                raise


def main() -> None:
    signature_check._verified = lambda *_args, **_more: None  # type: ignore[assignment]  # no processes: thousands in a second
    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
