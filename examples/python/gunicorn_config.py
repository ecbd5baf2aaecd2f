import os

# One process: the switch is in its memory.
workers = 1
bind = ["0.0.0.0:" + os.environ[port] for port in ("PORT_HTTP", "PORT_MANAGE")]
