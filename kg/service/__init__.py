"""The service: a page for analysts, a JSON API for programs, a SPARQL endpoint for everyone, on one port.

One process speaks HTTP and never queries; worker processes hold the graph, are killed at their time limit and
replaced, and a writer process builds. See docs/service.md.
"""
