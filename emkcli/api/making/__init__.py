"""Models of the card → FHIR R4, for documents that are none themselves: the way back of `mapping`.

What FHIR has a place for stands there as the document has it; the document itself goes along, byte for byte.
"""

from emkcli.api.making.paper import Maker, Paper

__all__ = ["Maker", "Paper"]
