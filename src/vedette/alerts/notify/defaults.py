"""The definitions that notification templates start from. A file of ``templates`` replaces any of them by its name.

The names are public: people's own templates build on them.
"""

COMMON = """
{{- define "__alertmanager" }}Alertmanager{{ end -}}

{{- define "__alertmanagerURL" -}}
  {{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}
{{- end -}}

{{- define "__subject" -}}
  {{- $grouped := .GroupLabels.SortedPairs.Values | join " " -}}
  [{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ len .Alerts.Firing }}{{ end }}] {{ $grouped }}{{ " " -}}
  {{- if gt (len .CommonLabels) (len .GroupLabels) -}}
    {{- $others := .CommonLabels.Remove .GroupLabels.Names -}}
    ({{ join " " $others.Values }})
  {{- end -}}
{{- end -}}

{{- define "__description" }}{{ end -}}

{{- define "__text_alert_list" -}}
  {{- range . -}}
    Labels:
    {{- range .Labels.SortedPairs }}{{ printf "\\n - %s = %s" .Name .Value }}{{ end }}
Annotations:
    {{- range .Annotations.SortedPairs }}{{ printf "\\n - %s = %s" .Name .Value }}{{ end }}
Source: {{ .GeneratorURL }}
{{ end -}}
{{- end -}}
"""

SLACK = """
{{- define "slack.default.title" }}{{ template "__subject" . }}{{ end -}}
{{- define "slack.default.username" }}{{ template "__alertmanager" . }}{{ end -}}
{{- define "slack.default.fallback" }}{{ template "slack.default.title" . }} | {{ template "slack.default.titlelink" . }}{{ end -}}
{{- define "slack.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end -}}
{{- define "slack.default.callbackid" }}{{ end -}}
{{- define "slack.default.pretext" }}{{ end -}}
{{- define "slack.default.iconemoji" }}{{ end -}}
{{- define "slack.default.iconurl" }}{{ end -}}
{{- define "slack.default.text" }}{{ end -}}
{{- define "slack.default.footer" }}{{ end -}}
"""

PAGERDUTY = """
{{- define "pagerduty.default.description" }}{{ template "__subject" . }}{{ end -}}
{{- define "pagerduty.default.client" }}{{ template "__alertmanager" . }}{{ end -}}
{{- define "pagerduty.default.clientURL" }}{{ template "__alertmanagerURL" . }}{{ end -}}
{{- define "pagerduty.default.instances" }}{{ template "__text_alert_list" . }}{{ end -}}
"""

EMAIL = """
{{- define "email.default.subject" }}{{ template "__subject" . }}{{ end -}}

{{- define "__email_pairs" -}}
  {{- range .SortedPairs }}
        <tr><td style="padding:2px 12px 2px 0;color:#666;white-space:nowrap">{{ .Name }}</td><td style="padding:2px 0">{{ .Value }}</td></tr>
  {{- end -}}
{{- end -}}

{{- define "__email_alert" }}
    <tr><td style="padding:14px 24px;border-top:1px solid #e4e4e4">
      <table cellpadding="0" cellspacing="0" style="font-size:14px">
        <tr><td colspan="2" style="padding-bottom:4px"><strong>Labels</strong></td></tr>
        {{- template "__email_pairs" .Labels }}
        {{- if .Annotations }}
        <tr><td colspan="2" style="padding:8px 0 4px"><strong>Annotations</strong></td></tr>
        {{- template "__email_pairs" .Annotations }}
        {{- end }}
      </table>
      {{- if .GeneratorURL }}
      <p style="margin:8px 0 0"><a href="{{ .GeneratorURL }}">Source</a></p>
      {{- end }}
    </td></tr>
{{- end -}}

{{- define "email.default.html" -}}
<!DOCTYPE html>
<html>
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>{{ template "email.default.subject" . }}</title>
</head>
<body style="margin:0;padding:24px 8px;background:#f4f4f4;font-family:Helvetica,Arial,sans-serif;font-size:14px;color:#222">
  <table align="center" width="600" cellpadding="0" cellspacing="0" style="background:#fff;border:1px solid #e4e4e4;border-radius:4px">
    {{- if eq .Status "firing" }}
    <tr><td style="background:#d6402f;color:#fff;padding:18px 24px;font-size:17px;border-radius:4px 4px 0 0">
    {{- else }}
    <tr><td style="background:#3f8f4b;color:#fff;padding:18px 24px;font-size:17px;border-radius:4px 4px 0 0">
    {{- end }}
      {{ len .Alerts }} alert{{ if ne (len .Alerts) 1 }}s{{ end }} for
      {{- range .GroupLabels.SortedPairs }} {{ .Name }}={{ .Value }}{{ end }}
    </td></tr>
    <tr><td style="padding:18px 24px">
      <a href="{{ template "__alertmanagerURL" . }}" style="background:#2f6fd6;color:#fff;padding:8px 14px;border-radius:3px;text-decoration:none">View in {{ template "__alertmanager" . }}</a>
    </td></tr>
    {{- with .Alerts.Firing }}
    <tr><td style="padding:6px 24px;font-size:16px"><strong>[{{ len . }}] Firing</strong></td></tr>
    {{- range . }}{{ template "__email_alert" . }}{{ end }}
    {{- end }}
    {{- with .Alerts.Resolved }}
    <tr><td style="padding:14px 24px 6px;font-size:16px;border-top:1px solid #e4e4e4"><strong>[{{ len . }}] Resolved</strong></td></tr>
    {{- range . }}{{ template "__email_alert" . }}{{ end }}
    {{- end }}
    <tr><td style="padding:16px 24px;color:#888;font-size:12px">
      <a href="{{ .ExternalURL }}" style="color:#888">Sent by {{ template "__alertmanager" . }}</a>
    </td></tr>
  </table>
</body>
</html>
{{ end -}}
"""

FILES = {"common.tmpl": COMMON, "slack.tmpl": SLACK, "pagerduty.tmpl": PAGERDUTY, "email.tmpl": EMAIL}
