"""What do workbooks hold? XLSX, XLS and ODS: their sheets and rows, and what of them is odd."""
