"""prometheus.yml: its model, one file a part, and how it is read and checked."""

from vedette.metrics.config.alerting import AlertingConfig, AlertmanagerConfig
from vedette.metrics.config.check import check_config, unsupported
from vedette.metrics.config.config import Config
from vedette.metrics.config.global_ import GlobalConfig
from vedette.metrics.config.load import config_of, load_config
from vedette.metrics.config.remote import RemoteReadConfig, RemoteWriteConfig
from vedette.metrics.config.scrape import ScrapeConfig
from vedette.metrics.config.sd.static import TargetGroup
from vedette.metrics.config.storage import StorageConfig

__all__ = [
    "AlertingConfig",
    "AlertmanagerConfig",
    "Config",
    "GlobalConfig",
    "RemoteReadConfig",
    "RemoteWriteConfig",
    "ScrapeConfig",
    "StorageConfig",
    "TargetGroup",
    "check_config",
    "config_of",
    "load_config",
    "unsupported",
]
