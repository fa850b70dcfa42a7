"""Reads pictures on which objects are marked, as COCO, YOLO, Pascal VOC and VIA write them: one picture is one row."""

from biglam_pipeline.normalize.formats.coco.kind import Coco

__all__ = ["Coco"]
