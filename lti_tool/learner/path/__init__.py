"""The module "My learning path": short lessons chosen by need and by what is mastered already."""
