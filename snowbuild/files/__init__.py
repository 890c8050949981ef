"""Files and folders: listed, digested, packed, and written whole or not at all."""
