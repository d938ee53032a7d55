"""Readers: from the chart to readings of facts.

`generic` follows the rules of the fact files; the others know one hard thing each and work with
the concepts of their family file in mappings/facts/.
"""
