"""What a message says: characters, entities, n-grams, fingerprints.

The way of a text, each step a pure function::

    normalise   →  what a reader sees, and what had to be undone to see it
    entities    →  links, amounts, codes, … replaced by type tokens
    ngrams      →  hashed character and word n-grams of the masked text
    fingerprint →  its exact and its near-duplicate key
    analysis    →  everything about the words that no sender and no model can change
"""
