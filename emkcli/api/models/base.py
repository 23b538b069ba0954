"""What every model shares, and the small values that portal and card both use."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """A frozen value; schemas are built when first used, so importing this module stays cheap."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
    kind: ClassVar[str] = ""


class Named(Model):
    """A thing by its id and name: a clinic, a service, a person."""

    id: str
    name: str


class DoctorRef(Named):
    specialty: str | None = None


class Author(Model):
    name: str
    specialty: str | None = None


class Coding(Model):
    code: str | None = None
    system: str | None = None
    display: str | None = None


class FileSource(Model):
    """Where an imported record came from; `set_id` and `version` are the document's own, `sha256` of the bytes read."""

    file: str
    document_id: str | None = None
    set_id: str | None = None
    version: str | None = None
    sha256: str


Source = str | FileSource
"""`server`, or the file a record was read from."""

Sources = Annotated[list[Source], Field(default=[], exclude_if=lambda sources: not sources)]
"""All places of a record that several have, `source` first; left out of one that is in a single place."""
