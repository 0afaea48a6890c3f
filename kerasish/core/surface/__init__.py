"""What users see of modules and objects: public names, former names, reprs, advice."""
