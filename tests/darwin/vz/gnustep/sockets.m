/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#import "sockets.h"

#include <sys/socket.h>
#include <unistd.h>

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
