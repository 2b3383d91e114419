/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The faults of a machine's configuration, gathered so that all are told at once. */
#ifndef ABX_VMM_MACHINE_FAULTS_H
#define ABX_VMM_MACHINE_FAULTS_H

#include <arcbox/error.h>

#include <stdio.h>

typedef struct abx_machine_faults {
    size_t count;
    size_t length; /* of text */
    char text[1000];
} abx_machine_faults;

/* Adds "field: message", both given as one printf format. What does not fit is left out whole, but counted. */
void abx_machine_faults_add(abx_machine_faults *faults, const char *format, ...) ABX_PRINTF(2, 3);

/* ABX_OK when there are none, else ABX_ERR_CONFIG with all of them. */
abx_status abx_machine_faults_status(const abx_machine_faults *faults);

#endif
