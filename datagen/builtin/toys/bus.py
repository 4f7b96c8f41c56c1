from datagen.builtin.legacy_vehicles import VEHICLES

make = VEHICLES["bus"]
