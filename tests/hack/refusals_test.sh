#!/usr/bin/env bash
# What cannot work is refused before anything is built or made, by one sentence with the remedy.
. "$(dirname "$0")/checks.sh"

nobody() { program id <<<'echo 1000'; }
answering() { program kubectl </dev/null; }
nothing_was_begun() {
  does_not_say 'ended with'
  does_not_say 'built in'
  has_not_asked docker\ build
}

labels() {
  run "$hack/test.sh" unit nonsense
  gives_up_saying "there are no tests 'nonsense'"
  nothing_was_begun
}
reports() {
  : >"$here/file"
  export ARTIFACTS=$here/file/artifacts
  run "$hack/test.sh" unit
  gives_up_saying "reports cannot be written to $ARTIFACTS"
  nothing_was_begun
}
builds() {
  : >"$here/file"
  export BUILD_DIR=$here/file/build
  run "$hack/build.sh"
  gives_up_saying "the build cannot be written to $BUILD_DIR"
  nothing_was_begun
}
root_for_a_cluster() {
  export CLUSTER_ENGINE=local
  nobody
  local verb
  for verb in check create destroy; do
    run "$hack/cluster.sh" $verb
    gives_up_saying 'the local cluster needs root'
    nothing_was_begun
  done
  run "$hack/demo.sh" down
  gives_up_saying 'the local cluster needs root'
}
ports() {
  export CLUSTER_ENGINE=local API_PORT=nonsense
  program id <<<'echo 0'
  program unshare </dev/null
  run "$hack/cluster.sh" check
  gives_up_saying 'port nonsense of 127.0.0.1 is taken or not a port: set API_PORT to a free one'
  nothing_was_begun
}
disk() {
  program dpkg-query <<<'for package; do echo "$package installed"; done' # nothing is to be installed
  program df <<<'printf "Filesystem 1024-blocks Used Available Capacity Mounted\n/dev/x 9 9 1048576 100%% /\n"'
  export BUILD_DIR=$here/build
  run "$hack/install-deps.sh" build
  gives_up_saying "the C++ build needs 2 GiB of disk at $here/build, and 1 GiB are free"
  # One disk without the room, the others with it.
  program df <<END
room=104857600; [[ "\$*" != *" $here/small"* && "\$*" != *" /var/cache"* ]] || room=9
printf "Filesystem 1024-blocks Used Available Capacity Mounted\n/dev/x 9 9 \$room 100%% /\n"
END
  mkdir "$here/small"
  CCACHE_DIR=$here/small run "$hack/install-deps.sh" build
  gives_up_saying "the compiler's cache needs 2 GiB of disk at $here/small, and 0 GiB are free: make room, or point CCACHE_DIR at a larger disk"
  program dpkg-query </dev/null # all is to be installed
  program id <<<'echo 0'
  program apt-get </dev/null
  run "$hack/install-deps.sh" build
  gives_up_saying 'downloading packages needs 1 GiB of disk at /var/cache/apt, and 0 GiB are free: make room.'
  has_not_asked apt-get
  run "$hack/install-deps.sh" nonsense
  gives_up_saying "there is no group 'nonsense'"
}
packages_without_root() {
  program dpkg-query </dev/null # all is to be installed
  program apt-get </dev/null
  nobody
  run "$hack/install-deps.sh" build
  gives_up_saying "missing packages can only be installed by root: run 'make deps' as root"
  has_not_asked apt-get
}
disks_of_the_first_build() { # Go's cache is its own, wherever ours is
  program dpkg-query <<<'for package; do echo "$package installed"; done'
  mkdir "$here/go"
  program go <<<"[ \"\$*\" != 'env GOCACHE' ] || echo $here/go"
  program df <<END
disk=/dev/large room=104857600; [[ "\$*" != *" $here/go"* ]] || { disk=/dev/small; room=\$small; }
printf "Filesystem 1024-blocks Used Available Capacity Mounted\n\$disk 9 9 \$room 100%% /\n"
END
  small=8388608 run "$hack/install-deps.sh" cluster
  gives_up_saying "compiling the Kubernetes programs needs 9 GiB of disk at $here/go, and 8 GiB are free: make room, or point GOCACHE at a larger disk"
}
archives() { # of cloud images, which name a file of mirrors; and of fixes, wherever they are
  local PATH=$PROMPTSALES_CACHE/tools/bin:$PATH
  printf 'http://mirror.example/debian\tpriority:1\nhttp://other.example/debian\n' >"$here/debian.list"
  program apt-get <<<"printf '%s\n' mirror+file:$here/debian.list/ http://fixes.example/debian-security/ http://mine.example/packages/"
  run "$hack/debs.sh" --uri
  [ "$said" = http://mirror.example/debian ] || wrong "that is not the archive"
  run "$hack/debs.sh" --security-uri
  [ "$said" = http://fixes.example/debian-security/ ] || wrong "that is not the archive of fixes"
  program apt-get <<<'echo http://mirror.example/debian/'
  run "$hack/debs.sh" --security-uri
  [ "$said" = http://mirror.example/debian-security ] || wrong "fixes are not beside the archive"
  program apt-get <<<'echo http://mine.example/packages/'
  run "$hack/debs.sh" trixie "$here/somewhere" etcd-server
  gives_up_saying 'apt on this machine has no Debian archive among its sources'
}
engines() {
  export CLUSTER_ENGINE=docker
  run "$hack/cluster.sh" check
  gives_up_saying "CLUSTER_ENGINE is 'docker', which is none of local, kind, k3d, existing"
}
names() {
  export CLUSTER_NAME=Not_A_Name
  run "$hack/cluster.sh" check
  gives_up_saying "CLUSTER_NAME 'Not_A_Name' is not usable"
}
kubeconfigs() {
  answering
  KUBECONFIG=$here/absent run "$hack/cluster.sh" check
  gives_up_saying "there is no kubeconfig at $here/absent"
  KUBECONFIG=$here/a:$here/b run "$hack/cluster.sh" check
  gives_up_saying 'KUBECONFIG names several files'
}
images() {
  answering
  program docker </dev/null
  local command
  for command in "demo.sh up" "test.sh e2e"; do
    # shellcheck disable=SC2086 # command and verb
    run "$hack"/$command
    gives_up_saying 'set IMAGE_REGISTRY to a registry you can push to'
    nothing_was_begun
  done
}
an_old_kubernetes() { # and one that is new enough goes on to the next question
  program docker </dev/null
  local version command
  for version in 1.29 1.3 0.99; do
    program kubectl <<<"[[ \$* != *'/version'* ]] || echo '{\"major\": \"1\", \"minor\": \"29+\", \"gitVersion\": \"v$version.4-eks-1\"}'"
    run "$hack/cluster.sh" check
    gives_up_saying "this cluster has Kubernetes $version, and PromptSales needs 1.30 or newer: upgrade the cluster"
    for command in "demo.sh up" "test.sh e2e" "deploy.sh up" "deploy.sh install"; do
      # shellcheck disable=SC2086 # command and verb
      run "$hack"/$command
      gives_up_saying "this cluster has Kubernetes $version"
      nothing_was_begun
    done
  done
  has_not_asked apply
  for version in 1.30 1.36 1.100 2.0; do
    program kubectl <<<"[[ \$* != *'/version'* ]] || echo '{\"gitVersion\": \"v$version.0\"}'"
    run "$hack/cluster.sh" check
    ends_with 0
  done
  program kubectl <<<"[[ \$* != *'/version'* ]] || exit 1" # does not tell
  run "$hack/cluster.sh" check
  ends_with 0
  does_not_say 'ended with'
}
one_image_of_two() {
  answering
  program docker </dev/null
  local name engine
  for engine in local kind k3d existing; do
    for name in OPERATOR_IMAGE BACKEND_IMAGE; do
      run env "$name=a" CLUSTER_ENGINE=$engine IMAGE_REGISTRY=registry.example "$hack/deploy.sh" check
      gives_up_saying 'only one of OPERATOR_IMAGE and BACKEND_IMAGE is set'
    done
  done
  run env OPERATOR_IMAGE=a IMAGE_REGISTRY=registry.example "$hack/deploy.sh" up
  gives_up_saying 'set both, or neither'
  nothing_was_begun
  run env OPERATOR_IMAGE=a BACKEND_IMAGE=b "$hack/deploy.sh" check
  ends_with 0
}
figures_of_other_clusters() {
  answering
  run "$hack/bench.sh" first_light
  gives_up_saying 'the figures are those of a local cluster, and CLUSTER_ENGINE is existing'
  nothing_was_begun
}
an_operator_in_use() {
  program kubectl <<'END'
case "$*" in "get namespace/promptsales-system"*) echo namespace/promptsales-system ;; esac
END
  export OPERATOR_IMAGE=a BACKEND_IMAGE=b
  run "$hack/test.sh" e2e
  gives_up_saying 'this cluster has the operator already'
  nothing_was_begun
}
two_clusters() {
  export CLUSTER_ENGINE=local CLUSTER_NAME=mine
  answering
  run "$hack/deploy.sh" up
  gives_up_saying "images would go to the local cluster mine, and the operator to that of KUBECONFIG=$KUBECONFIG"
  nothing_was_begun
}

check "Tests that there are not" labels
check "A folder for reports that cannot be written" reports
check "A folder for the build that cannot be written" builds
check "A local cluster without root" root_for_a_cluster
check "A port that is none" ports
check "A disk without the room" disk
check "Packages that only root can install" packages_without_root
check "A disk without the room for the first build" disks_of_the_first_build
check "The archives of Debian that apt knows" archives
check "An engine that there is not" engines
check "A name that no cluster can have" names
check "A kubeconfig that is missing, or is several" kubeconfigs
check "Images that a cluster cannot get" images
check "A Kubernetes that is too old" an_old_kubernetes
check "An image of one program without that of the other" one_image_of_two
check "Figures of a cluster that is not a local one" figures_of_other_clusters
check "Tests where somebody uses the operator" an_operator_in_use
check "Images for one cluster and the operator for another" two_clusters
