"""FHIR R4 in JSON: Bundles, single resources, arrays and lines."""
