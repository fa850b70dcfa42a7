"""The formats: one file each, none imports another. Their closed list: `biglam_pipeline.normalize`."""
