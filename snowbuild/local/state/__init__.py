"""What is there besides tables: functions, stages, databases, warehouses, and what the channel offers."""
