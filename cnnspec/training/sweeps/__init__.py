"""Many trainings of one spec: each is the command `cnnspec train` with its own settings, in a folder of its own."""
