"""The data sets that have a name, one file each, whose `ENTRY` it is: a new one is a new file here."""
