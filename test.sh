#!/usr/bin/env bash
# Runs dvflow's tests, from the unit to the real cluster.
#
#   ./test.sh           everything
#   ./test.sh --fast    without the cluster: unit tests, and those on a real API server and a real Temporal server
#
# DVFLOW_KILL_ROWS (default 4, "all" for every row) and DVFLOW_KILL_SEED pick the rows of the kill and delete tables.
# DVFLOW_FORMAT_ROWS does for the formats, DVFLOW_HOSTILE_SEEDS for hostile images (default 1, the more the slower).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. hack/prerequisites.sh
. hack/java-home.sh

tiers=all
case "${1:-}" in
  "") ;;
  --fast) tiers=fast ;;
  *) echo "usage: $0 [--fast]" >&2; exit 2 ;;
esac

MAVEN=(mvn -B -ntp)
INSTANCE=${DVFLOW_TESTBED_NAME:-test}

require_commands mvn go python3 apt-get
require_packages qemu-utils e2fsprogs xfsprogs docker-registry squid-openssl gzip xz-utils zstd xorriso openssl nbdkit libnbd-bin python3-venv python3-dev gcc zsh libdeflate0

say "Binaries for the real servers"
DVFLOW_BIN=$(testbed/testbed binaries etcd kube-apiserver kubectl temporal versitygw fake-gcs-server)
DVFLOW_IMAGEIO=$(hack/ovirt-imageio)
export DVFLOW_BIN DVFLOW_IMAGEIO DVFLOW_REQUIRE_REAL=1

say "Unit tests, and tests on a real API server and a real Temporal server"
"${MAVEN[@]}" spotless:check verify

say "The chart renders and is complete"
helm/test

if [ "$tiers" = fast ]; then
  say "Fast tiers passed"
  exit 0
fi

say "The file server in pulled images"
(cd images/containerimage-server && go vet ./... && go test ./...)

say "The test CSI driver"
(cd testbed/csi && go test ./...)

say "The testbed"
testbed/test

say "A cluster with the chart on it"
cleanup() {
  local status=$?
  if [ "$status" -ne 0 ]; then
    hack/show-failure "$INSTANCE" || echo "(the cluster could not be asked)" >&2
  fi
  testbed/testbed --name "$INSTANCE" down
  exit "$status"
}
trap cleanup EXIT
testbed/testbed --name "$INSTANCE" up
eval "$(testbed/testbed --name "$INSTANCE" env)"
DVFLOW_VDDK=1 hack/install "$INSTANCE"

say "End to end"
DVFLOW_E2E=1 DVFLOW_TESTBED="$PWD/testbed/testbed --name $INSTANCE" \
  "${MAVEN[@]}" -pl e2e -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest='io.dvflow.e2e.**' test

say "All tests passed"
