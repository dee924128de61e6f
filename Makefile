.DEFAULT_GOAL := help
.PHONY: help setup demo test soak strangers bench bench-desktop check

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

setup: ## install what building and testing needs
	scripts/setup.sh test

demo: ## set up, build for release, and show a message crossing from Slack to Teams and back
	scripts/setup.sh build
	scripts/demo.sh

test: ## set up and run every test
	scripts/setup.sh test
	scripts/test.sh

soak: ## try as many seeds, kills and power cuts as asked: make soak SEEDS=n KILLS=n CUTS=n
	scripts/setup.sh test
	SEEDS=$(SEEDS) KILLS=$(KILLS) CUTS=$(CUTS) scripts/soak.sh

strangers: ## meet the platforms' own clients and other counterparts, which are fetched
	scripts/setup.sh build
	scripts/strangers.sh

bench: ## build for release and measure the relay and the desktop: make bench ARGS=--quick
	scripts/setup.sh test
	scripts/bench.sh $(ARGS)
	scripts/bench-desktop.sh

bench-desktop: ## the same of the desktop alone
	scripts/setup.sh test
	scripts/bench-desktop.sh

check: ## formatting, lints, dependency policy; no test is run
	scripts/setup.sh build
	scripts/check.sh
