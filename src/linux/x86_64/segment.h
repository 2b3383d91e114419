/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Segment registers: fields by number (ABX_X86_SEG_SELECTOR and so on) to and from KVM's structure. Pure. */
#ifndef ABX_SRC_LINUX_X86_64_SEGMENT_H
#define ABX_SRC_LINUX_X86_64_SEGMENT_H

#include <arcbox/x86_64.h>
#include <linux/kvm.h>

/* Access rights in the VMX layout (SDM vol. 3, 24.4.1). */
uint32_t abx_segment_attributes(const struct kvm_segment *segment);

/* `field` is 0 to 3. */
uint64_t abx_segment_get(const struct kvm_segment *segment, uint32_t field);

/* False, and nothing is changed, if the field has no room for the value or reserved bits are set. */
bool abx_segment_set(struct kvm_segment *segment, uint32_t field, uint64_t value);

#endif
