"""Live pages: a graph whose leaves move in the browser, while everything that follows from them is computed again.

names       one name per value; numbers in few characters
callers     what the caller calls its values, and the lines that computed them
scopes      the code of a frame: what computed, and what it read
movable     what `draw` keeps of a graph for its page
table       the graph as rows, and where its boxes stand
branches    the comparisons that Python made on the way, where they were watched
outdated    whether values still follow from their operands
page        the page: table, printed rules of the primitives in use, style and script
model.js    the rows and their two passes; picture.js draws them, inputs.js moves them, curves.js plots them, start.js begins;
            whole.js shows both passes at once, where `stepping` brings no steps
"""
