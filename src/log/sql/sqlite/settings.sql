SELECT origin, zone, clock FROM settings
