/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"

#include "fake_managed.h"
#include "fake_manual.h"
#include "metrics_text.h"

#include <arcbox/metrics.h>

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char kernel_path[] = "/tmp/abx-metrics-XXXXXX";

static int make_kernel(void **state)
{
    static const char code[16] = { 0 };
    (void)state;
    int fd = mkstemp(kernel_path);
    bool good = fd >= 0 && write(fd, code, sizeof(code)) == sizeof(code);
    close(fd);
    return good ? 0 : -1;
}

static int remove_kernel(void **state)
{
    (void)state;
    return unlink(kernel_path);
}

/* The value of the sample that begins with `what`; -1 when it is not there. */
static double value_of(const char *text, const char *what)
{
    size_t length = strlen(what);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, what, length) == 0 && line[length] == ' ')
            return strtod(line + length, NULL);
    }
    return -1;
}

static void exits_are_counted_by_kind(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_machine *machine;
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    char *text = NULL;
    fake_log_reset();
    fake_manual_reset();
    fake_manual_guest(fake_guest_sleeps);
    assert_ok(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options));
    config.kernel = kernel_path;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.vm.name = "fake-1";
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.vm.memory_size = 2 << 20;
    config.vm.cpus = 2;
    assert_ok(abx_machine_create(&machine, hypervisor, &config));
    assert_ok(abx_machine_start(machine));
    while (fake_manual_inside() < 2)
        sched_yield();
    assert_ok(abx_machine_stop(machine));
    assert_ok(abx_metrics_get(machine, &text));
    assert_non_null(strstr(text, "arcbox_machine_info{name=\"fake-1\",backend=\"fake\""));
    assert_true(value_of(text, "arcbox_machine_state{arcbox_machine_state=\"stopped\"}") == 1);
    assert_true(value_of(text, "arcbox_machine_state{arcbox_machine_state=\"running\"}") == 0);
    assert_true(value_of(text, "arcbox_vcpus") == 2);
    assert_true(value_of(text, "arcbox_vcpu_exits_total{vcpu=\"0\",kind=\"stopped\"}") == 1);
    assert_true(value_of(text, "arcbox_vcpu_exits_total{vcpu=\"1\",kind=\"stopped\"}") == 1);
    assert_true(value_of(text, "arcbox_memory_size_bytes") == 2 << 20);
    assert_true(value_of(text, "arcbox_memory_resident_bytes") >= 4096);
    assert_true(value_of(text, "process_cpu_seconds_total") > 0);
    assert_string_equal(text + strlen(text) - 6, "# EOF\n");
    abx_metrics_free(text);
    abx_machine_destroy(machine);
    abx_hypervisor_close(hypervisor);
}

static void managed_machines_have_fewer(void **state)
{
    (void)state;
    subject it;
    char *text = NULL;
    subject_begin(&it, false);
    fake_managed_balloon = 12345;
    fake_managed_cpu_time = 2500000000;
    assert_ok(abx_metrics_get(it.machine, &text));
    assert_true(value_of(text, "arcbox_balloon_target_bytes") == 12345);
    assert_true(value_of(text, "arcbox_backend_cpu_seconds_total") == 2.5);
    assert_null(strstr(text, "arcbox_vcpu_exits"));
    assert_null(strstr(text, "arcbox_memory_resident_bytes"));
    abx_metrics_free(text);
    fake_log_fail("vm_get_cpu_time", ABX_ERR_NOT_SUPPORTED);
    assert_ok(abx_metrics_get(it.machine, &text));
    assert_null(strstr(text, "arcbox_backend_cpu_seconds"));
    abx_metrics_free(text);
    abx_metrics_free(NULL);
    assert_status(abx_metrics_get(NULL, &text), ABX_ERR_INVALID);
    assert_status(abx_metrics_get(it.machine, NULL), ABX_ERR_INVALID);
    assert_status(abx_metrics_share(NULL), ABX_ERR_INVALID);
    assert_status(abx_metrics_share(it.machine), ABX_ERR_NOT_SUPPORTED);
    subject_end(&it);
}

static void values_are_escaped(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    assert_non_null(stream);
    abx_metrics_value(stream, "a \"b\"\n\\\xff");
    fclose(stream);
    assert_string_equal(text, "\"a \\\"b\\\"?\\\\?\"");
    free(text);
}

static void names_are_checked(void **state)
{
    (void)state;
    assert_true(abx_metrics_is_name("halt_poll_success_ns"));
    assert_false(abx_metrics_is_name(""));
    assert_false(abx_metrics_is_name("a b"));
    assert_false(abx_metrics_is_name("a\n# EOF"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exits_are_counted_by_kind),
        cmocka_unit_test(managed_machines_have_fewer),
        cmocka_unit_test(values_are_escaped),
        cmocka_unit_test(names_are_checked),
    };
    return cmocka_run_group_tests(tests, make_kernel, remove_kernel);
}
