"""The service discovery keys of a job or of a group of Alertmanagers.

Every kind that the original knows is read and checked. Which ones are also carried out is said by `BUILT`.
"""

from __future__ import annotations

from typing import Annotated

from vedette.config.model import Strict
from vedette.metrics.config.sd import aws, clouds, containers, kubernetes, registries, web
from vedette.metrics.config.sd.file import FileSd
from vedette.metrics.config.sd.static import TargetGroup, address_fault
from vedette.metrics.config.section import not_null

# The keys that `vedette.metrics.discovery` carries out.
BUILT = ("static_configs", "file_sd_configs")


class Discovery(Strict):
    static_configs: tuple[
        Annotated[TargetGroup, not_null("empty or null section in static_configs")], ...
    ] = ()
    file_sd_configs: tuple[FileSd, ...] = ()
    aws_sd_configs: tuple[aws.AwsSd, ...] = ()
    azure_sd_configs: tuple[clouds.AzureSd, ...] = ()
    consul_sd_configs: tuple[registries.ConsulSd, ...] = ()
    digitalocean_sd_configs: tuple[clouds.DigitalOceanSd, ...] = ()
    dns_sd_configs: tuple[web.DnsSd, ...] = ()
    docker_sd_configs: tuple[containers.DockerSd, ...] = ()
    dockerswarm_sd_configs: tuple[containers.DockerSwarmSd, ...] = ()
    ec2_sd_configs: tuple[aws.Ec2Sd, ...] = ()
    eureka_sd_configs: tuple[registries.EurekaSd, ...] = ()
    gce_sd_configs: tuple[clouds.GceSd, ...] = ()
    hetzner_sd_configs: tuple[clouds.HetznerSd, ...] = ()
    http_sd_configs: tuple[web.HttpSd, ...] = ()
    ionos_sd_configs: tuple[clouds.IonosSd, ...] = ()
    kubernetes_sd_configs: tuple[kubernetes.KubernetesSd, ...] = ()
    kuma_sd_configs: tuple[registries.KumaSd, ...] = ()
    lightsail_sd_configs: tuple[aws.LightsailSd, ...] = ()
    linode_sd_configs: tuple[clouds.LinodeSd, ...] = ()
    marathon_sd_configs: tuple[registries.MarathonSd, ...] = ()
    nerve_sd_configs: tuple[registries.NerveSd, ...] = ()
    nomad_sd_configs: tuple[containers.NomadSd, ...] = ()
    oci_sd_configs: tuple[clouds.OciSd, ...] = ()
    openstack_sd_configs: tuple[clouds.OpenStackSd, ...] = ()
    outscale_sd_configs: tuple[clouds.OutscaleSd, ...] = ()
    ovhcloud_sd_configs: tuple[clouds.OvhCloudSd, ...] = ()
    puppetdb_sd_configs: tuple[registries.PuppetDbSd, ...] = ()
    scaleway_sd_configs: tuple[clouds.ScalewaySd, ...] = ()
    serverset_sd_configs: tuple[registries.ServersetSd, ...] = ()
    stackit_sd_configs: tuple[clouds.StackitSd, ...] = ()
    triton_sd_configs: tuple[registries.TritonSd, ...] = ()
    uyuni_sd_configs: tuple[registries.UyuniSd, ...] = ()
    vultr_sd_configs: tuple[clouds.VultrSd, ...] = ()

    def bad_addresses(self) -> list[tuple[int, int, str]]:
        """Static targets that are no addresses: group, place in the group, what is wrong.

        None when the part relabels: the address may still become a good one.
        """
        if getattr(self, "relabel_configs", ()):
            return []
        return [
            (group, place, fault)
            for group, written in enumerate(self.static_configs)
            for place, target in enumerate(written.targets)
            if (fault := address_fault(target))
        ]

    def kinds(self) -> list[str]:
        """The discovery keys in use."""
        return [name for name in Discovery.model_fields if getattr(self, name)]
