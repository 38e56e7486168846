# What the tables made of tests on a cluster share. To be sourced with the instance and the output file as arguments.
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
. hack/java-home.sh
instance=${1:?name of a testbed instance}
output=${2:?file to write}
eval "$(testbed/testbed --name "$instance" env)"
DVFLOW_BIN=$(testbed/testbed binaries etcd kube-apiserver kubectl temporal versitygw fake-gcs-server)
export DVFLOW_BIN DVFLOW_REQUIRE_REAL=1 DVFLOW_E2E=1 DVFLOW_TESTBED="$PWD/testbed/testbed --name $instance"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Runs these test classes; their exit code is in status.
run_tests() {
  tests=$1
  status=0
  mvn -B -ntp -pl e2e -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest="$tests" test | tee "$log" || status=$?
}

# The rows that they printed under this name, as rows of a table.
rows() {
  sed -n "s/.*$1 | //p" "$log" | sed 's/^/| /; s/$/ |/'
}

# What became of the tests.
verdict() {
  grep -E "Tests run:.*(${tests//,/|})" "$log" | sed -E 's/.*(Tests run: [^T]*).*in (.*)/- \2: \1/'
}

# Writes standard input down, and ends as the tests did.
write_down() {
  mkdir -p "$(dirname "$output")"
  cat >"$output"
  echo "Wrote $output"
  exit "$status"
}
