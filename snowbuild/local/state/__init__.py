"""Everything apart from tables: functions, stages, databases, warehouses, and what the channel offers."""
