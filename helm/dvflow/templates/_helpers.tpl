{{- define "dvflow.selector" -}}
app.kubernetes.io/name: dvflow
app.kubernetes.io/component: {{ . }}
{{- end }}

{{- /* labels: dict "root" $ "component" name */}}
{{- define "dvflow.labels" -}}
{{ include "dvflow.selector" .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: dvflow
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- /* image: dict "root" $ "of" the values of one image */}}
{{- define "dvflow.image" -}}
{{- $name := printf "%s:%s" .of.repository (.of.tag | default .root.Chart.AppVersion) -}}
{{- with .root.Values.images.registry }}{{ . }}/{{ end }}{{ $name }}
{{- end }}

{{- define "dvflow.podDefaults" -}}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.placement.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.placement.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.placement.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "dvflow.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* How worker and bridge reach Temporal: the same variables that the `temporal` command takes. */}}
{{- define "dvflow.temporalEnv" -}}
{{- $external := .Values.temporal.external -}}
- name: TEMPORAL_ADDRESS
{{- if eq .Values.temporal.mode "embedded" }}
  value: {{ printf "dvflow-temporal.%s.svc:7233" .Release.Namespace }}
{{- else }}
  value: {{ required "temporal.external.address (host:port) is needed when temporal.mode is external" $external.address | quote }}
{{- end }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
{{- if eq .Values.temporal.mode "external" }}
{{- if or $external.tls.enabled $external.apiKey.secretName }}
- name: TEMPORAL_TLS
  value: "true"
{{- end }}
{{- if $external.tls.clientCertificate }}
- name: TEMPORAL_TLS_CLIENT_CERT_PATH
  value: /etc/dvflow/temporal-tls/tls.crt
- name: TEMPORAL_TLS_CLIENT_KEY_PATH
  value: /etc/dvflow/temporal-tls/tls.key
{{- end }}
{{- if $external.tls.ca }}
- name: TEMPORAL_TLS_SERVER_CA_CERT_PATH
  value: /etc/dvflow/temporal-tls/ca.crt
{{- end }}
{{- with $external.tls.serverName }}
- name: TEMPORAL_TLS_SERVER_NAME
  value: {{ . | quote }}
{{- end }}
{{- if $external.apiKey.secretName }}
- name: DVFLOW_TEMPORAL_API_KEY_FILE
  value: /etc/dvflow/temporal-api-key/{{ $external.apiKey.key }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The Secrets that reach Temporal, as files: volume name -> Secret name. */}}
{{- define "dvflow.temporalSecrets" -}}
{{- $external := .Values.temporal.external -}}
{{- if eq .Values.temporal.mode "external" }}
{{- if or $external.tls.clientCertificate $external.tls.ca }}
temporal-tls: {{ required "temporal.external.tls.secretName is needed for a client certificate or a CA" $external.tls.secretName }}
{{- end }}
{{- with $external.apiKey.secretName }}
temporal-api-key: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Where a browser finds the Web UI, or nothing when that can't be known. */}}
{{- define "dvflow.webUi" -}}
{{- if eq .Values.temporal.mode "external" -}}
{{- .Values.temporal.external.uiUrl -}}
{{- else if .Values.temporal.embedded.ui.url -}}
{{- .Values.temporal.embedded.ui.url -}}
{{- else if and (eq .Values.temporal.embedded.ui.service.type "NodePort") .Values.temporal.embedded.ui.service.nodePort -}}
{{- $address := "" -}}
{{- range (lookup "v1" "Node" "" "").items -}}
{{- range .status.addresses -}}
{{- if and (eq .type "InternalIP") (not $address) -}}{{- $address = .address -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- with $address }}{{ printf "http://%s:%v" . ($.Values.temporal.embedded.ui.service.nodePort | int) }}{{ end -}}
{{- end -}}
{{- end }}

{{- define "dvflow.httpProbes" -}}
startupProbe:
  httpGet: {path: /livez, port: health}
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /livez, port: health}
  periodSeconds: 10
  timeoutSeconds: 5
readinessProbe:
  httpGet: {path: /readyz, port: health}
  periodSeconds: 2
  timeoutSeconds: 5
{{- end }}

{{- /* A service account with what it may do: dict "root" $ "name" "component" "cluster" rules "own" rules in the release's namespace */}}
{{- define "dvflow.identity" -}}
{{- $labels := include "dvflow.labels" . -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  labels: {{- $labels | nindent 4 }}
{{- if .cluster }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .name }}
  labels: {{- $labels | nindent 4 }}
rules:
{{ .cluster | trim }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .name }}
  labels: {{- $labels | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .name }}
subjects:
  - {kind: ServiceAccount, name: {{ .name }}, namespace: {{ .root.Release.Namespace }}}
{{- end }}
{{- if .own }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  labels: {{- $labels | nindent 4 }}
rules:
{{ .own | trim }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  labels: {{- $labels | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
subjects:
  - {kind: ServiceAccount, name: {{ .name }}, namespace: {{ .root.Release.Namespace }}}
{{- end }}
{{- end }}
