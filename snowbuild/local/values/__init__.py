"""What all parts speak in: names, results, definitions, tokens, privileges."""
