/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "model_test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void (*message)(void) = objc_msgSend;

static void run_in_child(void (*function)(void), int output)
{
    const struct rlimit no_core = { 0, 0 };
    signal(SIGABRT, SIG_DFL);
    setrlimit(RLIMIT_CORE, &no_core);
    dup2(output, STDERR_FILENO);
    function();
    _exit(0);
}

void assert_dies(void (*function)(void), const char *text)
{
    int ends[2], status;
    char said[2048] = "";
    size_t size = 0;
    assert_return_code(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_in_child(function, ends[1]);
    close(ends[1]);
    ssize_t count;
    while (size < sizeof said - 1 && (count = read(ends[0], said + size, sizeof said - 1 - size)) > 0)
        size += (size_t)count;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!strstr(said, "model: ") || !strstr(said, text))
        fail_msg("expected '%s', status %#x, said '%s'", text, (unsigned)status, said);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

void assert_nothing_alive(void)
{
    assert_string_equal(model_alive(), "");
}

id send0(id receiver, const char *selector)
{
    return ((id(*)(id, SEL))message)(receiver, sel_registerName(selector));
}

id send1(id receiver, const char *selector, id argument)
{
    return ((id(*)(id, SEL, id))message)(receiver, sel_registerName(selector), argument);
}

id send2(id receiver, const char *selector, id first, id second)
{
    return ((id(*)(id, SEL, id, id))message)(receiver, sel_registerName(selector), first, second);
}

uint64_t ask(id receiver, const char *selector)
{
    return ((uint64_t(*)(id, SEL))message)(receiver, sel_registerName(selector));
}

bool ask_bool(id receiver, const char *selector)
{
    return ((BOOL(*)(id, SEL))message)(receiver, sel_registerName(selector));
}

bool ask_error(id receiver, const char *selector, id *error)
{
    return ((BOOL(*)(id, SEL, id *))message)(receiver, sel_registerName(selector), error);
}

void set_number(id receiver, const char *selector, uint64_t value)
{
    ((void (*)(id, SEL, uint64_t))message)(receiver, sel_registerName(selector), value);
}

id class_object(const char *name)
{
    return (id)objc_getClass(name);
}

id make(const char *name)
{
    return send0(send0(class_object(name), "alloc"), "init");
}

id make_with(const char *name, const char *initialiser, id argument)
{
    return send1(send0(class_object(name), "alloc"), initialiser, argument);
}

id string(const char *text)
{
    return send1(class_object("NSString"), "stringWithUTF8String:", (id)(uintptr_t)text);
}

id file_url(const char *path)
{
    return send1(class_object("NSURL"), "fileURLWithPath:", string(path));
}

id array_of(id object)
{
    return ((id(*)(id, SEL, const id *, uint64_t))message)(class_object("NSArray"),
                                                           sel_registerName("arrayWithObjects:count:"), &object, 1);
}

long error_code(id error)
{
    return (long)ask(error, "code");
}

static char files[16][32];
static size_t file_count;

static void remove_files(void)
{
    while (file_count)
        unlink(files[--file_count]);
}

const char *file_of(size_t size)
{
    if (!file_count)
        atexit(remove_files);
    char *path = files[file_count++];
    strcpy(path, "/tmp/abx-model-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_return_code(ftruncate(fd, (off_t)size), 0);
    close(fd);
    return path;
}

id good_configuration(void)
{
    id configuration = make("VZVirtualMachineConfiguration");
    id loader = make_with("VZLinuxBootLoader", "initWithKernelURL:", file_url("/proc/self/exe"));
    send1(configuration, "setBootLoader:", loader);
    objc_release(loader);
    set_number(configuration, "setCPUCount:", 2);
    set_number(configuration, "setMemorySize:", UINT64_C(256) << 20);
    return configuration;
}

void rig_begin_with(rig *r, id configuration)
{
    r->configuration = configuration;
    r->queue = dispatch_queue_create("test", NULL);
    r->machine = send2(send0(class_object("VZVirtualMachine"), "alloc"), "initWithConfiguration:queue:", configuration,
                       (id)(void *)r->queue);
    assert_non_null(r->machine);
}

void rig_begin(rig *r)
{
    r->pool = objc_autoreleasePoolPush();
    rig_begin_with(r, good_configuration());
}

void rig_end(rig *r)
{
    objc_release(r->machine);
    objc_release(r->configuration);
    dispatch_release(r->queue);
    objc_autoreleasePoolPop(r->pool);
    assert_nothing_alive();
}

static void note(void *block, id error, id unused)
{
    handler *h = *(handler **)(void *)((char *)block + offsetof(handler, block.handler));
    (void)unused;
    h->code = error ? error_code(error) : 0;
    dispatch_semaphore_signal(h->called);
}

static void note_connection(void *block, id connection, id error)
{
    handler *h = *(handler **)(void *)((char *)block + offsetof(handler, block.handler));
    h->code = error ? error_code(error) : 0;
    h->connected = connection ? dup((int)ask(connection, "fileDescriptor")) : -1;
    dispatch_semaphore_signal(h->called);
}

static const struct {
    unsigned long reserved, size;
    const char *signature;
} descriptor = { 0, sizeof(((handler *)0)->block), "v16@?0@8" },
  connection_descriptor = { 0, sizeof(((handler *)0)->block), "v24@?0@8@16" };

static void begin(handler *h, void (*invoke)(void *, id, id), const void *described)
{
    enum { HAS_SIGNATURE = 1 << 30 };
    *h = (handler){ .called = dispatch_semaphore_create(0), .connected = -1 };
    h->block.isa = _NSConcreteStackBlock;
    h->block.flags = HAS_SIGNATURE;
    h->block.invoke = invoke;
    h->block.descriptor = described;
    h->block.handler = h;
}

void handler_begin(handler *h)
{
    begin(h, note, &descriptor);
}

void handler_begin_connection(handler *h)
{
    begin(h, note_connection, &connection_descriptor);
}

long handler_wait(handler *h)
{
    dispatch_semaphore_wait(h->called, DISPATCH_TIME_FOREVER);
    dispatch_release(h->called);
    return h->code;
}

typedef struct job {
    rig *rig;
    void (*work)(rig *r);
    const char *selector;
    handler *handler;
    int64_t state;
} job;

static void run_job(void *context)
{
    job *j = context;
    j->work(j->rig);
}

void on_queue(rig *r, void (*work)(rig *r))
{
    job j = { .rig = r, .work = work };
    dispatch_sync_f(r->queue, &j, run_job);
}

static void read_state(void *context)
{
    job *j = context;
    j->state = (int64_t)ask(j->rig->machine, "state");
}

int64_t state_of(rig *r)
{
    job j = { .rig = r };
    dispatch_sync_f(r->queue, &j, read_state);
    return j.state;
}

static void send_operation(void *context)
{
    job *j = context;
    send1(j->rig->machine, j->selector, (id)(void *)&j->handler->block);
}

long operate(rig *r, const char *selector)
{
    handler h;
    handler_begin(&h);
    job j = { .rig = r, .selector = selector, .handler = &h };
    dispatch_sync_f(r->queue, &j, send_operation);
    return handler_wait(&h);
}

void assert_configuration_valid(id configuration)
{
    id error = NULL;
    assert_true(ask_error(configuration, "validateWithError:", &error));
    assert_null(error);
}

void assert_configuration_invalid(id configuration, const char *text)
{
    id error = NULL;
    assert_false(ask_error(configuration, "validateWithError:", NULL));
    assert_false(ask_error(configuration, "validateWithError:", &error));
    assert_int_equal(error_code(error), 2);
    assert_non_null(strstr((const char *)send0(send0(error, "localizedDescription"), "UTF8String"), text));
}
