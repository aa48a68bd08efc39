"""A sweep for who runs it elsewhere, one file each: `render(name, commands, jobs)` returns a text."""
