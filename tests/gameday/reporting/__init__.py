"""Tests of judging and of the reports."""
