"""Documents in: archives, signatures, FHIR and СЭМД (CDA) understood as records."""
