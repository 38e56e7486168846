# Sourced. Sets JAVA_HOME to a JDK 25 or later, or says that there is none.

java_major() {
  "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
}

find_java_home() {
  local candidate
  for candidate in "${JAVA_HOME:-}" $(command -v javac >/dev/null && dirname "$(dirname "$(readlink -f "$(command -v javac)")")") \
    /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if [ -x "$candidate/bin/javac" ] && [ "$(java_major "$candidate")" -ge 25 ] 2>/dev/null; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

if ! JAVA_HOME=$(find_java_home); then
  echo "dvflow needs a JDK 25 or later (found none in JAVA_HOME, on PATH or in the usual places)." >&2
  echo "Install one, for example Temurin 25, and set JAVA_HOME to it." >&2
  exit 3
fi
export JAVA_HOME
export PATH="$JAVA_HOME/bin:$PATH"
