"""Alerts: which places somebody should look at, by the rules of the catalogue."""

from jingtu.engine.alerting.detection import detect
from jingtu.engine.alerting.signals import Signal, sentence

__all__ = ["Signal", "detect", "sentence"]
