"""The values that all parts share: names, results, definitions, tokens, privileges."""
