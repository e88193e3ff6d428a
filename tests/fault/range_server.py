"""Files of a folder over HTTP, with ranges: range_server.py FOLDER PORT-FILE

PORT-FILE gets the port on 127.0.0.1 when it listens.  "?stop=N" behind a path
ends the connection after N bytes of the body.
"""
import http.server
import os
import re
import sys
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        stop = urllib.parse.parse_qs(url.query).get("stop")
        path = os.path.join(sys.argv[1], os.path.basename(url.path))
        try:
            with open(path, "rb") as f:
                data = f.read()
        except OSError:
            self.send_error(404)
            return
        first, status = 0, 200
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted:
            first, status = int(wanted[1]), 206
        self.close_connection = True
        if first >= len(data) and wanted:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(data)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range",
                             f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - first))
        self.send_header("Connection", "close")
        self.end_headers()
        last = len(data) if stop is None else first + int(stop[0])
        self.wfile.write(data[first:last])

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write(str(server.server_port))
server.serve_forever()
