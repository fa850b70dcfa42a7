"""What does a record of a descriptive vocabulary say, in canonical columns? For whichever format holds one."""
