"""One file per format of tables, which `render`s a measured network; files that begin with `_` are shared by them."""
