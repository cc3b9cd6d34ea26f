"""The algebra of questions: sets, what is said of them, and the values that are asked for.

Every node is a frozen dataclass with its type, its SPARQL pattern and its sentence side by side. Nothing here knows a
word of a question; nothing outside knows how a question becomes SPARQL.
"""
