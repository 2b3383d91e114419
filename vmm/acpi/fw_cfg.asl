/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* fw_cfg, vmm/devices/fw_cfg.h. */
DefinitionBlock ("fw_cfg.aml", "SSDT", 2, "ARCBOX", "ABXFWCFG", 1)
{
    Scope (\_SB)
    {
        Device (FWCF)
        {
            Name (_HID, "QEMU0002")
            Name (_STA, 0x0B)
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x0510, 0x0510, 0, 12)
            })
        }
    }
}
