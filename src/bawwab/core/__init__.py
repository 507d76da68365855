"""The pure heart: values in, values out; no clock, no chance, no I/O, no framework."""
