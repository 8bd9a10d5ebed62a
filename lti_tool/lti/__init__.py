"""The LTI 1.3 Advantage protocol; the only room that imports pylti1p3."""
