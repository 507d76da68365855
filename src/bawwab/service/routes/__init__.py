"""The endpoints, grouped as callers think of them; each module gives its operations."""
