"""Keeps a folder of files up to date with a registry's results at the service, as `svar pull`."""
