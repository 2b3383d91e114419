/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "runner.h"
#include "deadline.h"
#include "last_words.h"
#include "notices.h"
#include "ready.h"
#include "relays.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum stage {
    STARTING,
    NEVER_STARTED, /* start_status and start_error say why */
    ALIVE,
    EXITED, /* the process is collected, `ending` is known */
    REPORTED,
} stage;

struct abx_runner {
    pthread_t thread;
    abx_qmp *qmp;
    abx_ready stop_request; /* raised once, by whoever sets `stopping` */

    /* The thread's own. */
    abx_vm *vm;
    bool debug_exit;
    abx_relays consoles;
    struct pollfd *fds;
    abx_last_words words;
    abx_notices notices;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t news;
    stage stage;
    bool stopping;
    abx_process process; /* valid while ALIVE */
    abx_status start_status;
    int start_error;
    abx_ending ending;
};

static void enter(abx_runner *runner, stage next)
{
    pthread_mutex_lock(&runner->lock);
    runner->stage = next;
    pthread_cond_broadcast(&runner->news);
    pthread_mutex_unlock(&runner->lock);
}

static void post(abx_runner *runner, abx_event_kind kind, uint64_t code, const char *text)
{
    abx_event event = { .kind = kind, .vcpu = UINT32_MAX, .code = code };
    snprintf(event.text, sizeof(event.text), "%s", text);
    abx_event_post(runner->vm, &event);
}

enum { QMP, WORDS, PROCESS, CONSOLES };

static nfds_t count_fds(const abx_runner *runner)
{
    return CONSOLES + ABX_CONSOLE_FDS * (nfds_t)runner->consoles.count;
}

/* A peer that breaks the protocol cannot be controlled any more: better no machine than such a one, or than one that
 * cannot go on. */
static bool serve_qmp(abx_runner *runner)
{
    abx_status status = abx_qmp_receive(runner->qmp);
    bool goes_on = status == ABX_OK || status == ABX_ERR_EMPTY;
    if ((!goes_on && status != ABX_ERR_LOST) || runner->notices.shutdown == ABX_SHUTDOWN_FAULT)
        abx_process_kill(&runner->process);
    return goes_on;
}

static bool is_departure(int error)
{
    return error == EPIPE || error == ECONNRESET;
}

static void post_lost_output(void *context, const abx_console *console)
{
    char text[92];
    char cause[64];
    int error = console->output_error;
    const char *words = strerror_r(error, cause, sizeof(cause));
    if (console->kind == ABX_DEVICE_SERIAL)
        snprintf(text, sizeof(text), "serial port: output: %s", words);
    else
        snprintf(text, sizeof(text), "console port %u: output: %s", console->port, words);
    if (console->kind == ABX_DEVICE_CONSOLE && is_departure(error))
        post(context, ABX_EVENT_CONSOLE_CLOSED, console->port, text);
    else
        post(context, ABX_EVENT_DEVICE_FAILED, (uint64_t)error, text);
}

/* Returns when the process has ended. */
static void look_after(abx_runner *runner)
{
    struct pollfd *fds = runner->fds;
    fds[QMP] = (struct pollfd){ .fd = abx_qmp_fd(runner->qmp), .events = POLLIN };
    fds[WORDS] = (struct pollfd){ .fd = runner->process.output_fd, .events = POLLIN };
    fds[PROCESS] = (struct pollfd){ .fd = runner->process.pid_fd, .events = POLLIN };
    while (!fds[PROCESS].revents) {
        abx_relays_prepare(&runner->consoles, &fds[CONSOLES]);
        if (poll(fds, count_fds(runner), -1) < 0) {
            if (errno == EINTR)
                continue;
            abx_process_kill(&runner->process);
            return;
        }
        if (fds[QMP].revents && !serve_qmp(runner))
            fds[QMP].fd = -1;
        if (fds[WORDS].revents && abx_last_words_read(&runner->words, runner->process.output_fd) < 0)
            fds[WORDS].fd = -1;
        abx_relays_serve(&runner->consoles, &fds[CONSOLES], post_lost_output, runner);
    }
}

/* Takes in what the process has left behind, collects it and says what its end means. */
static void conclude(abx_runner *runner)
{
    while (abx_qmp_receive(runner->qmp) == ABX_OK) {
    }
    abx_qmp_hang_up(runner->qmp);
    while (abx_last_words_read(&runner->words, runner->process.output_fd) > 0) {
    }

    char last_words[160];
    abx_last_words_line(&runner->words, last_words, sizeof(last_words));
    abx_ending_facts facts = {
        .shutdown = runner->notices.shutdown,
        .debug_exit = runner->debug_exit,
        .last_words = last_words,
    };
    pthread_mutex_lock(&runner->lock);
    facts.process = abx_process_wait(&runner->process);
    runner->ending = abx_ending_judge(&facts);
    runner->stage = EXITED;
    pthread_cond_broadcast(&runner->news);
    pthread_mutex_unlock(&runner->lock);
}

/* Writes what the guest has still said, as long as that is wanted. */
static void finish_consoles(abx_runner *runner)
{
    struct pollfd fds[2] = { [1] = { .fd = runner->stop_request.read_fd, .events = POLLIN } };
    while (abx_relays_drain(&runner->consoles, &fds[0])) {
        if (poll(fds, 2, -1) > 0 && fds[1].revents)
            break;
    }
    abx_relays_end(&runner->consoles);
}

static void report(abx_runner *runner)
{
    const abx_ending *ending = &runner->ending;
    pthread_mutex_lock(&runner->lock);
    bool stopping = runner->stopping;
    pthread_mutex_unlock(&runner->lock);

    if (ending->event.kind != ABX_EVENT_NONE && !(stopping && ending->state == ABX_VM_FAILED))
        abx_event_post(runner->vm, &ending->event);
    if (!stopping)
        abx_backend_vm_ended(runner->vm, ending->state, ending->text);
}

/* What the thread is given, on the stack of the one that waits for it. */
typedef struct start {
    abx_runner *runner;
    const abx_runner_plan *plan;
} start;

static bool start_process(const start *s)
{
    abx_runner *runner = s->runner;
    const abx_runner_plan *plan = s->plan;
    runner->start_status =
        abx_process_spawn(&runner->process, plan->program, plan->arguments, plan->qemu_fds, plan->qemu_fd_count);
    bool started = runner->start_status == ABX_OK;
    runner->start_error = started ? 0 : abx_last_error()->os_error;
    enter(runner, started ? ALIVE : NEVER_STARTED);
    return started;
}

static void *run(void *context)
{
    abx_runner *runner = ((const start *)context)->runner;
    pthread_setname_np(pthread_self(), "abx-qemu");
    if (!start_process(context))
        return NULL;
    look_after(runner);
    conclude(runner);
    finish_consoles(runner);
    report(runner);
    enter(runner, REPORTED);
    return NULL;
}

/* The thread takes no signal of the embedding program's, but faults stay faults. Returns 0 or an errno. */
static int start_thread(start *s)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS };
    sigset_t blocked;
    sigset_t old;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigdelset(&blocked, faults[i]);
    int error = pthread_sigmask(SIG_SETMASK, &blocked, &old);
    if (error)
        return error;
    error = pthread_create(&s->runner->thread, NULL, run, s);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return error;
}

/* Starts the thread and waits for what comes of it. */
static abx_status begin(abx_runner *runner, const abx_runner_plan *plan)
{
    start s = { .runner = runner, .plan = plan };
    int error = start_thread(&s);
    if (error)
        return abx_fail(abx_status_of_errno(error), error, NULL, "start the thread that runs QEMU");
    pthread_mutex_lock(&runner->lock);
    while (runner->stage == STARTING)
        pthread_cond_wait(&runner->news, &runner->lock);
    bool started = runner->stage != NEVER_STARTED;
    pthread_mutex_unlock(&runner->lock);
    if (started)
        return ABX_OK;
    pthread_join(runner->thread, NULL);
    return abx_fail(runner->start_status, runner->start_error, NULL, "run %s", plan->program);
}

static void free_memory(abx_runner *runner)
{
    pthread_mutex_destroy(&runner->lock);
    abx_relays_free(&runner->consoles);
    abx_disk_errors_free(&runner->notices.disks);
    free(runner->fds);
    free(runner);
}

/* What the thread needs memory for; free_memory() ends it, in every case. */
static abx_status allocate(abx_runner *runner, const abx_runner_plan *plan)
{
    bool enough = abx_relays_init(&runner->consoles, plan->parts, plan->console_fds) &&
                  abx_disk_errors_init(&runner->notices.disks, plan->parts);
    if (enough)
        runner->fds = calloc(count_fds(runner), sizeof(*runner->fds));
    return runner->fds ? ABX_OK : abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "run QEMU");
}

abx_status abx_runner_new(abx_runner **out, const abx_runner_plan *plan)
{
    abx_runner *runner = calloc(1, sizeof(*runner));
    if (!runner)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "run QEMU");
    runner->vm = runner->notices.vm = plan->vm;
    runner->debug_exit = abx_parts_find(plan->parts, ABX_DEVICE_DEBUG_EXIT) != NULL;
    runner->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    abx_status status = allocate(runner, plan);
    if (status != ABX_OK)
        goto no_memory;
    int error = abx_condition_init(&runner->news);
    status = error ? abx_fail(abx_status_of_errno(error), error, NULL, "run QEMU") : ABX_OK;
    if (status != ABX_OK)
        goto no_memory;
    status = abx_ready_open(&runner->stop_request);
    if (status != ABX_OK)
        goto no_request;
    status = abx_qmp_new(&runner->qmp, plan->qmp_fd, abx_notices_take, &runner->notices);
    if (status != ABX_OK)
        goto no_qmp;
    runner->notices.qmp = runner->qmp;
    status = begin(runner, plan);
    if (status == ABX_OK) {
        *out = runner;
        return ABX_OK;
    }
    abx_qmp_free(runner->qmp);
no_qmp:
    abx_ready_close(&runner->stop_request);
no_request:
    pthread_cond_destroy(&runner->news);
no_memory:
    free_memory(runner);
    return status;
}

abx_qmp *abx_runner_qmp(abx_runner *runner)
{
    return runner->qmp;
}

/* Called with the lock held. False when the stage was not reached in time. */
static bool reach(abx_runner *runner, stage least, abx_deadline deadline)
{
    bool in_time = true;
    while (runner->stage < least && in_time)
        in_time = abx_deadline_wait(&runner->news, &runner->lock, deadline);
    return runner->stage >= least;
}

bool abx_runner_wait(abx_runner *runner, int timeout_ms, abx_ending *ending)
{
    abx_deadline deadline = abx_deadline_in(timeout_ms);
    pthread_mutex_lock(&runner->lock);
    bool exited = reach(runner, EXITED, deadline);
    if (exited)
        *ending = runner->ending;
    pthread_mutex_unlock(&runner->lock);
    return exited;
}

abx_status abx_runner_cpu_time(abx_runner *runner, uint64_t *nanoseconds)
{
    static const char operation[] = "get QEMU's CPU time";
    pthread_mutex_lock(&runner->lock);
    bool alive = runner->stage == ALIVE;
    int error = alive ? abx_process_cpu_time(&runner->process, nanoseconds) : 0;
    pthread_mutex_unlock(&runner->lock);
    if (!alive)
        return abx_fail(ABX_ERR_STATE, 0, "QEMU has ended.", "%s", operation);
    return error ? abx_fail(abx_status_of_errno(error), error, NULL, "%s", operation) : ABX_OK;
}

/* Called with the lock held. */
static void request_stop(abx_runner *runner)
{
    if (!runner->stopping)
        abx_ready_raise(&runner->stop_request);
    runner->stopping = true;
}

void abx_runner_stop(abx_runner *runner, int patience_ms)
{
    pthread_mutex_lock(&runner->lock);
    request_stop(runner);
    pthread_mutex_unlock(&runner->lock);
    bool told = patience_ms > 0 && abx_qmp_tell(runner->qmp, "quit");

    abx_deadline deadline = abx_deadline_in(told ? patience_ms : 0);
    pthread_mutex_lock(&runner->lock);
    if (!reach(runner, EXITED, deadline) && runner->stage == ALIVE)
        abx_process_kill(&runner->process);
    while (runner->stage < REPORTED)
        pthread_cond_wait(&runner->news, &runner->lock);
    pthread_mutex_unlock(&runner->lock);
}

void abx_runner_free(abx_runner *runner)
{
    if (!runner)
        return;
    abx_runner_stop(runner, 0);
    pthread_join(runner->thread, NULL);
    close(abx_qmp_fd(runner->qmp));
    abx_qmp_free(runner->qmp);
    abx_ready_close(&runner->stop_request);
    pthread_cond_destroy(&runner->news);
    free_memory(runner);
}
