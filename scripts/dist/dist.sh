# shellcheck shell=bash
# ./finemem dist: the archive that is installed on machines, which need a Java 17 and nothing else of this tree.

dist_help() {
  cat <<'HELP'
usage: ./finemem dist [--output DIRECTORY]

Makes finemem-VERSION.tar.gz (programs, libraries, configuration, systemd units, Dockerfile, Kubernetes manifest,
documents) and finemem-VERSION-maven.tar.gz (a Maven repository of all artifacts with their sources and javadoc).

  --output DIRECTORY   where they go (default: target/dist)

The same sources give the same bytes of the first.
HELP
}

dist_main() {
  local output=$FINEMEM_ROOT/target/dist
  while (($# > 0)); do
    case $1 in
      --help | -h) dist_help && exit 0 ;;
      --output) (($# >= 2)) || usage_error 'dist: --output wants a value' && output=$2 && shift ;;
      --output=*) output=${1#*=} ;;
      *) usage_error "dist: unknown argument '$1' (./finemem dist --help)" ;;
    esac
    shift
  done
  mkdir -p -- "$output" 2>/dev/null && [[ -w $output ]] || fail "the directory $output cannot be written: choose another"
  output=$(cd -- "$output" && pwd -P)
  java_find
  require_tools 'the archive' mvn=maven
  dist_build
}

dist_version() { sed -n 's|.*<version>\(.*\)</version>.*|\1|p' "$FINEMEM_ROOT/pom.xml" | head -n 1; }

# dist_stage: sets DIST_STAGE, a directory that goes with this shell.
dist_stage() {
  DIST_STAGE=$(mktemp -d)
  at_exit "rm -rf -- $(quote "$DIST_STAGE")"
}

# dist_program_archive DIRECTORY: the archive of the program; prints its path.
dist_program_archive() {
  local name
  name=finemem-$(dist_version)
  dist_stage
  dist_program "$DIST_STAGE/$name"
  dist_archive "$DIST_STAGE" "$name" "$1/$name.tar.gz"
}

dist_build() {
  runtime_build
  dist_program_archive "$output"
  say 'dist: sources and javadoc (Maven)'
  dist_stage
  # The plug-in looks at names and options only: it would keep the javadoc of sources that have changed since.
  rm -f -- "$FINEMEM_ROOT"/*/target/maven-javadoc-plugin-stale-data.txt
  # Snapshots get a time in their names.
  maven -Dmaven.test.skip=true -Dspotless.check.skip=true -Ppublish \
    "-DaltDeploymentRepository=stage::default::file://$DIST_STAGE/maven" -pl bom,tck,runtime -am deploy || {
    maven_errors
    fail "the build failed; the whole log is $FINEMEM_STATE/maven.log"
  }
  dist_archive "$DIST_STAGE" maven "$output/finemem-$(dist_version)-maven.tar.gz"
}

dist_program() {
  local to=$1 jar jars
  mkdir -p "$to"/{bin,lib}
  cp -r "$FINEMEM_ROOT"/packaging/{conf,systemd,docker,kubernetes} "$FINEMEM_ROOT"/{docs,LICENSE,CHANGELOG.md} "$to/"
  cp "$FINEMEM_ROOT"/packaging/bin/* "$FINEMEM_ROOT/scripts/lib/flags.sh" "$to/bin/"
  IFS=: read -r -a jars <<<"$RUNTIME_CLASS_PATH"
  for jar in "${jars[@]}"; do cp -- "$jar" "$to/lib/"; done
  dist_native "$to/lib"
}

# dist_native LIB: native libraries of its jars as files, for machines whose directory for temporary files runs no programs.
dist_native() {
  local jffi jline
  jffi=$(compgen -G "$1/jffi-*-native.jar") && jline=$(compgen -G "$1/jline-native-*.jar") ||
    fail 'dist: the class path has no native libraries'
  dist_native_library "$jffi" jni/x86_64-Linux/libjffi-1.2.so "$1/native/x86_64"
  dist_native_library "$jffi" jni/aarch64-Linux/libjffi-1.2.so "$1/native/aarch64"
  dist_native_library "$jline" org/jline/nativ/Linux/x86_64/libjlinenative.so "$1/native/x86_64"
  dist_native_library "$jline" org/jline/nativ/Linux/arm64/libjlinenative.so "$1/native/aarch64"
}

# dist_native_library JAR ENTRY DIRECTORY
dist_native_library() {
  mkdir -p "$DIST_STAGE/jar" "$3"
  (cd "$DIST_STAGE/jar" && "$JAVA_HOME/bin/jar" --extract --file "$1" "$2")
  mv -- "$DIST_STAGE/jar/$2" "$3/" || fail "dist: $1 has no $2"
}

# dist_archive DIRECTORY NAME FILE: no times, owners or order that differ from run to run.
dist_archive() {
  tar -C "$1" --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime='2026-11-22 00:00Z' -cf - "$2" |
    gzip -9n >"$3.new"
  mv "$3.new" "$3"
  echo "$3"
}
