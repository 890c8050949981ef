"""User-defined functions: a worker process for each definition, with its own environment."""
