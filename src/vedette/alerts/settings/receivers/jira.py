"""``jira_configs``"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import Duration, Part
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.receivers.base import HttpEntry


class JiraText(Part):
    """Text, and whether an update of the alert rewrites it."""

    template: str = ""
    enable_update: bool = True

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, read: Any) -> Any:
        return {"template": read} if isinstance(read, str) else read


class JiraSettings(HttpEntry):
    kind: ClassVar[str] = "jira"
    api_url: str = ""
    api_type: str = "auto"
    project: str = ""
    issue_type: str = ""
    summary: JiraText = JiraText(template='{{ template "jira.default.summary" . }}')
    description: JiraText = JiraText(template='{{ template "jira.default.description" . }}')
    labels: list[str] = Field(default_factory=list)
    priority: str = '{{ template "jira.default.priority" . }}'
    resolve_transition: str = ""
    reopen_transition: str = ""
    wont_fix_resolution: str = ""
    reopen_duration: Duration = 0
    fields: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.project:
            raise ValueError("missing project in jira_config; add project")
        if not self.issue_type:
            raise ValueError("missing issue_type in jira_config; add issue_type")
        if self.api_type not in ("auto", "cloud", "datacenter"):
            raise ValueError(
                f'unknown api_type "{self.api_type}" in jira_config; one of: auto, cloud, datacenter'
            )
        return self

    def with_defaults(self, general: GlobalSettings) -> Self:
        entry = super().with_defaults(general)
        if not entry.api_url and not general.jira_api_url:
            raise ValueError("no global Jira API URL set; add api_url, or global.jira_api_url")
        return entry.model_copy(update={"api_url": entry.api_url or general.jira_api_url})
