# shellcheck shell=bash disable=SC2034
# The JDK, Maven, the build of what is stale, and JVMs that start fast.

FINEMEM_STATE=$FINEMEM_ROOT/target/finemem

# Sets JAVA_HOME (exported) and JAVA_MAJOR: the user's JAVA_HOME, the JDK on the PATH, any in /usr/lib/jvm, or Debian's.
java_find() {
  if [[ -n ${JAVA_HOME:-} ]]; then
    java_usable "$JAVA_HOME" || fail "JAVA_HOME=$JAVA_HOME is no JDK 17 or later: set it to one, or unset it"
    return
  fi
  java_find_installed && return
  install_packages 'Java' default-jdk-headless
  java_find_installed || fail "no JDK 17 or later, and this distribution's default-jdk-headless is older: set JAVA_HOME"
}

java_find_installed() {
  local candidate on_path=''
  ! have javac || on_path=$(dirname -- "$(dirname -- "$(readlink -f -- "$(command -v javac)")")")
  for candidate in "$on_path" /usr/lib/jvm/*; do
    if [[ -n $candidate ]] && java_usable "$candidate"; then
      export JAVA_HOME=$candidate
      return
    fi
  done
  return 1
}

# shellcheck source=scripts/lib/flags.sh
source "$FINEMEM_ROOT/scripts/lib/flags.sh"

# java_flags: the flags of every FineMem JVM, one per line; in a guest those for a short life on a slow machine.
java_flags() {
  java_common_flags
  [[ -z ${FINEMEM_IN_GUEST:-} ]] || java_guest_flags
}

java_guest_flags() {
  printf '%s\n' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m
  # An archive at another address is rewritten as a whole: three seconds of user-mode Linux.
  printf '%s\n' -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0
  # User-mode Linux does not keep wider vector registers over signals.
  [[ ${FINEMEM_GUEST_ENGINE:-} != uml ]] || printf '%s\n' -XX:UseAVX=2
  [[ ! -f ${FINEMEM_CLASS_ARCHIVE:-} ]] || printf '%s\n' "-XX:SharedArchiveFile=$FINEMEM_CLASS_ARCHIVE"
}

# maven ARGUMENT...: offline first; online only if something has to be fetched. The log is $FINEMEM_STATE/maven.log.
maven() {
  local log=$FINEMEM_STATE/maven.log
  require_tools 'the build' mvn=maven
  mkdir -p "$FINEMEM_STATE"
  maven_run "$log" -o "$@" && return
  grep -qiE 'offline|could not be resolved|Cannot access' "$log" || return 1
  say 'fetching libraries with Maven'
  maven_run "$log" "$@"
}

maven_run() {
  local log=$1
  shift
  (cd "$FINEMEM_ROOT" && mvn -q -B -ntp -Dstyle.color=never "$@") </dev/null >"$log" 2>&1
}

maven_errors() {
  local log=$FINEMEM_STATE/maven.log
  { grep '^\[ERROR\]' "$log" | grep -vE '\[Help|Maven|mvn <args>|^\[ERROR\] *$' | head -n 20 | grep . ||
    tail -n 20 "$log"; } >&2
}

# The command line's jars: built when a source is newer than the last build. Sets RUNTIME_CLASS_PATH.
runtime_build() {
  java_find
  if [[ -z ${FINEMEM_IN_GUEST:-} ]] && runtime_stale; then
    mkdir -p "$FINEMEM_STATE"
    exec 9>"$FINEMEM_STATE/build.lock"
    flock 9
    ! runtime_stale || runtime_build_now
    exec 9>&-
  fi
  RUNTIME_CLASS_PATH=$(cat "$FINEMEM_STATE/runtime.classpath" 2>/dev/null) ||
    fail "FineMem is not built: run ./finemem doctor outside of the guest first"
}

runtime_stale() {
  local stamp=$FINEMEM_STATE/runtime.classpath entry entries
  [[ -f $stamp ]] || return 0
  IFS=: read -r -a entries <"$stamp"
  for entry in "${entries[@]}"; do
    [[ -f $entry ]] || return 0
  done
  [[ -n $(find "$FINEMEM_ROOT/pom.xml" "$FINEMEM_ROOT"/*/pom.xml "$FINEMEM_ROOT"/*/src/main \
    -newer "$stamp" -print -quit 2>/dev/null) ]]
}

# The class path file is the stamp; it gets the time at which the build began.
runtime_build_now() {
  local begun=$FINEMEM_STATE/runtime.classpath.new
  say 'building (Maven)'
  : >"$begun"
  maven -Dmaven.test.skip=true -Dspotless.check.skip=true -DincludeScope=runtime \
    -Dmdep.outputFile=target/runtime.classpath -pl runtime -am package dependency:build-classpath || {
    maven_errors
    rm -f "$begun"
    fail "the build failed; the whole log is $FINEMEM_STATE/maven.log"
  }
  local time
  time=$(stat -c %Y "$begun")
  echo "$(module_jar runtime):$(<"$FINEMEM_ROOT/runtime/target/runtime.classpath")" >"$begun"
  touch -d "@$time" "$begun"
  mv "$begun" "$FINEMEM_STATE/runtime.classpath"
}

# module_jar DIRECTORY: the jar that the module's package phase makes.
module_jar() {
  local version artifact
  version=$(sed -n 's|.*<version>\(.*\)</version>.*|\1|p' "$FINEMEM_ROOT/pom.xml" | head -n 1)
  artifact=$(sed -n 's|.*<artifactId>\(finemem-.*\)</artifactId>.*|\1|p' "$FINEMEM_ROOT/$1/pom.xml" |
    grep -vx finemem-parent | head -n 1)
  echo "$FINEMEM_ROOT/$1/target/$artifact-$version.jar"
}

# class_archive NAME CLASS_PATH: the path of a class-data archive with all classes of CLASS_PATH, made on the host for
# JVMs in a guest when the jars or the JDK are new. Without an archive those JVMs are slower, nothing else.
class_archive() {
  local name=$1 class_path=$2 key archive
  key=$({
    cat "$JAVA_HOME/release"
    tr ':\n' '\0' <<<"$class_path" | xargs -0 stat -c '%n %s %Y'
  } | sha256sum | cut -c1-16)
  archive=$FINEMEM_STATE/archives/$name-$key.jsa
  [[ -f $archive ]] || class_archive_make "$name" "$class_path" "$archive" || say "no class-data archive for $name"
  echo "$archive"
}

class_archive_make() {
  local new flags
  mkdir -p "$FINEMEM_STATE/archives"
  rm -f "$FINEMEM_STATE/archives/$1-"*
  new=$(mktemp -u "$FINEMEM_STATE/archives/new.XXXXXX")
  mapfile -t flags < <(java_flags)
  "$JAVA_HOME/bin/java" "${flags[@]}" -XX:+UseSerialGC -XX:ArchiveClassesAtExit="$new" -Xlog:cds=off \
    -Xlog:cds+dynamic=off -cp "$2" "$FINEMEM_ROOT/scripts/java/ArchiveTraining.java" \
    </dev/null >"$FINEMEM_STATE/archive.log" 2>&1 && mv "$new" "$3"
}
