/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The power button, a control method device, and the event device that tells of it: vmm/devices/ged.h. */
DefinitionBlock ("ged.aml", "SSDT", 2, "ARCBOX", "ABXGED  ", 1)
{
    Scope (\_SB)
    {
        Device (PWRB)
        {
            Name (_HID, EisaId ("PNP0C0C"))
        }
        Device (GED0)
        {
            Name (_HID, "ACPI0013")
            Name (_UID, 0)
            Name (_CRS, ResourceTemplate ()
            {
                Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 12 }
            })
            Method (_EVT, 1, Serialized)
            {
                Notify (PWRB, 0x80) /* it was pressed: ACPI 6.5, 4.8.2.2.1.2 */
            }
        }
    }
}
