"""What goes wrong with a template. The text is Go's, which people search the web for."""

from __future__ import annotations


class TemplateError(Exception):
    """A template that cannot be read or carried out.

    - reading:   ``template: NAME:LINE: what is wrong``
    - execution: ``template: NAME:LINE:COLUMN: executing "NAME" at <PART>: what is wrong``
    """


class FunctionError(Exception):
    """Raised by a template function; becomes ``error calling NAME: ...`` with its place in the template."""
