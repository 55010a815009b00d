# Sourced. find_jdk prints the home of the newest JDK >= 21 among SHARDEX_JAVA_HOME, JAVA_HOME, the
# PATH and the usual install folders, or explains what is missing and returns 1.

jdk_major() { # home -> major version of a JDK (not of a JRE: javac must be there), or nothing
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  local line
  line=$(grep -s '^JAVA_VERSION=' "$1/release" || "$1/bin/java" -version 2>&1 | head -n 1)
  line=${line#*\"}
  line=${line%%\"*}
  line=${line#1.}
  line=${line%%[!0-9]*}
  printf '%s' "$line"
}

find_jdk() {
  local best='' best_major=0 home major path_java
  path_java=$(command -v javac || true)
  [ -z "$path_java" ] || path_java=$(dirname "$(dirname "$(readlink -f "$path_java")")")
  for home in "${SHARDEX_JAVA_HOME:-}" "${JAVA_HOME:-}" "$path_java" \
    /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$home" ] && [ -d "$home" ] || continue
    major=$(jdk_major "$home")
    if [ -n "$major" ] && [ "$major" -gt "$best_major" ]; then
      best=$home
      best_major=$major
    fi
  done
  if [ "$best_major" -lt 21 ]; then
    local found="no JDK was found"
    [ "$best_major" -eq 0 ] || found="the newest JDK found is $best_major ($best)"
    echo "shardex: a JDK 21 or later is needed, but $found. Install one (any vendor) or set SHARDEX_JAVA_HOME to its home." >&2
    return 1
  fi
  printf '%s\n' "$best"
}
