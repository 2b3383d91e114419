/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* abx info: which backends there are, why each is or is not usable, what it can do. */
#include "commands.h"
#include "json.h"
#include "report.h"

#include <arcbox/hypervisor.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct info_request {
    bool json;
    bool capabilities;
    abx_hypervisor_options hypervisor;
} info_request;

static bool take_json(void *into, const char *value)
{
    (void)value;
    ((info_request *)into)->json = true;
    return true;
}

static bool take_capabilities(void *into, const char *value)
{
    (void)value;
    ((info_request *)into)->capabilities = true;
    return true;
}

static bool take_arch(void *into, const char *value)
{
    if (abx_arch_parse(value, &((info_request *)into)->hypervisor.guest_arch))
        return true;
    cli_complain("--arch: '%s' is none of x86_64, arm64", value);
    return false;
}

static const char *nesting_name(abx_nesting nesting)
{
    switch (nesting) {
    case ABX_NESTING_BARE_METAL:
        return "bare metal";
    case ABX_NESTING_GUEST:
        return "inside a virtual machine";
    case ABX_NESTING_UNKNOWN:
        break;
    }
    return "unknown";
}

static json_t *archs_json(uint32_t archs)
{
    json_t *list = json_array();
    for (int arch = ABX_ARCH_X86_64; arch <= ABX_ARCH_ARM64; arch++)
        if (archs & (1u << arch))
            json_array_append_new(list, json_string(abx_arch_name((abx_arch)arch)));
    return list;
}

static json_t *capabilities_json(const abx_capabilities *caps)
{
    json_t *flags = json_object();
    for (int cap = 0; cap < ABX_CAP_COUNT; cap++)
        json_object_set_new(flags, abx_cap_name((abx_cap)cap), json_boolean(abx_capabilities_has(caps, (abx_cap)cap)));
    return json_pack("{s:s, s:o, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:s, s:s, s:s}", "detail",
                     caps->detail, "guest_archs", archs_json(caps->guest_archs), "flags", flags, "max_vcpus",
                     (int)caps->max_vcpus, "max_slots", (int)caps->max_slots, "max_gsi", (int)caps->max_gsi,
                     "phys_bits", (int)caps->phys_bits, "breakpoints", (int)caps->breakpoints, "page_size",
                     (int)caps->page_size, "max_vms", (int)caps->max_vms, "tsc_khz", (int)caps->tsc_khz, "xsave_size",
                     (int)caps->xsave_size, "nesting", nesting_name(caps->nesting), "host_hypervisor",
                     caps->host_hypervisor, "nested_obstacle", caps->nested_obstacle);
}

static json_t *report_json(const abx_backend_report *report)
{
    json_t *object =
        json_pack("{s:s, s:s, s:b, s:b, s:b, s:s, s:s, s:s}", "name", report->name, "description", report->description,
                  "usable", report->usable, "managed", report->managed, "chosen", report->chosen, "status",
                  abx_status_name(report->status), "reason", report->reason, "advice", report->advice);
    if (object && report->usable)
        json_object_set_new(object, "capabilities", capabilities_json(&report->capabilities));
    return object;
}

static int print_json(const abx_backend_report *reports, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, report_json(&reports[i]));
    json_t *all =
        json_pack("{s:s, s:s, s:o}", "version", abx_version(), "arch", abx_arch_name(ABX_ARCH_HOST), "backends", list);
    return cli_print_json(stdout, all, true);
}

static void print_flags(const abx_capabilities *caps)
{
    for (int cap = 0; cap < ABX_CAP_COUNT; cap++)
        printf("    %-3s %-22s %s\n", abx_capabilities_has(caps, (abx_cap)cap) ? "yes" : "no",
               abx_cap_name((abx_cap)cap), abx_cap_text((abx_cap)cap));
}

static void print_capabilities(const abx_capabilities *caps, bool all)
{
    printf("    runs by        %s\n    guests        ", caps->detail);
    for (int arch = ABX_ARCH_X86_64; arch <= ABX_ARCH_ARM64; arch++)
        if (caps->guest_archs & (1u << arch))
            printf(" %s", abx_arch_name((abx_arch)arch));
    printf(", up to %u vCPUs\n", caps->max_vcpus);
    const char *obstacle = caps->nested_obstacle;
    printf("    nested guests  %s%s%s%s\n", abx_capabilities_has(caps, ABX_CAP_NESTED) ? "yes" : "no",
           *obstacle ? " (" : "", obstacle, *obstacle ? ")" : "");
    if (caps->nesting != ABX_NESTING_UNKNOWN)
        printf("    this host      %s%s%s%s\n", nesting_name(caps->nesting), *caps->host_hypervisor ? " (" : "",
               caps->host_hypervisor, *caps->host_hypervisor ? ")" : "");
    if (all)
        print_flags(caps);
}

static void print_text(const abx_backend_report *reports, size_t count, bool all)
{
    printf("abx %s on %s\n", abx_version(), abx_arch_name(ABX_ARCH_HOST));
    for (size_t i = 0; i < count; i++) {
        const abx_backend_report *report = &reports[i];
        printf("\n%s %s: %s\n", report->chosen ? "*" : " ", report->name, report->description);
        printf("    %-14s %s\n", report->usable ? "usable" : "not usable", report->reason);
        if (*report->advice)
            printf("    advice         %s\n", report->advice);
        if (report->usable)
            print_capabilities(&report->capabilities, all);
    }
    puts("\n* is what --backend auto takes.");
}

static int run_info(int argc, char **argv)
{
    info_request request = { .hypervisor = ABX_HYPERVISOR_OPTIONS_INIT };
    int operands;
    cli_parsed parsed = cli_parse(&cli_info, argc, argv, &request, &operands);
    if (parsed != CLI_GO)
        return parsed == CLI_HELP ? CLI_EXIT_OK : CLI_EXIT_USAGE;

    size_t count;
    if (abx_hypervisor_list(&request.hypervisor, NULL, 0, &count) != ABX_OK)
        return cli_complain_of_error();
    abx_backend_report *reports = calloc(count, sizeof(*reports));
    if (!reports) {
        cli_complain("no memory");
        return CLI_EXIT_FAILED;
    }
    int code = CLI_EXIT_OK;
    if (abx_hypervisor_list(&request.hypervisor, reports, count, &count) != ABX_OK)
        code = cli_complain_of_error();
    else if (request.json)
        code = print_json(reports, count);
    else
        print_text(reports, count, request.capabilities);
    free(reports);
    return code;
}

static const cli_option options[] = {
    { "json", NULL, "one JSON object for a program to read", take_json },
    { "all", NULL, "every capability of each backend, yes or no", take_capabilities },
    { "arch", "ARCH", "for guests of x86_64 or arm64 (default: this host's)", take_arch },
    { NULL, NULL, NULL, NULL },
};

const cli_command cli_info = {
    .name = "info",
    .usage = "[--json] [--all] [--arch ARCH]",
    .summary = "show which backends are usable here, why, and what they can do",
    .options = options,
    .run = run_info,
};
