# Sourced. What the two commands of the README expect of the machine; everything else they install themselves.

require_commands() {
  local missing=() command
  for command in "$@"; do
    command -v "$command" >/dev/null || missing+=("$command")
  done
  if [ "${#missing[@]}" -gt 0 ]; then
    echo "Missing on this machine: ${missing[*]}. dvflow's commands expect a JDK 25, Maven, Go, Python 3 and apt." >&2
    exit 3
  fi
}

# Installs Debian packages that are not there yet.
require_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "These Debian packages are missing and only root can install them: ${missing[*]}" >&2
    exit 3
  fi
  echo "Installing Debian packages: ${missing[*]}"
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
}

STARTED_AT=$SECONDS

# "12m34s" since this file was sourced.
elapsed() {
  printf '%dm%02ds' $(((SECONDS - STARTED_AT) / 60)) $(((SECONDS - STARTED_AT) % 60))
}

say() {
  printf '\n== %s  %s\n' "$(elapsed)" "$*"
}
