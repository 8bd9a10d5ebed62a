"""Towns that people name as their own, and how far apart they are. Nobody's position is needed."""

from __future__ import annotations

from adaptive.places.gazetteer import Gazetteer, Place, distance_km, load_gazetteer

__all__ = ["Gazetteer", "Place", "distance_km", "load_gazetteer"]
