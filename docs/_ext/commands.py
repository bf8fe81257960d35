"""The directive ``commands``: a section for each command, with what ``--help`` prints."""

from __future__ import annotations

import contextlib
import io
import os
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from proofs_check.cli import COMMANDS, main

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Commands(SphinxDirective):
    """Sections made from the command line itself."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each command."""
        return [self._section(name, text) for name, text in help_texts().items()]

    def _section(self, name: str, text: str) -> nodes.section:
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        section += nodes.title("", name)
        section += nodes.literal_block(text, text, language="none")
        self.state.document.note_implicit_target(section)
        return section


def help_texts() -> dict[str, str]:
    """Return what each command prints with ``--help``, by name."""
    os.environ["COLUMNS"] = "90"
    return {name: _printed(name) for name in COMMANDS}


def _printed(name: str) -> str:
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.suppress(SystemExit):
        main([name, "--help"])
    return text.getvalue()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("commands", Commands)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
