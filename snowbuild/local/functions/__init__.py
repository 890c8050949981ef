"""User-defined functions: a worker process for each definition, in an environment of its own."""
