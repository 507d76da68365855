"""The compiled model: text weights and lookup tables in, a probability and its parts out."""
