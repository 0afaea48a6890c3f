"""What a training run will cost, from the program of one step."""
