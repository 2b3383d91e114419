# SPDX-License-Identifier: MIT OR Apache-2.0
# The two commands of the README, and a few for those who work on the code. meson does the building.
BUILD ?= build
CROSS ?= build-arm64
TESTS ?=

.PHONY: all cross run test bench install format lint deps clean

all: deps
	@test -d $(BUILD) || meson setup $(BUILD)
	@ninja -C $(BUILD)

# The same for ARM64, by Debian's cross compiler.
cross:
	@tools/install-packages build cross
	@tools/cross-build $(CROSS)

# What building and running need, from the distribution. Does nothing when it is all there.
deps:
	@tools/install-packages build

# Boots a stock Linux kernel on the best backend of this machine and shows it.
run: all
	@tools/install-packages run
	@tools/run-demo $(BUILD)

# Everything that can be tested here, in emulated hosts what cannot: KVM, and ARM64 (CROSS= leaves that out).
test: all
	@tools/install-packages run test darwin $(if $(CROSS),cross)
	@meson setup --reconfigure $(BUILD) >/dev/null # which finds what has just been installed
	@ninja -C $(BUILD)
	@tools/run-tests $(if $(CROSS),--arm64 $(CROSS)) $(BUILD) $(TESTS)

# abx next to bare system calls, and next to its peers in the emulated host.
bench: all
	@tools/install-packages run test
	@tools/run-benchmarks $(BUILD)

install: all
	@meson install -C $(BUILD)

format:
	@tools/format

lint:
	@tools/install-packages build lint
	@tools/lint

clean:
	@rm -rf $(BUILD) $(BUILD)-*
