"""The card over a FHIR R4 server: searches, pages, resources as bytes, and what changed."""
