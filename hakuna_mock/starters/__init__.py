"""Starter files for other projects, as `hakuna-mock init` writes them."""
