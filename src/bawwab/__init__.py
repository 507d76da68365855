"""bawwab: a doorkeeper for business messages."""
