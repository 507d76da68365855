"""Adapters: state in memory, log in SQL, models on disk."""
