"""The form: what stands on a screen, how it is filled in and read, whoever it is shown to."""
