/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtual machine as an Objective-C programmer would write it, on the model's queues and blocks. */
#import "devices.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct dispatch_queue_s *dispatch_queue_t;
void model_queue_async(dispatch_queue_t queue, void *context, void (*work)(void *));
void model_queue_assert(dispatch_queue_t queue, const char *member);
void model_queue_retain(dispatch_queue_t queue);
void dispatch_release(void *object);
void dispatch_sync_f(dispatch_queue_t queue, void *context, void (*work)(void *));
void *model_block_keep(const void *block, const char *signature);
void model_block_drop(void *block);
void model_block_call2(void *block, id first, id second);

enum { STOPPED, RUNNING, PAUSED, ERROR };

@protocol VZVirtualMachineDelegate
@optional
- (void)guestDidStopVirtualMachine:(id)machine;
- (void)virtualMachine:(id)machine didStopWithError:(NSError *)error;
@end
@protocol VZVirtioSocketListenerDelegate
- (BOOL)listener:(id)listener shouldAcceptNewConnection:(id)connection fromSocketDevice:(id)device;
@end

@interface VZVirtioSocketConnection : Counted {
    int descriptor;
}
- (id)initWithDescriptor:(int)fd;
@end
@interface VZVirtioSocketListener : Counted {
@public
    id delegate; /* weak */
}
@end
@interface VZVirtioSocketDevice : Counted {
@public
    dispatch_queue_t queue;
    VZVirtioSocketListener *listener;
    uint32_t port;
}
@end
@interface VZVirtualMachine : Counted {
@public
    id configuration, delegate, device;
    dispatch_queue_t queue;
    long state;
}
@end

NSError *machine_error(long code, NSString *text)
{
    return [NSError errorWithDomain:@"VZErrorDomain"
                               code:code
                           userInfo:[NSDictionary dictionaryWithObject:text forKey:NSLocalizedDescriptionKey]];
}

@implementation VZVirtioSocketConnection
- (id)initWithDescriptor:(int)fd
{
    if ((self = [super init]))
        descriptor = fd;
    return self;
}
- (int)fileDescriptor
{
    return descriptor;
}
- (uint32_t)sourcePort
{
    return 4321;
}
- (void)dealloc
{
    close(descriptor);
    [super dealloc];
}
@end

@implementation VZVirtioSocketListener
- (void)setDelegate:(id)it
{
    delegate = it;
}
@end

@implementation VZVirtioSocketDevice
/* The other end is thrown away: what is read is the end of file. */
- (void)connectToPort:(uint32_t)number completionHandler:(const void *)handler
{
    int ends[2];
    model_queue_assert(queue, "connectToPort:completionHandler:");
    void *kept = model_block_keep(handler, "v@?@@");
    if (number == 1 && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0) {
        close(ends[1]);
        model_block_call2(kept, [[[VZVirtioSocketConnection alloc] initWithDescriptor:ends[0]] autorelease], nil);
    } else {
        model_block_call2(kept, nil, [NSError errorWithDomain:NSPOSIXErrorDomain code:104 userInfo:nil]);
    }
    model_block_drop(kept);
}
- (void)setSocketListener:(VZVirtioSocketListener *)it forPort:(uint32_t)number
{
    model_queue_assert(queue, "setSocketListener:forPort:");
    [it retain];
    [listener release];
    listener = it;
    port = number;
}
- (void)removeSocketListenerForPort:(uint32_t)number
{
    model_queue_assert(queue, "removeSocketListenerForPort:");
    if (number == port) {
        [listener release];
        listener = nil;
    }
}
- (void)dealloc
{
    [listener release];
    [super dealloc];
}
@end

static VZVirtualMachine *last; /* not retained */
static long start_failure;

typedef struct operation {
    VZVirtualMachine *machine;
    void *block;
    long to, code;
} operation;

static void finish(void *context)
{
    operation *it = context;
    if (!it->code)
        it->machine->state = it->to;
    model_block_call2(it->block, it->code ? machine_error(it->code, @"The operation failed.") : nil, nil);
    model_block_drop(it->block);
    [it->machine release];
    free(it);
}

@implementation VZVirtualMachine
+ (BOOL)isSupported
{
    return YES;
}
/* With blocks and modern headers a queue is an object. */
- (id)initWithConfiguration:(VZVirtualMachineConfiguration *)it queue:(id)object
{
    if (![it validateWithError:NULL])
        [NSException raise:NSInvalidArgumentException format:@"the configuration is invalid"];
    if ((self = [super init])) {
        configuration = [it retain];
        queue = (dispatch_queue_t)(void *)object;
        model_queue_retain(queue);
        if ([it hasSocketDevice]) {
            device = [VZVirtioSocketDevice new];
            ((VZVirtioSocketDevice *)device)->queue = queue;
        }
        last = self;
    }
    return self;
}
- (void)setDelegate:(id)it
{
    model_queue_assert(queue, "setDelegate:");
    delegate = it;
}
- (NSInteger)state
{
    model_queue_assert(queue, "state");
    return state;
}
- (BOOL)canStart
{
    return [self state] == STOPPED || [self state] == ERROR;
}
- (BOOL)canPause
{
    return [self state] == RUNNING;
}
- (BOOL)canResume
{
    return [self state] == PAUSED;
}
- (BOOL)canStop
{
    return [self state] == RUNNING || [self state] == PAUSED;
}
- (BOOL)canRequestStop
{
    return [self state] == RUNNING;
}
- (NSArray *)socketDevices
{
    model_queue_assert(queue, "socketDevices");
    return device ? [NSArray arrayWithObject:device] : [NSArray array];
}
- (void)begin:(const void *)handler from:(BOOL)allowed to:(long)end failing:(long)code
{
    operation *it = malloc(sizeof *it);
    *it = (operation){ [self retain], model_block_keep(handler, "v@?@"), end, allowed ? code : 4 };
    model_queue_async(queue, it, finish);
}
- (void)startWithCompletionHandler:(const void *)handler
{
    [self begin:handler from:[self canStart] to:RUNNING failing:start_failure];
    start_failure = 0;
}
- (void)stopWithCompletionHandler:(const void *)handler
{
    [self begin:handler from:[self canStop] to:STOPPED failing:0];
}
- (void)pauseWithCompletionHandler:(const void *)handler
{
    [self begin:handler from:[self canPause] to:PAUSED failing:0];
}
- (void)resumeWithCompletionHandler:(const void *)handler
{
    [self begin:handler from:[self canResume] to:RUNNING failing:0];
}
- (BOOL)requestStopWithError:(NSError **)error
{
    if ([self canRequestStop]) {
        machine_power_off();
        return YES;
    }
    if (error)
        *error = machine_error(3, @"The machine does not run.");
    return NO;
}
- (void)dealloc
{
    [configuration release];
    [device release];
    dispatch_release(queue);
    last = last == self ? nil : last;
    [super dealloc];
}
@end

typedef struct end {
    VZVirtualMachine *machine;
    long code;
} end;

static void end_it(void *context)
{
    end *it = context;
    it->machine->state = it->code ? ERROR : STOPPED;
    id delegate = it->machine->delegate;
    if (it->code)
        [delegate virtualMachine:it->machine didStopWithError:machine_error(it->code, @"The guest failed.")];
    else
        [delegate guestDidStopVirtualMachine:it->machine];
    [it->machine release];
    free(it);
}

void machine_crash(long code)
{
    end *it = malloc(sizeof *it);
    *it = (end){ [last retain], code };
    model_queue_async(last->queue, it, end_it);
}

void machine_power_off(void)
{
    machine_crash(0);
}

void machine_fail_start(long code)
{
    start_failure = code;
}

typedef struct arrival {
    unsigned port;
    int result;
} arrival;

static void arrive(void *context)
{
    NSAutoreleasePool *pool = [NSAutoreleasePool new];
    arrival *it = context;
    VZVirtioSocketDevice *device = last->device;
    int ends[2];
    if (device->listener && device->port == it->port && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0) {
        id connection = [[VZVirtioSocketConnection alloc] initWithDescriptor:ends[0]];
        it->result = ends[1];
        if (![device->listener->delegate listener:device->listener
                        shouldAcceptNewConnection:connection
                                 fromSocketDevice:device]) {
            close(ends[1]);
            it->result = -1;
        }
        [connection release];
    }
    [pool release];
}

int machine_connect(unsigned port)
{
    arrival it = { port, -1 };
    dispatch_sync_f(last->queue, &it, arrive);
    return it.result;
}
