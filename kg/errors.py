"""Errors a user can mend: one clear line in Chinese that names the file, the place and the remedy."""


class KgError(Exception):
    """The thing asked for failed (exit code 1); the message is for the user."""


class StorageError(KgError):
    """The place of the data is at fault: full, read-only, gone or damaged. Nothing was changed."""
