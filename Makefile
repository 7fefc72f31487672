# What people do with this repository. The work is done by the scripts in hack/; `make help` lists the targets.
#   CLUSTER_ENGINE=local|kind|k3d|existing   whose cluster (default: a local one, made without Docker, needs root)
#   PRESET=release|dev|asan|tsan             which build
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo demo-down deps build test test-unit test-integration test-e2e images install uninstall deploy undeploy rbac bench format clean

export PRESET ?= release

help: ## this list
	@echo "PromptSales operator"; echo
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## one PromptSales on a real cluster, from nothing; a second run reuses everything
	@hack/demo.sh up

demo-down: ## remove what `make demo` made
	@hack/demo.sh down

test: ## every test: unit, integration on a real API server, end-to-end on a real cluster
	@hack/test.sh

test-unit: ## tests that need nothing but the build
	@hack/test.sh unit

test-integration: ## tests against a real kube-apiserver and etcd
	@hack/test.sh integration

test-e2e: ## cases on a real one-node cluster
	@hack/test.sh e2e

deps: ## install what is missing on this machine (Debian 12, as root)
	@hack/install-deps.sh

build: ## the C++ programs and tests, in build/$PRESET
	@hack/build.sh

images: ## image archives for the local cluster, without a registry
	@hack/images/build-images.sh

install: ## the CRD, into the cluster of KUBECONFIG
	@hack/deploy.sh install

uninstall: ## remove the CRD again
	@hack/deploy.sh uninstall

deploy: $(if $(filter-out local,$(CLUSTER_ENGINE))$(OPERATOR_IMAGE),,build) ## the CRD and the operator, into the cluster of KUBECONFIG (CLUSTER_ENGINE, CLUSTER_NAME say how images get there)
	@hack/deploy.sh up

undeploy: ## remove both again
	@hack/deploy.sh down

bench: ## the figures: memory, requests, time to Ready
	@hack/bench.sh

rbac: build ## manifests/rbac.yaml from the list of children
	@build/$(PRESET)/operator/promptsales-operator --print-rbac > manifests/.rbac.new && mv manifests/.rbac.new manifests/rbac.yaml

format: ## clang-format every C++ source
	@command -v clang-format >/dev/null || { echo "error: clang-format is missing: 'make deps' installs it." >&2; exit 64; }
	@git ls-files '*.cpp' '*.hpp' | xargs -r clang-format -i

clean: ## remove build folders and artifacts of this checkout; caches stay (~/.cache/promptsales)
	@rm -rf build _artifacts
