"""Tables by columns: what each distinct cell comes to is worked out once; rows made one by one say what is right."""
