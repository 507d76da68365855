"""Commands of the command line, by what they work on; heavy libraries load when a command runs."""
