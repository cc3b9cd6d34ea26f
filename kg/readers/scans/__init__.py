"""Pages without a text layer: their pictures → the same cells and lines that other readers give.

``pictures`` runs where files are read, and only asks for pages; ``process`` reads these in a process of its own with
limits of its own, and keeps what it read; ``ruling`` and ``recognise`` do it. Nothing heavy is imported before.
"""
