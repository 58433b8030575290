"""The checks: what a definition may not say, and how it proves itself."""
