"""The doctor: is everything there that the program needs, does it fit, and does the service run? It mends nothing."""

from sync.doctor.catalogue import CATALOGUE, Entry, Severity, Symptom
from sync.doctor.examining import document, examine

__all__ = ["CATALOGUE", "Entry", "Severity", "Symptom", "document", "examine"]
