"""From messages and reports to a champion."""
