"""A reader of sheaf corpora, and a small writer, from sheaf-1.md alone.

Each module is a section or two of formats/sheaf/sheaf-1.md, which the numbers
[S-n] refer to.  Nothing here is taken from the C library: the two hold each
other, and the document, to account.
"""
