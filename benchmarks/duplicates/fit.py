"""Fits the weights of ``index/duplicates/model.toml`` on labelled year pairs. ``python -m benchmarks.duplicates.fit DEV``"""
