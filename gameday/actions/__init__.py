"""The ways in which an operator's own action is done and taken back, one file each."""
