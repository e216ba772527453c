"""Go's text/template language: `parse`, `Template`, `TemplateSet`, `TemplateError`.

The way of a template: `lex` (tokens) -> `syntax` (trees of `nodes`) -> `execute` (closures) -> `output` or `html`.
`builtins` are the functions every template has; `prometheus` and `alertmanager` are the sets those two add.
"""

from vedette.template.errors import FunctionError, TemplateError
from vedette.template.template import Template, TemplateSet, parse
from vedette.template.values import SafeHTML, StringList, StringMap, Struct

__all__ = [
    "FunctionError",
    "SafeHTML",
    "StringList",
    "StringMap",
    "Struct",
    "Template",
    "TemplateError",
    "TemplateSet",
    "parse",
]
