from datagen.builtin.legacy_things import THINGS

make = THINGS["light_bulb"]
