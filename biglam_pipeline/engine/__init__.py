"""Where slices are worked: `map_slices(function, tasks)`, today by the processes of this machine."""
