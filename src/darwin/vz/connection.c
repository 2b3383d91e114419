/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "connection.h"
#include "vz_api.h"

#include <errno.h>
#include <fcntl.h>

bool abx_vz_connection_take(id connection, int *fd, abx_vz_fault *fault)
{
    /* -1 when the guest has closed it meanwhile: EBADF. */
    int duplicate = fcntl(VZVirtioSocketConnection_fileDescriptor(connection), F_DUPFD_CLOEXEC, 0);
    if (duplicate < 0) {
        int error = errno;
        abx_vz_fault_set(fault, error == EBADF ? ABX_ERR_LOST : abx_status_of_errno(error),
                         "The connection's descriptor could not be duplicated.");
        fault->os_error = error;
        return false;
    }
    *fd = duplicate;
    return true;
}
