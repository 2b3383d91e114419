/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exits decoded from run pages made by hand: every kind, and answers that no kernel should give. */
#include "fake_kvm.h"
#include "linux/exit.h"

#include <string.h>

static union {
    struct kvm_run run;
    unsigned char bytes[FAKE_RUN_SIZE];
} page;

static abx_exit decoded;

static abx_status decode(void)
{
    memset(&decoded, 0xee, sizeof(decoded));
    abx_kvm_vcpu vcpu = { .run = &page.run, .run_size = sizeof(page) };
    return abx_kvm_decode(&vcpu, &decoded);
}

static void expect(uint32_t reason, abx_exit_kind kind)
{
    page.run.exit_reason = reason;
    assert_int_equal(decode(), ABX_OK);
    assert_int_equal(decoded.kind, kind);
    assert_int_equal(decoded.reason, reason);
}

static void expect_untouched(uint32_t reason)
{
    abx_exit before;
    memset(&before, 0xee, sizeof(before));
    page.run.exit_reason = reason;
    assert_int_equal(decode(), ABX_ERR_SYSTEM);
    assert_memory_equal(&decoded, &before, sizeof(before));
}

static int clear_page(void **state)
{
    (void)state;
    memset(&page, 0, sizeof(page));
    return 0;
}

static void port_io_points_into_the_page(void **state)
{
    (void)state;
    page.run.io.direction = KVM_EXIT_IO_OUT;
    page.run.io.size = 2;
    page.run.io.port = 0xfedc;
    page.run.io.count = 700;
    page.run.io.data_offset = 4096;
    expect(KVM_EXIT_IO, ABX_EXIT_IO);
    assert_int_equal(decoded.io.port, 0xfedc);
    assert_int_equal(decoded.io.size, 2);
    assert_int_equal(decoded.io.direction, ABX_WRITE);
    assert_int_equal(decoded.io.count, 700);
    assert_ptr_equal(decoded.io.data, page.bytes + 4096);

    page.run.io.direction = KVM_EXIT_IO_IN;
    expect(KVM_EXIT_IO, ABX_EXIT_IO);
    assert_int_equal(decoded.io.direction, ABX_READ);
}

static void port_io_up_to_the_end_of_the_page(void **state)
{
    (void)state;
    page.run.io.size = 4;
    page.run.io.count = 4096 / 4;
    page.run.io.data_offset = FAKE_RUN_SIZE - 4096;
    expect(KVM_EXIT_IO, ABX_EXIT_IO);
    page.run.io.data_offset++;
    expect_untouched(KVM_EXIT_IO);
}

static void port_io_outside_of_the_page_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t size;
        uint32_t count;
        uint64_t offset;
    } hostile[] = {
        { 0, 1, 4096 },          { 1, 0, 4096 },           { 1, 1, FAKE_RUN_SIZE }, { 1, 1, FAKE_RUN_SIZE + 1 },
        { 1, 1, UINT64_MAX },    { 4, 1, UINT64_MAX - 3 }, { 4, UINT32_MAX, 4096 }, { 255, UINT32_MAX, 0 },
        { 4, 0x40000000, 4096 }, /* 32 bits would wrap */
    };
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        page.run.io.size = hostile[i].size;
        page.run.io.count = hostile[i].count;
        page.run.io.data_offset = hostile[i].offset;
        expect_untouched(KVM_EXIT_IO);
    }
}

static void mmio_has_data_in_place(void **state)
{
    (void)state;
    page.run.mmio.phys_addr = UINT64_C(0x123456789abcdef0);
    page.run.mmio.is_write = 1;
    for (uint32_t length = 1; length <= 8; length++) {
        page.run.mmio.len = length;
        expect(KVM_EXIT_MMIO, ABX_EXIT_MMIO);
        assert_int_equal(decoded.mmio.address, UINT64_C(0x123456789abcdef0));
        assert_int_equal(decoded.mmio.size, length);
        assert_int_equal(decoded.mmio.direction, ABX_WRITE);
        assert_ptr_equal(decoded.mmio.data, page.run.mmio.data);
    }
    page.run.mmio.is_write = 0;
    expect(KVM_EXIT_MMIO, ABX_EXIT_MMIO);
    assert_int_equal(decoded.mmio.direction, ABX_READ);
}

static void mmio_of_odd_lengths_is_refused(void **state)
{
    (void)state;
    static const uint32_t lengths[] = { 0, 9, 256, UINT32_MAX };
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        page.run.mmio.len = lengths[i];
        expect_untouched(KVM_EXIT_MMIO);
    }
}

static void plain_exits(void **state)
{
    (void)state;
    expect(KVM_EXIT_HLT, ABX_EXIT_HALT);
    expect(KVM_EXIT_SHUTDOWN, ABX_EXIT_SHUTDOWN);
    expect(KVM_EXIT_IRQ_WINDOW_OPEN, ABX_EXIT_IRQ_WINDOW);
    expect(KVM_EXIT_INTR, ABX_EXIT_INTERRUPTED);
    expect(KVM_EXIT_NMI, ABX_EXIT_NMI);
    expect(KVM_EXIT_DIRTY_RING_FULL, ABX_EXIT_DIRTY_RING_FULL);
}

static void system_events_by_type(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        abx_system_event event;
    } events[] = {
        { KVM_SYSTEM_EVENT_SHUTDOWN, ABX_SYSTEM_SHUTDOWN },
        { KVM_SYSTEM_EVENT_RESET, ABX_SYSTEM_RESET },
        { KVM_SYSTEM_EVENT_CRASH, ABX_SYSTEM_CRASH },
        { KVM_SYSTEM_EVENT_WAKEUP, ABX_SYSTEM_WAKEUP },
        { KVM_SYSTEM_EVENT_SUSPEND, ABX_SYSTEM_SUSPEND },
        { KVM_SYSTEM_EVENT_SEV_TERM, ABX_SYSTEM_TERMINATE },
        { 4711, ABX_SYSTEM_UNKNOWN },
    };
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        page.run.system_event.type = events[i].type;
        page.run.system_event.ndata = 2;
        page.run.system_event.data[0] = 5;
        page.run.system_event.data[1] = 6;
        expect(KVM_EXIT_SYSTEM_EVENT, ABX_EXIT_SYSTEM_EVENT);
        assert_int_equal(decoded.system_event.event, events[i].event);
        assert_int_equal(decoded.system_event.raw_type, events[i].type);
        assert_int_equal(decoded.system_event.data_count, 2);
        assert_int_equal(decoded.system_event.data[0], 5);
        assert_int_equal(decoded.system_event.data[1], 6);
    }
    page.run.system_event.ndata = UINT32_MAX;
    expect(KVM_EXIT_SYSTEM_EVENT, ABX_EXIT_SYSTEM_EVENT);
    assert_int_equal(decoded.system_event.data_count, 4);
}

static void failed_entry(void **state)
{
    (void)state;
    page.run.fail_entry.hardware_entry_failure_reason = UINT64_C(0x80000021);
    page.run.fail_entry.cpu = 3;
    expect(KVM_EXIT_FAIL_ENTRY, ABX_EXIT_FAIL_ENTRY);
    assert_int_equal(decoded.fail_entry.hardware_reason, UINT64_C(0x80000021));
    assert_int_equal(decoded.fail_entry.cpu, 3);
}

static void internal_error_with_its_data(void **state)
{
    (void)state;
    page.run.internal.suberror = KVM_INTERNAL_ERROR_DELIVERY_EV;
    page.run.internal.ndata = 3;
    for (unsigned i = 0; i < 16; i++)
        page.run.internal.data[i] = i + 1;
    expect(KVM_EXIT_INTERNAL_ERROR, ABX_EXIT_INTERNAL_ERROR);
    assert_int_equal(decoded.internal_error.suberror, 3);
    assert_int_equal(decoded.internal_error.data_count, 3);
    assert_int_equal(decoded.internal_error.data[2], 3);
    assert_int_equal(decoded.internal_error.data[3], 0);
    assert_int_equal(decoded.internal_error.instruction_size, 0);

    page.run.internal.ndata = UINT32_MAX;
    expect(KVM_EXIT_INTERNAL_ERROR, ABX_EXIT_INTERNAL_ERROR);
    assert_int_equal(decoded.internal_error.data_count, 16);
    assert_int_equal(decoded.internal_error.data[15], 16);
}

static void emulation_failure_with_the_instruction(void **state)
{
    (void)state;
    static const unsigned char bytes[15] = { 0x0f, 0xc7, 0x0f, 1, 2, 3 };
    page.run.emulation_failure.suberror = KVM_INTERNAL_ERROR_EMULATION;
    page.run.emulation_failure.ndata = 3;
    page.run.emulation_failure.flags = KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
    page.run.emulation_failure.insn_size = 3;
    memcpy(page.run.emulation_failure.insn_bytes, bytes, sizeof(bytes));
    expect(KVM_EXIT_INTERNAL_ERROR, ABX_EXIT_INTERNAL_ERROR);
    assert_int_equal(decoded.internal_error.suberror, 1);
    assert_int_equal(decoded.internal_error.instruction_size, 3);
    assert_memory_equal(decoded.internal_error.instruction, bytes, 3);
    assert_int_equal(decoded.internal_error.instruction[3], 0);

    page.run.emulation_failure.insn_size = 255;
    expect(KVM_EXIT_INTERNAL_ERROR, ABX_EXIT_INTERNAL_ERROR);
    assert_int_equal(decoded.internal_error.instruction_size, 15);

    /* Bytes that are not said to be there are not there. */
    page.run.emulation_failure.ndata = 2;
    expect(KVM_EXIT_INTERNAL_ERROR, ABX_EXIT_INTERNAL_ERROR);
    assert_int_equal(decoded.internal_error.instruction_size, 0);
    page.run.emulation_failure.ndata = 3;
    page.run.emulation_failure.flags = 0;
    expect(KVM_EXIT_INTERNAL_ERROR, ABX_EXIT_INTERNAL_ERROR);
    assert_int_equal(decoded.internal_error.instruction_size, 0);
}

static void exception(void **state)
{
    (void)state;
    page.run.ex.exception = 14;
    page.run.ex.error_code = 6;
    expect(KVM_EXIT_EXCEPTION, ABX_EXIT_EXCEPTION);
    assert_int_equal(decoded.exception.vector, 14);
    assert_int_equal(decoded.exception.error_code, 6);
}

static void notify_and_memory_fault(void **state)
{
    (void)state;
    page.run.notify.flags = 1;
    expect(KVM_EXIT_NOTIFY, ABX_EXIT_NOTIFY);
    assert_int_equal(decoded.notify_flags, 1);

    const uint64_t words[] = { 8, UINT64_C(0x100000000), 0x2000 };
    memcpy(&page.run.hw, words, sizeof(words));
    expect(KVM_EXIT_MEMORY_FAULT, ABX_EXIT_MEMORY_FAULT);
    assert_int_equal(decoded.memory_fault.flags, 8);
    assert_int_equal(decoded.memory_fault.address, UINT64_C(0x100000000));
    assert_int_equal(decoded.memory_fault.length, 0x2000);
}

static void unknown_reasons_keep_their_number(void **state)
{
    (void)state;
    static const uint32_t reasons[] = { KVM_EXIT_UNKNOWN, KVM_EXIT_HYPERV, KVM_EXIT_XEN, 40, 1000, UINT32_MAX };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        expect(reasons[i], ABX_EXIT_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(port_io_points_into_the_page, clear_page),
        cmocka_unit_test_setup(port_io_up_to_the_end_of_the_page, clear_page),
        cmocka_unit_test_setup(port_io_outside_of_the_page_is_refused, clear_page),
        cmocka_unit_test_setup(mmio_has_data_in_place, clear_page),
        cmocka_unit_test_setup(mmio_of_odd_lengths_is_refused, clear_page),
        cmocka_unit_test_setup(plain_exits, clear_page),
        cmocka_unit_test_setup(system_events_by_type, clear_page),
        cmocka_unit_test_setup(failed_entry, clear_page),
        cmocka_unit_test_setup(internal_error_with_its_data, clear_page),
        cmocka_unit_test_setup(emulation_failure_with_the_instruction, clear_page),
        cmocka_unit_test_setup(exception, clear_page),
        cmocka_unit_test_setup(notify_and_memory_fault, clear_page),
        cmocka_unit_test_setup(unknown_reasons_keep_their_number, clear_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
