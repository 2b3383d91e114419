/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What every machine has: soft off, sleep type 0. */
DefinitionBlock ("dsdt.aml", "DSDT", 2, "ARCBOX", "ABXDSDT ", 1)
{
    Name (\_S5, Package (4) { 0, 0, 0, 0 })
}
