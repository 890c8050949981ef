"""The resolver's own process: only this package uses pip and pip-tools, and nothing else imports it."""
