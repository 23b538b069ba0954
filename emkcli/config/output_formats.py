"""The output formats: one row each, which the settings, the renderer, the help and the completions read."""

from __future__ import annotations

from dataclasses import dataclass

from emkcli.locale import N_


@dataclass(frozen=True)
class OutputFormat:
    """`writer` is a module of the renderer and the writer in it. A `document` is one whole with room for totals and
    warnings; with `json_errors` stderr holds JSON objects only; of a format `as_is` a text is printed without a document
    around it."""

    name: str
    writer: str
    about: str
    document: bool = False
    json_errors: bool = False
    as_is: bool = False


OUTPUT_FORMATS = {
    row.name: row
    for row in (
        OutputFormat(
            "table", "table:TABLE", N_("for people: aligned, wrapped to the terminal, dates as yyyy-mm-dd"), as_is=True
        ),
        OutputFormat(
            "plain",
            "delimited:PLAIN",
            N_(
                "one record per line, tabs between fields, no header, nothing cut; "
                'a single thing is one "key TAB value" per line'
            ),
            as_is=True,
        ),
        OutputFormat(
            "json",
            "structured:JSON",
            N_("one document: schema_version, kind, person, items or item, warnings"),
            document=True,
            json_errors=True,
        ),
        OutputFormat("jsonl", "structured:JSONL", N_("one JSON object per line, items only"), json_errors=True),
        OutputFormat("csv", "delimited:CSV", N_('RFC 4180 with a header; nested keys dotted, lists joined by "; "')),
        OutputFormat("tsv", "delimited:TSV", N_("the same with tabs")),
        OutputFormat("yaml", "structured:YAML", N_("the same document as json"), document=True),
    )
}
DOCUMENTS = frozenset(row.name for row in OUTPUT_FORMATS.values() if row.document)
JSON_ERRORS = frozenset(row.name for row in OUTPUT_FORMATS.values() if row.json_errors)
MACHINE = DOCUMENTS | JSON_ERRORS
"""For programs: what is to be noticed waits for the document, or for the error, instead of going to stderr at once."""
