"""The site that `make docs` builds: the pages of this repository and the Python reference from the docstrings."""

from __future__ import annotations

from inspect import get_annotations
from pydoc import locate
from typing import Any

from emkcli import __version__
from emkcli.api import models

project = "emk"
release = __version__
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "docs/**.rst", "LICENSE"]
extensions = ["myst_parser", "sphinx.ext.autodoc"]

myst_heading_anchors = 4  # links to headings are checked too
default_role = "code"  # docstrings quote code in single backticks, as Markdown does
nitpicky = True
suppress_warnings = ["ref.python"]  # the builtin `type` beside fields of that name
nitpick_ignore_regex = [  # what other packages and the standard library document
    ("py:.*", r"(httpx|pydantic|msgspec|collections|types|datetime|contextlib)\..*"),
    ("py:.*", r"(.*\.)?(Any|M|S|Sources?|Place|Placements|Annotated)"),
    ("py:class", r".*\[.*"),  # a half of an annotation
]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {
    "members": True,
    "undoc-members": True,
    "show-inheritance": True,
    "exclude-members": "model_config",
}

html_theme = "alabaster"
html_theme_options = {"description": "A Moscow patient's electronic medical card in the shell", "page_width": "72rem"}
html_show_copyright = False
html_copy_source = False


def list_models(app: Any, page: str, source: list[str]) -> None:
    """Every model on its page, so that a new one needs no line of its own."""
    if page == "docs/python/models":
        names = sorted(name for name in models.__all__ if isinstance(getattr(models, name), type))
        source[0] += "".join(f"\n.. autoclass:: emkcli.models.{name}\n" for name in names)


def describe_field(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """A model's field says what it holds in its annotation, where `emk schema` reads it too."""
    owner, _, field = name.rpartition(".")
    if what != "attribute" or not name.startswith(models.__name__):
        return
    annotation = get_annotations(locate(owner), eval_str=True).get(field)
    meanings = [note for note in getattr(annotation, "__metadata__", ()) if isinstance(note, str)]
    lines[:] = meanings or lines


def setup(app: Any) -> None:
    app.connect("source-read", list_models)
    app.connect("autodoc-process-docstring", describe_field)
