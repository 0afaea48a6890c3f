"""What comparisons with Keras are made with: the oracle, and tables of names and signatures."""
