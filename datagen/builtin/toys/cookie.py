from datagen.builtin.legacy_food import FOOD

make = FOOD["cookie"]
