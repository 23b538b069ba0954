"""One analyte in time: which results it is made of, where they can be compared, and its picture."""
