from datagen.builtin.legacy_tableware import TABLEWARE

make = TABLEWARE["bottle"]
