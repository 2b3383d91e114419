/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The serial port, vmm/devices/serial.h. */
DefinitionBlock ("serial.aml", "SSDT", 2, "ARCBOX", "ABXSER  ", 1)
{
    Scope (\_SB)
    {
        Device (COM1)
        {
            Name (_HID, EisaId ("PNP0501"))
            Name (_UID, 0)
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x03F8, 0x03F8, 0, 8)
                Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 4 }
            })
        }
    }
}
