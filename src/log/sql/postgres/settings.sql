SELECT origin, zone, clock, current_setting('server_encoding') FROM log.settings
