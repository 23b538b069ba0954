"""What a command returns besides a model: a list, a table, a text, a plan, or an outcome with its exit code.

A command hands one of these to `presentation.render`; importing this module costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from emkcli.models import Model, Named

MODELLESS_KINDS = {
    "text",
    "plan",
    "setting",
    "auth",
    "clock",
    "demo",
    "fault",
    "mock_state",
    "exchange",
    "check",
    "topic",
}
"""Kinds whose items have no model: a flat object, whose columns only the command knows."""


SCREENFUL = 30
"""How many of a long list a terminal shows where nobody said how many."""


@dataclass
class Listing:
    """Models on their way out; nothing is collected, `items` is read once.

    `person` and a `total` that spares counting what `limit` cuts off are also looked for on `items` itself, where they
    appear with the first page.
    """

    items: Iterable[Model]
    model: type[Model]
    limit: int | None = None
    person: Named | None = None
    total_hint: int | None = None
    exit_when_empty: int = 0
    is_incomplete: Callable[[], bool] = lambda: False
    """Asked once the last item was read: whether there is more than what came. Then it ends with exit 12."""
    live: bool = False
    """Print each item as it comes instead of all when the last is there."""
    newest: int | None = None
    """`SCREENFUL` for a list that may be long: how many a table on a terminal shows where nobody said how many."""


@dataclass
class Table:
    """Rows without a model; a column is a key, or a key and its header's msgid."""

    kind: str
    columns: Sequence[str | tuple[str, str]]
    rows: Iterable[Mapping[str, Any]]
    total: int = 0
    """How many there are, where the rows are some of them."""
    is_cut: bool = False
    """Whether there were others, of which nobody knows any more how many."""
    exit_when_empty: int = 0


@dataclass
class Item:
    """A single thing without a model."""

    kind: str
    fields: Mapping[str, Any]


@dataclass
class Text:
    """Our own text, printed as it is unless `-o` or `--json` stood on the line; `is_styled` where colours and links stand in it."""

    text: str
    kind: str = "text"
    exact: bool = False
    """A pipe gets these bytes alone; any other text ends with a line break there, as each does on a terminal."""
    is_styled: bool = False


@dataclass
class Line:
    """One line said at once by a command that goes on working: a JSON object or a text."""

    content: str | Mapping[str, Any]


@dataclass
class DryRun:
    """What would have been done: the would-be model, or its fields when it cannot be built yet."""

    model: Model | None = None
    would: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "plan"


@dataclass
class Outcome:
    """A normal document that ends with its own exit code: 9, 10 or 12, and 3 or 5 of `status --exit-code`."""

    value: Value
    exit_code: int


Value: TypeAlias = "Model | Listing | Table | Item | Text | Line | DryRun | Outcome | None"
"""Everything `presentation.render` takes."""
