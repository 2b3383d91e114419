/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#import <Foundation/Foundation.h>

#include "machine.h"

NSError *machine_error(long code, NSString *text);

/* Counts its instances. */
@interface Counted : NSObject
@end

@interface VZLinuxBootLoader : Counted {
    NSURL *kernel, *ramdisk;
    NSString *commandLine;
}
@end
@interface VZGenericMachineIdentifier : Counted {
    NSData *data;
}
- (id)initWithDataRepresentation:(NSData *)representation;
@end
@interface VZGenericPlatformConfiguration : Counted {
    id identifier;
}
@end
@interface VZFileHandleSerialPortAttachment : Counted {
    NSFileHandle *reading, *writing;
}
@end
@interface VZSerialPortConfiguration : Counted {
    id attachment;
}
@end
@interface VZVirtioConsoleDeviceSerialPortConfiguration : VZSerialPortConfiguration
@end
@interface VZConsolePortConfiguration : Counted {
    id attachment;
}
@end
@interface VZVirtioConsolePortConfiguration : VZConsolePortConfiguration {
    NSString *name;
    BOOL isConsole;
}
@end
@interface VZVirtioConsolePortConfigurationArray : Counted {
    NSMutableArray *list;
    uint32_t most;
}
- (BOOL)isFull;
@end
@interface VZVirtioConsoleDeviceConfiguration : Counted {
    VZVirtioConsolePortConfigurationArray *ports;
}
- (VZVirtioConsolePortConfigurationArray *)ports;
@end
@interface VZVirtioEntropyDeviceConfiguration : Counted
@end
@interface VZVirtioTraditionalMemoryBalloonDeviceConfiguration : Counted
@end
@interface VZVirtioSocketDeviceConfiguration : Counted
@end
@interface VZVirtualMachineConfiguration : Counted {
    NSUInteger cpus;
    uint64_t memory;
    id loader, platform, ports, consoles, entropy, balloons, sockets;
}
- (BOOL)validateWithError:(NSError **)error;
- (BOOL)hasSocketDevice;
@end
