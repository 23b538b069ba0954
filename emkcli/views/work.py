"""What the tool reports about its own work: imports, exports, settings."""

from __future__ import annotations

from emkcli.views.columns import View

VIEWS = {
    "import_result": View(("file", "status", "type", "title", "date", "records", "reason")),
    "export_result": View(("format", "files", "complete", "manifest")),
}
