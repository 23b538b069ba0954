"""Where an export may be written: files of this machine, storage that fsspec knows, one tar stream, encrypted with age."""
