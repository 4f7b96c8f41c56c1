"""`oddgen validate`: is a dataset or a shape cache what it says it is? (docs/validate.md)"""
