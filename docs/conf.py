"""The site: `python -m sphinx -W docs build/site`. What it is made of stands in docs/ and notebooks/, and in the docstrings."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from generated import as_mathml, as_restructured_text, as_signature, write_pages  # noqa: E402 - they stand beside this file
from sphinx.domains.python import PyObject  # noqa: E402
from whole import as_page, finish  # noqa: E402

from autograd_lite import __version__  # noqa: E402

project = "autograd_lite"
author = "The autograd_lite authors"
release = version = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["README.md"]
myst_enable_extensions = ["deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3  # links within a page, as repositories show them
nb_execution_mode = "off"  # notebooks are stored with their outputs, which a test holds to what they do
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_inherit_docstrings = False
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
maximum_signature_line_length = 100
toc_object_entries_show_parents = "hide"
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # attributes as a list, as some of them are properties with an entry of their own
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = f"autograd_lite {release}"
html_math_renderer = "mathml"  # which browsers know, so that a page needs no network
html_copy_source = False
html_show_sphinx = False
suppress_warnings = ["myst.header"]  # pages begin with one heading, and sections of a notebook with any


def setup(app):
    """Writes the pages that are made, before Sphinx looks for any."""
    write_pages(HERE)
    for field in PyObject.doc_field_types:
        field.label = {"Variables": "Attributes"}.get(str(field.label), field.label)
    app.add_html_math_renderer("mathml", (as_mathml, None), (as_mathml, None))
    app.connect("autodoc-process-signature", as_signature)
    app.connect("autodoc-process-docstring", as_restructured_text, priority=100)  # before napoleon
    app.add_css_file("pages.css")
    app.connect("source-read", as_page)
    app.connect("build-finished", finish)
