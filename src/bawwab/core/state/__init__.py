"""The four state primitives, and the bundles that are built of them."""
