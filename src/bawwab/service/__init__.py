"""The imperative shell: HTTP, clocks, keys, settings, start and stop."""
