# Sourced. find_jdk prints the home of the newest JDK >= 21 among SHARDEX_JAVA_HOME, JAVA_HOME, the
# PATH and the usual install folders, or explains what is missing and returns 3. Between equals the
# first named wins. A SHARDEX_JAVA_HOME that is not taken is said on standard error.

jdk_major() { # home -> major version of a JDK (not of a JRE: javac must be there), or nothing
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  local line=''
  [ ! -r "$1/release" ] || line=$(grep -s '^JAVA_VERSION=' "$1/release" || true)
  [ -n "$line" ] || line=$("$1/bin/java" -version 2>&1 | head -n 1)
  line=${line#*\"}
  line=${line%%\"*}
  line=${line#1.}
  line=${line%%[!0-9]*}
  printf '%s' "$line"
}

usual_jdk_folders() { # the places installers use, one a line
  printf '%s\n' /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    "${HOME:-/nowhere}"/.sdkman/candidates/java/* "${HOME:-/nowhere}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home
}

find_jdk() {
  local best='' best_major=0 home major path_java asked=${SHARDEX_JAVA_HOME:-} said
  path_java=$(command -v javac || true)
  [ -z "$path_java" ] || path_java=$(dirname "$(dirname "$(readlink -f "$path_java")")")
  while IFS= read -r home; do
    [ -n "$home" ] && [ -d "$home" ] || continue
    major=$(jdk_major "$home")
    if [ -n "$major" ] && [ "$major" -gt "$best_major" ]; then
      best=$home
      best_major=$major
    fi
  done < <(printf '%s\n' "$asked" "${JAVA_HOME:-}" "$path_java" && usual_jdk_folders)
  if [ -n "$asked" ] && [ "$best" != "$asked" ]; then
    major=$(jdk_major "$asked")
    said="is JDK $major"
    [ -n "$major" ] || said="is no JDK (bin/java and bin/javac are not both there)"
    [ -z "$best" ] || said="$said; taking the newest found, $best_major in $best"
    echo "shardex: SHARDEX_JAVA_HOME=$asked $said" >&2
  fi
  if [ "$best_major" -lt 21 ]; then
    said="no JDK was found"
    [ "$best_major" -eq 0 ] || said="the newest JDK found is $best_major ($best)"
    echo "shardex: a JDK 21 or later is needed, but $said." >&2
    echo "  Install one (any vendor), or set SHARDEX_JAVA_HOME to its home." >&2
    return 3
  fi
  printf '%s\n' "$best"
}
