# SPDX-License-Identifier: MIT OR Apache-2.0
# The commands of the README, and a few for those who work on the code. meson does the building.
BUILD ?= build
CROSS ?= build-arm64
TESTS ?=
# Of a Linux for mac-test: the folder that mac-guest made.
GUEST ?=
SYSTEM := $(shell uname -s)
# A newer clang has newer warnings.
SETUP := $(if $(filter Darwin,$(SYSTEM)),-Dwerror=false)

.PHONY: all cross cross-darwin run debian-image test bench install format lint deps clean mac-test mac-selfcheck mac-guest

all: deps
	@test -d $(BUILD) || meson setup $(SETUP) $(BUILD)
	@ninja -C $(BUILD)
ifeq ($(SYSTEM),Darwin)
	@tools/mac-sign $(BUILD)/cli/abx
endif

# The same for ARM64, by Debian's cross compiler.
cross:
	@tools/install-packages build cross
	@tools/cross-build $(CROSS)

# For macOS, both architectures, from Debian: to see that it compiles and links.
cross-darwin:
	@tools/install-packages build darwin
	@tools/cross-build-darwin $(BUILD)-macos-arm64 arm64
	@tools/cross-build-darwin $(BUILD)-macos-x86_64 x86_64

# What building and running need, from the distribution. Does nothing when it is all there.
deps:
	@tools/install-packages build

# Boots a stock Linux kernel on the best backend of this machine and shows it.
run: all
	@tools/install-packages run
	@tools/run-demo $(BUILD)

# A Debian on a disk, and what boots it, in the folder DEBIAN.
debian-image:
	@tools/install-packages run image
	@tools/debian-image $(or $(DEBIAN),debian)

# Everything that can be tested here, in emulated hosts what cannot: KVM, and ARM64 (CROSS= leaves that out).
test: all
	@tools/install-packages run image test darwin $(if $(CROSS),cross)
	@meson setup --reconfigure $(BUILD) >/dev/null # which finds what has just been installed
	@ninja -C $(BUILD)
	@tools/run-tests $(if $(CROSS),--arm64 $(CROSS)) $(BUILD) $(TESTS)

# abx next to bare system calls, and next to its peers in the emulated host.
bench: all
	@tools/install-packages run test
	@tools/run-benchmarks $(BUILD)

# On a Mac: everything that only a Mac can tell, with one file to send back.
mac-test:
	@tools/mac-test $(if $(GUEST),--guest $(GUEST)) $(BUILD)

# On a Mac: the table of classes of backend vz against the system's own.
mac-selfcheck: all
	@ninja -C $(BUILD) mac
	@$(BUILD)/tests/darwin/mac-selfcheck

# On Debian: the Linux that mac-test boots, to be copied to a Mac.
mac-guest:
	@tools/install-packages run
	@tools/mac-guest $(or $(GUEST),mac-guest)

install: all
	@meson install -C $(BUILD)

format:
	@tools/format

lint:
	@tools/install-packages build darwin lint
	@tools/lint

clean:
	@rm -rf $(BUILD) $(BUILD)-*
