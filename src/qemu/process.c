/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "process.h"
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* All that the child needs, ready before it exists: it shares our memory until it calls exec. */
typedef struct plan {
    const char *path;
    char *const *argv;
    const int *fds;
    size_t count;
    pid_t parent;
    int null_fd;
    int output_fd;
    int report_fd; /* takes the errno of what failed; closed by exec */
} plan;

/* A handler of ours would run in the child as soon as it takes signals again. (The C library keeps some signals to
 * itself, and tells nothing of them.) */
static bool drop_handlers(void)
{
    for (int number = 1; number <= SIGRTMAX; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0)
            continue;
        bool handled = (action.sa_flags & SA_SIGINFO) || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
        if (!handled)
            continue;
        action = (struct sigaction){ .sa_handler = SIG_DFL };
        if (sigaction(number, &action, NULL) != 0)
            return false;
    }
    return true;
}

static bool keep_only(const int *fds, size_t count)
{
    /* Ours are all close-on-exec. A kernel before 5.11 lets through what the embedding program has left open. */
    if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) != 0 && errno != ENOSYS && errno != EINVAL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (fcntl(fds[i], F_SETFD, 0) != 0)
            return false;
    }
    return true;
}

static bool prepare_child(const plan *p)
{
    sigset_t none;
    if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return false;
    /* The parent may have died before the kernel knew that it matters. */
    if (getppid() != p->parent) {
        errno = ESRCH;
        return false;
    }
    if (dup2(p->null_fd, STDIN_FILENO) < 0 || dup2(p->output_fd, STDOUT_FILENO) < 0 ||
        dup2(p->output_fd, STDERR_FILENO) < 0 || !keep_only(p->fds, p->count))
        return false;
    return drop_handlers() && sigemptyset(&none) == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static _Noreturn void become(const plan *p)
{
    if (prepare_child(p))
        execv(p->path, p->argv);
    int failure = errno;
    if (write(p->report_fd, &failure, sizeof(failure)) != (ssize_t)sizeof(failure))
        _exit(126);
    _exit(127);
}

/*
 * Not fork: that would make the kernel copy the page tables of all guests in this process and write-protect their
 * memory. A function of its own, so that no local variable of the caller lives across the double return.
 */
static __attribute__((noinline)) pid_t split(const plan *p)
{
    pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */
    if (pid == 0)
        become(p);
    return pid;
}

/* Makes the child. No signal handler may run in it while it shares our memory. Returns 0 or an errno. */
static int launch(plan *p, pid_t *pid)
{
    sigset_t all;
    sigset_t old;
    sigfillset(&all);
    int error = pthread_sigmask(SIG_SETMASK, &all, &old);
    if (error)
        return error;
    p->parent = getpid();
    *pid = split(p);
    error = *pid < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return error;
}

static void collect(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

/* What the child reports: an errno, and then it is gone; or nothing, and then it has become the program. */
static int hear(int report_fd, pid_t pid)
{
    int failure = 0;
    ssize_t length;
    do
        length = read(report_fd, &failure, sizeof(failure));
    while (length < 0 && errno == EINTR);
    if (length == 0)
        return 0;
    if (length < 0)
        kill(pid, SIGKILL);
    collect(pid);
    return length == (ssize_t)sizeof(failure) ? failure : EIO;
}

static bool is_our_child(int pid_fd)
{
    siginfo_t info;
    return waitid(P_PIDFD, (id_t)pid_fd, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/*
 * Opens what tells of the process's end. Where the embedding program ignores or collects all children, a short-lived
 * one may be gone by now and its number somebody else's: then the report's pipe stands in, which tells of an end for
 * ever.
 */
static int watch(pid_t pid, int report_fd, int *pid_fd)
{
    *pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (*pid_fd >= 0 && is_our_child(*pid_fd)) {
        close(report_fd);
        return 0;
    }
    if (*pid_fd >= 0)
        close(*pid_fd);
    else if (errno != ESRCH)
        return errno;
    *pid_fd = report_fd;
    return 0;
}

static int start(plan *p, abx_process *process, const int report[2])
{
    p->report_fd = report[1];
    int error = launch(p, &process->pid);
    close(report[1]);
    if (error)
        goto failed;
    error = hear(report[0], process->pid);
    if (error)
        goto failed;
    error = watch(process->pid, report[0], &process->pid_fd);
    if (!error)
        return 0;
    kill(process->pid, SIGKILL);
    collect(process->pid);
failed:
    close(report[0]);
    return error;
}

static int spawn(plan *p, abx_process *process)
{
    int output[2];
    int report[2];
    int error = abx_open_pipe(output);
    if (error)
        return error;
    p->output_fd = output[1];
    process->output_fd = output[0];
    p->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (p->null_fd < 0 || fcntl(output[0], F_SETFL, O_NONBLOCK) != 0)
        error = errno;
    if (!error)
        error = abx_open_pipe(report);
    if (!error)
        error = start(p, process, report);
    if (p->null_fd >= 0)
        close(p->null_fd);
    close(output[1]);
    if (error)
        close(output[0]);
    return error;
}

abx_status abx_process_spawn(abx_process *process, const char *path, char *const argv[], const int *fds, size_t count)
{
    plan p = { .path = path, .argv = argv, .fds = fds, .count = count };
    abx_process fresh = { .output_fd = -1, .pid_fd = -1 };
    int error = spawn(&p, &fresh);
    if (error)
        return abx_fail(abx_status_of_errno(error), error, NULL, "run %s", path);
    *process = fresh;
    return ABX_OK;
}

void abx_process_kill(const abx_process *process)
{
    syscall(SYS_pidfd_send_signal, process->pid_fd, SIGKILL, NULL, 0);
}

int abx_process_cpu_time(const abx_process *process, uint64_t *nanoseconds)
{
    clockid_t clock;
    struct timespec time;
    int error = clock_getcpuclockid(process->pid, &clock);
    if (error)
        return error;
    if (clock_gettime(clock, &time) != 0)
        return errno;
    *nanoseconds = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
    return 0;
}

abx_process_end abx_process_wait(abx_process *process)
{
    abx_process_end end = { ABX_PROCESS_UNKNOWN, 0 };
    siginfo_t info = { 0 };
    int result;
    do
        result = waitid(P_PIDFD, (id_t)process->pid_fd, &info, WEXITED);
    while (result != 0 && errno == EINTR);
    if (result == 0) {
        end.how = info.si_code == CLD_EXITED ? ABX_PROCESS_EXITED : ABX_PROCESS_KILLED;
        end.code = info.si_status;
    }
    close(process->pid_fd);
    close(process->output_fd);
    *process = (abx_process){ .output_fd = -1, .pid_fd = -1 };
    return end;
}
