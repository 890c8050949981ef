"""What clients see: HTTP, the JSON around answers, running statements, Snowflake's numbers and words for errors."""
