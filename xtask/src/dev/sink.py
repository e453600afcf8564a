"""A mail server for development: takes every mail on 127.0.0.1:<smtp port>, keeps it in <folder>, and shows them all, newest first,
on http://127.0.0.1:<page port>/. Nothing leaves this machine."""

import email
import email.policy
import html
import os
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

SMTP_PORT, PAGE_PORT, FOLDER = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
# No page of another site may read the mails through a name that it has pointed here.
HOSTS = {f"127.0.0.1:{PAGE_PORT}", f"localhost:{PAGE_PORT}"}
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Mails</title>
<style>body{{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}article{{border:1px solid #8888;border-radius:8px;padding:1rem;margin:1rem 0}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere}}dt{{font-weight:600;float:left;width:5rem}}:root{{color-scheme:light dark}}</style>
<h1>Mails</h1><p>{count} so far; this page looks again every five seconds.</p>{mails}</html>"""
MAIL = """<article><dl><dt>To</dt><dd>{to}</dd><dt>From</dt><dd>{sender}</dd><dt>Subject</dt><dd>{subject}</dd><dt>Taken</dt><dd>{taken}</dd></dl><pre>{text}</pre></article>"""


class Keep:
    async def handle_DATA(self, server, session, envelope):
        name = os.path.join(FOLDER, uuid.uuid4().hex)
        descriptor = os.open(name + ".part", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(envelope.original_content)
        os.rename(name + ".part", name + ".eml")
        return "250 2.0.0 kept"


def line(text):
    """Escaped, and a link if it is nothing but an address."""
    escaped = html.escape(text, quote=True)
    if text.startswith("https://") and not any(character.isspace() for character in text):
        return f'<a href="{escaped}" rel="noreferrer noopener" target="_blank">{escaped}</a>'
    return escaped


def article(path):
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    body = mail.get_body(preferencelist=("plain", "html"))
    text = body.get_content() if body else ""
    show = {"to": mail["to"], "sender": mail["from"], "subject": mail["subject"], "taken": time.ctime(os.path.getmtime(path))}
    escaped = {name: html.escape(str(value or ""), quote=True) for name, value in show.items()}
    return MAIL.format(text="\n".join(line(part) for part in text.splitlines()), **escaped)


def page():
    paths = [os.path.join(FOLDER, name) for name in os.listdir(FOLDER) if name.endswith(".eml")]
    paths.sort(key=os.path.getmtime, reverse=True)
    return PAGE.format(count=len(paths), mails="".join(article(path) for path in paths[:200]))


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.headers.get("Host") not in HOSTS:
            return self.answer(421, "This is another machine's mail.")
        if self.path != "/":
            return self.answer(404, "There is nothing here.")
        return self.answer(200, page())

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The page looks again every five seconds: that is nothing to tell."""


def main():
    os.makedirs(FOLDER, mode=0o700, exist_ok=True)
    pages = ThreadingHTTPServer(("127.0.0.1", PAGE_PORT), Pages)
    Controller(Keep(), hostname="127.0.0.1", port=SMTP_PORT).start()
    print(f"taking mail on 127.0.0.1:{SMTP_PORT}", flush=True)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    threading.Event().wait()


main()
