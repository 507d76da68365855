"""The simulated platform, and the trial that runs the real gate inside it."""
