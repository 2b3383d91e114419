/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* All of libarcbox-hypervisor but backend.h, which only authors of backends need. */
#ifndef ARCBOX_ARCBOX_H
#define ARCBOX_ARCBOX_H

#include <arcbox/arm64.h>
#include <arcbox/balloon.h>
#include <arcbox/base.h>
#include <arcbox/builder.h>
#include <arcbox/capability.h>
#include <arcbox/config.h>
#include <arcbox/debug.h>
#include <arcbox/device.h>
#include <arcbox/error.h>
#include <arcbox/event.h>
#include <arcbox/exit.h>
#include <arcbox/hypervisor.h>
#include <arcbox/interrupt.h>
#include <arcbox/memory.h>
#include <arcbox/registers.h>
#include <arcbox/rosetta.h>
#include <arcbox/statistics.h>
#include <arcbox/vcpu.h>
#include <arcbox/vm.h>
#include <arcbox/vsock.h>
#include <arcbox/x86_64.h>

#endif
