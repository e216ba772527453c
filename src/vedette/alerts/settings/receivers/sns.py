"""``sns_configs``"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import NO_SECRET, Part
from vedette.alerts.settings.receivers.base import HttpEntry
from vedette.config.model import Secret


class Sigv4Settings(Part):
    region: str = ""
    access_key: str = ""
    secret_key: Secret = NO_SECRET
    profile: str = ""
    role_arn: str = ""
    external_id: str = ""
    use_fips_sts_endpoint: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.access_key) != bool(self.secret_key):
            raise ValueError(
                "must provide a AWS SigV4 Access key and Secret Key if credentials are specified"
            )
        return self


class SnsSettings(HttpEntry):
    kind: ClassVar[str] = "sns"
    api_url: str = ""
    sigv4: Sigv4Settings = Field(default_factory=Sigv4Settings)
    topic_arn: str = ""
    phone_number: str = ""
    target_arn: str = ""
    subject: str = '{{ template "sns.default.subject" . }}'
    message: str = '{{ template "sns.default.message" . }}'
    attributes: dict[str, str] = Field(default_factory=dict)
    use_aws_http_client: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(map(bool, (self.topic_arn, self.phone_number, self.target_arn))) != 1:
            raise ValueError(
                "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config; give one"
            )
        return self
