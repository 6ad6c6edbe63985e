"""The playground: a page in which students write Values, with the whole library in the browser. `autograd-lite play` serves it.

sketch      the text that a student writes: its inputs, and what it computes
session     what the page asks of the library, in the browser: texts and numbers in, JSON out
runtime     Pyodide, the Python for browsers: found, checked, kept
site        the page's files, with the library as one archive
server      the files on 127.0.0.1, for nobody else
page/       the page: index.html, its style and scripts; worker.js runs Python, frame.html shows pages of the library
templates/  texts to begin with

`sketch` and `session` run in the browser; nothing here runs a student's text in a Python of the machine that serves the page.
"""
