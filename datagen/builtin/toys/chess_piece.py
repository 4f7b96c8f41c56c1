from datagen.builtin.legacy_things import THINGS

make = THINGS["chess_piece"]
