/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtio device, vmm/virtio/mmio.h. The numbers that begin with 0x5A are replaced for each device (tables.c). */
DefinitionBlock ("virtio.aml", "SSDT", 2, "ARCBOX", "ABXVIRT ", 1)
{
    Scope (\_SB)
    {
        Device (VR00)
        {
            Name (_HID, "LNRO0005")
            Name (_UID, 0x5A000001)
            Name (_CCA, 1)
            Name (_CRS, ResourceTemplate ()
            {
                Memory32Fixed (ReadWrite, 0x5A000002, 0x00000200)
                Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) { 0x5A000003 }
            })
        }
    }
}
