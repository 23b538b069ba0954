"""What each column of a table means, told in the table itself. English, as everything machines read."""

from __future__ import annotations

_MEANINGS = {
    "id": "stable id of the record, unique across the card",
    "date": "when it happened, as the source wrote it (ISO 8601 of any precision)",
    "collected_at": "when the specimen was taken, as the source wrote it (ISO 8601 of any precision)",
    "day": "calendar day in Moscow; null where the source is less precise than a day",
    "moment": "the same in UTC; null where the source gave no time of day",
    "status": "status as sent; cancelled and amended records are here too",
    "source": "server, or the name of the file the record was imported from",
    "source_document_id": "the imported document's own id",
    "source_set_id": "id shared by all versions of the imported document",
    "source_version": "version of the imported document",
    "source_sha256": "SHA-256 of the imported bytes",
    "person_id": "whose card it is",
    "report_id": "the laboratory report the result belongs to",
    "analyte": "what was measured, in the laboratory's words",
    "code": "code of what the record is about",
    "code_system": "URI of the code's system (LOINC, ФСЛИ, …)",
    "system": "URI of the code's system (ICD-10, …)",
    "display": "the code in words",
    "value": "the source's text, untouched",
    "value_number": "the value where it is a plain number; `<0.1` is none",
    "unit": "unit as printed",
    "unit_code": "UCUM code of the unit, where sent",
    "reference_low": "lower limit of the reference range as sent (text)",
    "reference_high": "upper limit of the reference range as sent (text)",
    "reference_text": "reference range in words as sent",
    "method": "how it was measured, where that was said",
    "flag": "HL7 code as sent (L, H, LL, HH, N, A, …); null when none was sent",
    "out_of_range": "computed from a numeric range of the same unit only; otherwise null",
    "diagnoses": "list of diagnoses: code, system, display",
    "sections": "list of the document's sections: title, text",
    "recommendations": "recommendations; of a preventive examination a list",
    "infections": "list of what the vaccine protects from",
    "kind": "kind as sent",
    "number": "number of the prescription",
    "quantity": "how much was prescribed, as sent",
    "expires_on": "last day of the prescription",
    "next_due": "when the next examination is due",
    "lot": "lot of the vaccine",
    "version": "version of the document",
    "type_code": "code of the document's type",
    "document_id": "the document the diagnosis stands in",
    "signature_present": "whether the document was signed",
    "signature_signer": "who signed",
    "signature_valid": "whether the signature was found valid; null when nobody checked",
}


def meaning(column: str) -> str:
    """One line; a name that says everything stands for itself."""
    return _MEANINGS.get(column) or column.replace("_", " ")
