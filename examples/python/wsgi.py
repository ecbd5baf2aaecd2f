"""An app with what the hooks call: its health, and the switch that turns it on and off."""

state = {"online": False}


def application(environ, start_response):
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    status, body = "200 OK", "hello from " + environ["SERVER_SOFTWARE"]
    if path == "/health":
        body = '{"status":"UP"}'
    elif path == "/_HB_.php":
        if query in ("service=online", "service=offline"):
            state["online"] = query == "service=online"
        elif not state["online"]:
            status = "404 Not Found"
        body = "online" if state["online"] else "offline"
    start_response(status, [("Content-Type", "text/plain")])
    return [body.encode()]
