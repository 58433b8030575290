"""Access: how a program shows who it is by a signature, and how often it may ask."""
