#!/usr/bin/env bash
# From a clean clone to a disk that was imported and boots:
#
#   ./quickstart.sh          builds what is missing, starts a Kubernetes on this machine, installs dvflow on it,
#                            imports a small Linux disk and boots it
#   ./quickstart.sh --down   stops the cluster and removes everything but the caches
#
# Run it again at any time: what is built and running is used as it is.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. hack/prerequisites.sh

INSTANCE=quickstart
DISK=first-disk
DISK_SIZE=160Mi
# Slow enough to watch; dvflow opens several connections.
SERVER_BYTES_PER_SECOND=4000000
WORK=${DVFLOW_CACHE:-$HOME/.cache/dvflow}/quickstart
LOGS=$WORK/logs
SERVED=$WORK/served

declare -A JOBS=()

main() {
  case "${1:-}" in
    "") bring_up ;;
    --down) take_down ;;
    *) echo "usage: $0 [--down]" >&2; exit 2 ;;
  esac
}

bring_up() {
  check_machine
  mkdir -p "$LOGS" "$SERVED"
  say "Building and starting everything (logs in $LOGS)"
  start base "Debian base of the images" images/build --base
  start jars "dvflow itself (Maven)" build_jars
  start cluster "Kubernetes (Go), the testbed" testbed/testbed --name "$INSTANCE" up
  start disk "a small Linux disk" make_disk
  finish_all

  eval "$(testbed/testbed --name "$INSTANCE" env)"
  say "Installing dvflow on the cluster"
  start install "images, and the Helm chart" hack/install "$INSTANCE"
  finish_all

  serve_disk
  import_disk
  read_volume_back
  say "Booting what is in the volume now"
  quickstart/boot-disk "$WORK/volume.raw" "$(cat "$WORK/mark")"
  tell_what_to_try
}

check_machine() {
  require_commands mvn go python3 apt-get
  . hack/java-home.sh
  if [ "$(id -u)" -ne 0 ]; then
    echo "Run this as root: a Kubernetes node needs namespaces, mounts and control groups." >&2
    exit 3
  fi
  require_packages buildah mmdebstrap qemu-utils qemu-system-x86 seabios cpio kmod e2fsprogs liblzma5 \
    "$(libdevmapper)"
}

# GRUB's image maker is linked with it; its name carries a version that differs between Debian releases.
libdevmapper() {
  apt-cache depends grub-common | awk '/Depends: libdevmapper/ {print $2; exit}' | grep . || echo libdevmapper1.02.1
}

# start NAME WHAT COMMAND...: in the background, output to a log.
start() {
  local name=$1
  printf '   %s  ... %s\n' "$(elapsed)" "$2"
  "${@:3}" >"$LOGS/$name.log" 2>&1 &
  JOBS[$name]=$!
}

# Waits for all that was started, says how each went, and what the longest ones are doing meanwhile.
finish_all() {
  local name said=$SECONDS
  while [ "${#JOBS[@]}" -gt 0 ]; do
    for name in "${!JOBS[@]}"; do
      if ! kill -0 "${JOBS[$name]}" 2>/dev/null; then
        finish "$name"
      fi
    done
    if [ $((SECONDS - said)) -ge 15 ]; then
      for name in "${!JOBS[@]}"; do
        printf '   %s  ... %s%s\n' "$(elapsed)" "$name" "$(last_line "$LOGS/$name.log")"
      done
      said=$SECONDS
    fi
    sleep 0.3
  done
}

last_line() {
  grep -v -e '^WARNING' -e '^\[INFO\] -*$' -e '^$' "$1" | tail -n 1 | sed 's/^\[INFO\] */: /; t; s/^/: /' | cut -c1-100
}

finish() {
  local name=$1 pid=${JOBS[$1]}
  unset "JOBS[$name]"
  if wait "$pid"; then
    printf '   %s  ok  %s\n' "$(elapsed)" "$name"
    return
  fi
  printf '   %s  FAILED  %s; the end of %s:\n' "$(elapsed)" "$name" "$LOGS/$name.log" >&2
  tail -n 40 "$LOGS/$name.log" >&2
  for pid in "${JOBS[@]}"; do kill "$pid" 2>/dev/null || true; done
  exit 1
}

# What runs, and not its tests: those are test.sh's.
build_jars() {
  mvn -B -ntp package -Dmaven.test.skip=true -am \
    -pl worker,k8s-bridge,gateway,data-plane,starter,testbed/http-server
}

# A new one each time, so that the line on its console cannot come from an earlier run.
make_disk() {
  local mark
  mark="dvflow: this Linux was booted from an imported disk ($(date -u +%Y-%m-%dT%H:%M:%SZ), $RANDOM$RANDOM)"
  quickstart/make-disk "$WORK/source.raw" "$SERVED/linux.qcow2" "$mark"
  printf '%s' "$mark" >"$WORK/mark"
}

serve_disk() {
  local pid
  stop_server
  "$JAVA_HOME/bin/java" -Xmx64m -jar testbed/http-server/target/http-server.jar --root "$SERVED" \
    --bind "$DVFLOW_HOST_IP" --rate "$SERVER_BYTES_PER_SECOND" >"$LOGS/server.log" 2>&1 &
  pid=$!
  disown
  echo "$pid" >"$WORK/server.pid"
  # It takes a free port and says which.
  until URL=$(sed -n 's/^Serving .* at \(http.*\)$/\1linux.qcow2/p' "$LOGS/server.log" | grep .); do
    kill -0 "$pid" 2>/dev/null || { echo "The HTTP server ended:" >&2; cat "$LOGS/server.log" >&2; exit 1; }
    sleep 0.2
  done
}

# Only if the process is still the one that was started here.
stop_server() {
  local pid
  pid=$(cat "$WORK/server.pid" 2>/dev/null) || return 0
  if { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q "http-server.jar --root $SERVED"; then
    kill "$pid"
    tail --pid="$pid" -f /dev/null
  fi
  rm -f "$WORK/server.pid"
}

import_disk() {
  kubectl delete pod reader --ignore-not-found --wait --grace-period=0 >/dev/null 2>&1
  kubectl delete datavolume "$DISK" --ignore-not-found --wait >/dev/null
  say "Importing $(du -h "$SERVED/linux.qcow2" | cut -f1) of qcow2 from $URL"
  echo "   dvflow import $DISK --url $URL --size $DISK_SIZE"
  bin/dvflow import "$DISK" --url "$URL" --size "$DISK_SIZE" --access-mode ReadWriteOnce --volume-mode Filesystem
  kubectl get datavolume,pvc --field-selector metadata.name="$DISK"
}

# A pod that mounts the claim, and cat: no code of dvflow takes part.
read_volume_back() {
  say "Comparing the volume with the source, byte by byte"
  kubectl apply -f - >/dev/null <<POD
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  securityContext: {runAsUser: 107, runAsGroup: 107, fsGroup: 107}
  containers:
    - name: reader
      image: $(kubectl -n cdi get deployment dvflow-worker -o jsonpath='{.spec.template.spec.containers[0].image}')
      command: [sleep, infinity]
      volumeMounts: [{name: disk, mountPath: /disk, readOnly: true}]
  volumes:
    - name: disk
      persistentVolumeClaim: {claimName: $DISK}
POD
  kubectl wait --for=condition=Ready pod/reader --timeout=60s >/dev/null
  kubectl exec reader -- cat /disk/disk.img | dd of="$WORK/volume.raw" bs=1M iflag=fullblock conv=sparse status=none
  kubectl delete pod reader --wait=false >/dev/null
  # What is wanted, by a program that knows nothing of dvflow; the volume is larger, and zero from there on.
  qemu-img convert -f qcow2 -O raw "$SERVED/linux.qcow2" "$WORK/wanted.raw"
  truncate -s "$(stat -c %s "$WORK/volume.raw")" "$WORK/wanted.raw"
  cmp "$WORK/wanted.raw" "$WORK/volume.raw"
  rm -f "$WORK/wanted.raw"
  echo "   the same, all $(stat -c %s "$WORK/volume.raw") bytes"
}

tell_what_to_try() {
  say "Done"
  cat <<TEXT

Temporal Web UI   http://$DVFLOW_NODE_IP:30233   (the import just made is its newest workflow)
kubeconfig        export KUBECONFIG=$KUBECONFIG
commands          export PATH=$PWD/bin:$(testbed/testbed --name "$INSTANCE" bin):\$PATH

Three things to try:
  1. See what happened, step by step:          dvflow status $DISK
  2. Import again and kill what does the work: dvflow import second --url $URL --size $DISK_SIZE \\
       --access-mode ReadWriteOnce --no-wait; kubectl -n cdi delete pod --all; dvflow watch second
  3. Pause one half-way and go on later:       dvflow import third --url $URL --size $DISK_SIZE \\
       --access-mode ReadWriteOnce --no-wait; dvflow pause third; dvflow status third; dvflow resume third

./quickstart.sh --down removes it all again.
TEXT
}

take_down() {
  stop_server
  testbed/testbed --name "$INSTANCE" down
  rm -rf "$WORK"
}

main "$@"
