"""Contracts: the vocabularies and rules that data must obey before it is loaded."""
