"""Device: what it is called."""

from __future__ import annotations

from emkcli.fhir.elements import Resource, concept, element, elements, joined, text


def device_name(device: Resource) -> str | None:
    """By name and kind, else by its model or the number on it."""
    named = next((name for part in elements(device, "deviceName") if (name := text(part, "name"))), None)
    words = joined(dict.fromkeys([named, concept(element(device, "type"))]), ", ")
    carrier = element(device, "udiCarrier")
    numbers = (text(device, "modelNumber"), text(carrier, "deviceIdentifier"), text(carrier, "carrierHRF"))
    return words or next(filter(None, (*numbers, text(device, "distinctIdentifier"))), None)
