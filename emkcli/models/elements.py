"""What every model shares, and the small values that portal and card both use."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, ClassVar, Self, dataclass_transform

import msgspec
from msgspec import UnsetType


class Keywords(msgspec.StructMeta):
    """Every field is named where a model is built: msgspec itself leaves a subclass to say so again."""

    def __new__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any], **options: Any) -> Any:
        return super().__new__(cls, name, bases, members, **{"kw_only": True, **options})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Model(msgspec.Struct, metaclass=Keywords, frozen=True, gc=False):
    """A frozen value that a document of JSON holds. A field that its document calls `kind` is `type` here.

    A constructor checks nothing; what is read is checked field by field. Unknown fields are ignored. A copy with changes
    is `msgspec.structs.replace`, the fields are `msgspec.structs.fields`.
    """

    kind: ClassVar[str] = ""

    @classmethod
    def from_json(cls, content: bytes | str) -> Self:
        """What `to_json` wrote, or a server: numbers and truths may be texts. `msgspec.DecodeError` for what is no JSON,
        `msgspec.ValidationError` (one of those) for what does not fit."""
        return msgspec.json.decode(content, type=cls, strict=False)

    @classmethod
    def from_builtins(cls, document: Any) -> Self:
        """The same from what a decoder of JSON made. `msgspec.ValidationError`."""
        return msgspec.convert(document, type=cls, strict=False)

    def to_json(self) -> bytes:
        """Compact JSON in UTF-8, every field in the order of the model. `UnicodeEncodeError` for half a surrogate pair."""
        return msgspec.json.encode(self)

    def to_builtins(self) -> dict[str, Any]:
        """The same as dicts, lists, texts, numbers and truths."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document


def shown(model: Model, but: Collection[str]) -> str:
    """A model as its repr, `but` for what no log may hold."""
    fields = (f"{name}={getattr(model, name)!r}" for name in model.__struct_fields__ if name not in but)
    return f"{type(model).__name__}({', '.join(fields)})"


class Named(Model):
    """A thing by its id and name: a clinic, a service, a person."""

    id: Annotated[str, "id that its source knows it by; a name where there is none"]
    name: Annotated[str, "name as the source wrote it"]


class DoctorRef(Named):
    specialty: Annotated[str | None, "specialty in the source's words"] = None


class Author(Model):
    name: Annotated[str, "name as the document wrote it"]
    specialty: Annotated[str | None, "specialty in the source's words"] = None


class Coding(Model):
    code: Annotated[str | None, "the code"] = None
    system: Annotated[str | None, "URI of the code's system (FHIR Coding.system)"] = None
    display: Annotated[str | None, "the code in words, as the source wrote them"] = None


class FileSource(Model):
    """Where an imported record came from; `set_id` and `version` are the document's own, `sha256` of the bytes read."""

    file: Annotated[str, "name of the file"]
    document_id: Annotated[str | None, "the document's own id (ClinicalDocument.id, Bundle.identifier)"] = None
    set_id: Annotated[str | None, "id that all versions of the document share (ClinicalDocument.setId)"] = None
    version: Annotated[str | None, "version of the document (ClinicalDocument.versionNumber)"] = None
    sha256: Annotated[str, "SHA-256 of the bytes that were read, 64 hexadecimal digits"]


Source = str | FileSource
"""`server`, or the file a record was read from."""

Sources = list[Source] | UnsetType
"""All places of a record that several have, `source` first; not set, and left out, of one that is in a single place."""
