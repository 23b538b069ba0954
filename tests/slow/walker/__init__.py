"""A snapshot walker: FHIR JSON held against HL7's own StructureDefinitions; it shares nothing with `emkcli`."""

from tests.slow.walker.walk import Fault, Walker

__all__ = ["Fault", "Walker"]
