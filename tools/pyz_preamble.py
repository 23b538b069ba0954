"""What `emk.pyz` runs first; the loader of the file puts `site_packages` among the names of this module."""

from emkcli.one_file import check

check(globals()["site_packages"])
