"""Segmentation, embedding, keyword and vector search and their fusion. Knows texts, not RDF or questions."""
