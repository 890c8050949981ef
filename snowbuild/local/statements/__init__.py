"""The statements that are carried out here; everything else is fakesnow's."""
