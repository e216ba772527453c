"""The templates of a configuration: the defaults, then its files."""

from __future__ import annotations

from collections.abc import Callable

from vedette.alerts.config import AlertsConfig
from vedette.alerts.notify.defaults import FILES
from vedette.alerts.notify.message import MessageData
from vedette.config.problems import ConfigError, Problem
from vedette.template import TemplateError, TemplateSet
from vedette.template.alertmanager import functions


def load_templates(config: AlertsConfig, *, now: Callable[[], int]) -> TemplateSet:
    """Raises `ConfigError` naming the file and line that can't be read."""
    templates = default_templates(now=now)
    problems: list[Problem] = []
    for path in config.template_files():
        try:
            templates.add(path.read_text(encoding="utf-8"), name=path.name)
        except TemplateError as error:
            line, message = _place(str(error), path.name)
            problems.append(Problem(str(path), line, 0, "", message))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(str(path), 0, 0, "", f"can't be read: {error}"))
    if problems:
        raise ConfigError(problems)
    return templates


def default_templates(*, now: Callable[[], int]) -> TemplateSet:
    def route_labels(name: str) -> str:
        """A label of the route; `Texts` puts the real one in its place."""
        return ""

    templates = TemplateSet({**functions(now=now), "routeLabels": route_labels}, missing_key="zero")
    for name, text in FILES.items():
        templates.add(text, name=name)
    return templates


def _place(message: str, name: str) -> tuple[int, str]:
    head, _, rest = message.removeprefix(f"template: {name}:").partition(": ")
    return (int(head), rest) if head.isdigit() else (0, message)


class Texts:
    """Renders the texts of one notification. Raises `TemplateError`."""

    def __init__(self, templates: TemplateSet, data: MessageData) -> None:
        self._templates, self._data = templates, data

        def route_labels(name: str) -> str:
            return data.route_labels.get(name, "")

        self._functions = {"routeLabels": route_labels}

    def text(self, template: str) -> str:
        if "{{" not in template:
            return template
        return self._templates.compile(template).execute(self._data, functions=self._functions)

    def html(self, template: str) -> str:
        return self._templates.compile(template).execute(self._data, html=True, functions=self._functions)

    def tree(self, value: object) -> object:
        """A tree of mappings and lists with every leaf rendered."""
        if isinstance(value, dict):
            return {key: self.tree(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.tree(item) for item in value]
        return self.text(value) if isinstance(value, str) else value
