"""The solid a shape stands for, and how it would break."""
