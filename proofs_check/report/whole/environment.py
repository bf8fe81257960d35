"""The templates of a report, by Jinja."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from numerics.errors import InputError

if TYPE_CHECKING:
    from jinja2 import Environment

_NEEDED = ("jinja2", "latex2mathml.converter", "markdown_it", "markupsafe")


def require_templates() -> None:
    """Refuse, before any work is done, to report without the libraries that write it.

    Raises
    ------
    InputError
        If one is not installed; names the extra that brings it.
    """
    for name in _NEEDED:
        try:
            import_module(name)
        except ImportError as error:
            remedy = "an installed one for reports: pip install 'proofs-check[report]'"
            raise InputError(name.split(".")[0], "not installed", remedy) from error


def templates(**options: Any) -> Environment:
    """The environment in which this package's templates are rendered."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("proofs_check.report.whole"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **options,
    )
