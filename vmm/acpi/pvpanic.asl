/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* pvpanic, vmm/devices/pvpanic.h. */
DefinitionBlock ("pvpanic.aml", "SSDT", 2, "ARCBOX", "ABXPANIC", 1)
{
    Scope (\_SB)
    {
        Device (PEVT)
        {
            Name (_HID, "QEMU0001")
            Name (_STA, 0x0F)
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x0505, 0x0505, 0, 1)
            })
        }
    }
}
