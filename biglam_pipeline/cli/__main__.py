"""`python -m biglam_pipeline.cli`."""

from biglam_pipeline.cli import main

main()
