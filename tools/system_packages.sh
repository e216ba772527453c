#!/usr/bin/env bash
# The originals and a browser from Debian, for the tests that ask them the same questions. Never fails: what is
# missing makes its tests skip, and they say so.
set -u
packages="prometheus prometheus-alertmanager prometheus-node-exporter prometheus-postgres-exporter prometheus-redis-exporter victoria-metrics chromium"
programs="prometheus promtool prometheus-alertmanager amtool prometheus-node-exporter victoria-metrics chromium"
missing=
for program in $programs; do command -v "$program" >/dev/null 2>&1 || missing="$missing $program"; done
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
  echo "system_packages: no apt-get as root here; tests that need these will skip:$missing" >&2
  exit 0
fi
# Debian starts servers when it installs them; the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && trap 'rm -f "$policy"' EXIT; fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages >/dev/null ||
  echo "system_packages: apt-get could not install everything; tests that need these will skip:$missing" >&2
exit 0
