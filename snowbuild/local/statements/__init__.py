"""The statements that are executed here; everything else is left to fakesnow."""
