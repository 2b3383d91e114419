/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sharing.h"
#include "machine_name.h"
#include "report.h"

bool cli_sharing_begin(cli_sharing *sharing, abx_serial_config *serial)
{
    if (abx_shared_console_open(&sharing->console, serial->input_fd, serial->output_fd) != ABX_OK) {
        cli_complain_of_error();
        return false;
    }
    *serial = abx_shared_console_get_serial(sharing->console);
    return true;
}

bool cli_sharing_open(cli_sharing *sharing, abx_machine *machine, const char *name)
{
    char path[CLI_MACHINE_PATH_MAX] = "";
    abx_control_options options = ABX_CONTROL_OPTIONS_INIT;
    if (!cli_machine_path(name, path))
        return false;
    options.path = path;
    options.console = sharing->console;
    if (abx_control_open(&sharing->control, machine, &options) == ABX_OK)
        return true;
    cli_complain_of_error();
    return false;
}

void cli_sharing_close(cli_sharing *sharing, bool by_force)
{
    if (sharing->console && by_force)
        abx_shared_console_abandon(sharing->console);
    if (sharing->console)
        abx_shared_console_finish(sharing->console);
    abx_control_close(sharing->control);
    sharing->control = NULL;
}

void cli_sharing_end(cli_sharing *sharing)
{
    abx_shared_console_close(sharing->console);
    sharing->console = NULL;
}
