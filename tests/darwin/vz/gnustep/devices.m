/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Configurations: bags of properties, as they are in Virtualization.framework. */
#import "devices.h"

static long alive;

long machine_objects(void)
{
    return __atomic_load_n(&alive, __ATOMIC_RELAXED);
}

@implementation Counted
+ (id)allocWithZone:(NSZone *)zone
{
    __atomic_add_fetch(&alive, 1, __ATOMIC_RELAXED);
    return [super allocWithZone:zone];
}
- (void)dealloc
{
    __atomic_sub_fetch(&alive, 1, __ATOMIC_RELAXED);
    [super dealloc];
}
@end

#define SETTER(name, variable)                                                                                         \
    -(void)name : (id)value                                                                                            \
    {                                                                                                                  \
        id copy = [value retain];                                                                                      \
        [variable release];                                                                                            \
        variable = copy;                                                                                               \
    }

@implementation VZLinuxBootLoader
- (id)initWithKernelURL:(NSURL *)url
{
    if (![url isFileURL])
        [NSException raise:NSInvalidArgumentException format:@"the kernel is no file"];
    if ((self = [super init]))
        kernel = [url copy];
    return self;
}
SETTER(setCommandLine, commandLine)
SETTER(setInitialRamdiskURL, ramdisk)
- (void)dealloc
{
    [kernel release];
    [commandLine release];
    [ramdisk release];
    [super dealloc];
}
@end

@implementation VZGenericMachineIdentifier
- (id)init
{
    return [self initWithDataRepresentation:[NSData dataWithBytes:"a machine" length:9]];
}
- (id)initWithDataRepresentation:(NSData *)representation
{
    if ((self = [super init]))
        data = [representation copy];
    return self;
}
- (NSData *)dataRepresentation
{
    return data;
}
- (void)dealloc
{
    [data release];
    [super dealloc];
}
@end

@implementation VZGenericPlatformConfiguration
SETTER(setMachineIdentifier, identifier)
- (void)dealloc
{
    [identifier release];
    [super dealloc];
}
@end

@implementation VZFileHandleSerialPortAttachment
- (id)initWithFileHandleForReading:(NSFileHandle *)input fileHandleForWriting:(NSFileHandle *)output
{
    if ((self = [super init])) {
        reading = [input retain];
        writing = [output retain];
    }
    return self;
}
- (void)dealloc
{
    [reading release];
    [writing release];
    [super dealloc];
}
@end

@implementation VZSerialPortConfiguration
SETTER(setAttachment, attachment)
- (void)dealloc
{
    [attachment release];
    [super dealloc];
}
@end

@implementation VZVirtioConsoleDeviceSerialPortConfiguration
@end

@implementation VZConsolePortConfiguration
SETTER(setAttachment, attachment)
- (void)dealloc
{
    [attachment release];
    [super dealloc];
}
@end

@implementation VZVirtioConsolePortConfiguration
SETTER(setName, name)
- (void)setIsConsole:(BOOL)value
{
    isConsole = value;
}
- (void)dealloc
{
    [name release];
    [super dealloc];
}
@end

@implementation VZVirtioConsolePortConfigurationArray
- (id)init
{
    if ((self = [super init]))
        list = [[NSMutableArray alloc] init];
    return self;
}
- (void)setMaximumPortCount:(uint32_t)count
{
    most = count;
}
- (void)setObject:(VZVirtioConsolePortConfiguration *)port atIndexedSubscript:(NSUInteger)index
{
    [list insertObject:port atIndex:index];
}
- (BOOL)isFull
{
    return [list count] == most;
}
- (void)dealloc
{
    [list release];
    [super dealloc];
}
@end

@implementation VZVirtioConsoleDeviceConfiguration
- (id)init
{
    if ((self = [super init]))
        ports = [[VZVirtioConsolePortConfigurationArray alloc] init];
    return self;
}
- (VZVirtioConsolePortConfigurationArray *)ports
{
    return ports;
}
- (void)dealloc
{
    [ports release];
    [super dealloc];
}
@end

@implementation VZVirtioEntropyDeviceConfiguration
@end
@implementation VZVirtioTraditionalMemoryBalloonDeviceConfiguration
@end
@implementation VZVirtioSocketDeviceConfiguration
@end

@implementation VZVirtualMachineConfiguration
+ (NSUInteger)minimumAllowedCPUCount
{
    return 1;
}
+ (NSUInteger)maximumAllowedCPUCount
{
    return 8;
}
+ (uint64_t)minimumAllowedMemorySize
{
    return 4 << 20;
}
+ (uint64_t)maximumAllowedMemorySize
{
    return 1ul << 34;
}
- (void)setCPUCount:(NSUInteger)count
{
    cpus = count;
}
- (void)setMemorySize:(uint64_t)size
{
    memory = size;
}
SETTER(setBootLoader, loader)
SETTER(setPlatform, platform)
SETTER(setSerialPorts, ports)
SETTER(setConsoleDevices, consoles)
SETTER(setEntropyDevices, entropy)
SETTER(setMemoryBalloonDevices, balloons)
SETTER(setSocketDevices, sockets)
- (BOOL)validateWithError:(NSError **)error
{
    BOOL valid = loader && cpus >= 1 && cpus <= 8 && memory % (1 << 20) == 0;
    NSUInteger i;
    for (i = 0; i < [consoles count]; i++)
        valid = valid && [[[consoles objectAtIndex:i] ports] isFull];
    if (!valid && error)
        *error = machine_error(2, @"The configuration is invalid.");
    return valid;
}
- (BOOL)hasSocketDevice
{
    return [sockets count] > 0;
}
- (void)dealloc
{
    [loader release];
    [platform release];
    [ports release];
    [consoles release];
    [entropy release];
    [balloons release];
    [sockets release];
    [super dealloc];
}
@end
