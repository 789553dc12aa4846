"""Everything a user can do, one file per noun, plain functions. Read this folder first.

The only place that imports the rooms which need torch or faiss, and only inside the functions.
"""
