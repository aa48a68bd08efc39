"""Practice sheets in every format, one file each: `render(worksheet, key=...)`."""
