"""СЭМД, the CDA R2 documents that Gosuslugi gives out: one module per kind of record."""
