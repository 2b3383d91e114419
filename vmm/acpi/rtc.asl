/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The clock, vmm/devices/rtc.h. */
DefinitionBlock ("rtc.aml", "SSDT", 2, "ARCBOX", "ABXRTC  ", 1)
{
    Scope (\_SB)
    {
        Device (RTC0)
        {
            Name (_HID, EisaId ("PNP0B00"))
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x0070, 0x0070, 0, 2)
            })
        }
    }
}
