"""Device: what it is called, and whether it is a record of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir.elements import Resource, concept, element, elements, joined, text
from emkcli.fhir.graph import Node

if TYPE_CHECKING:
    from emkcli.fhir.scene import Scene


def kind_of(resource: Resource, node: Node, scene: Scene) -> type[models.Model] | None:
    """What a file says somebody has, as an implant: a DeviceUseStatement says how it is used, and not what to take care of.
    Of a server a device comes along with what refers to it."""
    return models.Other if element(resource, "patient") and scene.source != "server" else None


def device_name(device: Resource) -> str | None:
    """By name and kind, else by its model or the number on it."""
    named = next((name for part in elements(device, "deviceName") if (name := text(part, "name"))), None)
    words = joined(dict.fromkeys([named, concept(element(device, "type"))]), ", ")
    carrier = element(device, "udiCarrier")
    numbers = (text(device, "modelNumber"), text(carrier, "deviceIdentifier"), text(carrier, "carrierHRF"))
    return words or next(filter(None, (*numbers, text(device, "distinctIdentifier"))), None)
