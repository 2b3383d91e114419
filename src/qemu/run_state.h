/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the states that QEMU's machines can be in (QMP's RunState) mean for ours. */
#ifndef ABX_SRC_QEMU_RUN_STATE_H
#define ABX_SRC_QEMU_RUN_STATE_H

typedef enum abx_run {
    ABX_RUN_GOES,
    ABX_RUN_PAUSES, /* "cont" lets it go on */
    ABX_RUN_ENDS,   /* and so does the process, at once */
    ABX_RUN_FAILS,  /* there is no going on */
} abx_run;

typedef struct abx_run_state {
    abx_run run;
    const char *text; /* why; static */
} abx_run_state;

/* The "status" of query-status. One that is not known, and NULL, is a pause. */
abx_run_state abx_run_state_parse(const char *status);

#endif
