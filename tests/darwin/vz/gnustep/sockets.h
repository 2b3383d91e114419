/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The socket device, on the model's queues and blocks. */
#import "devices.h"

typedef struct dispatch_queue_s *dispatch_queue_t;
void model_queue_async(dispatch_queue_t queue, void *context, void (*work)(void *));
void model_queue_assert(dispatch_queue_t queue, const char *member);
void model_queue_retain(dispatch_queue_t queue);
void dispatch_release(void *object);
void dispatch_sync_f(dispatch_queue_t queue, void *context, void (*work)(void *));
void *model_block_keep(const void *block, const char *signature);
void model_block_drop(void *block);
void model_block_call2(void *block, id first, id second);

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
