"""Offline evaluation: `run` asks, `score` judges, `compare` explains. Run as `python -m eval …`; the product never imports it."""
